"""Designs of draws for a Gaussian mean: a wider law with weights, and controls, whichever needs the fewest draws.

Normals of standard deviation `s >= 1` with the weights `s^d exp(-(s^2 - 1) |z|^2/2)` have the same mean, and as the
weights are bounded by `s^d`, no heavier tails: `E[exp(Z^2/3)]` has infinite variance under `s = 1` and bounded draws
under `s = 2`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.control_variates import Controls, fitted_controls
from numerics.statistics import Accumulator, ConfidenceSequence
from theory.errors import DomainError

__all__ = ["PLAIN", "Design", "cheapest_design", "settling_draws"]

_SPREADS = (1.0, 1.25, 1.6, 2.2)
_GAIN = 2.0  # a design with more parts must need so many times fewer draws
_TAIL = 8.0  # a sample of a heavy tail shows too little of it


@dataclass(frozen=True)
class Design:
    """Standard deviation of the normals that are drawn, and what is subtracted from the weighted values."""

    spread: float = 1.0
    controls: Controls | None = None

    def values(
        self, function: Callable[[NDArray[np.float64]], NDArray[np.float64]], z: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Values whose mean is that of the function at standard normals; `z`, (variables, draws), is standard normal.

        Examples
        --------
        >>> z = np.random.default_rng(0).standard_normal((1, 100_000))
        >>> round(float(Design(2.0).values(lambda x: np.exp(x[0] ** 2 / 3), z).mean()), 1)  # sqrt(3)
        1.7
        """
        wide = self.spread * z
        found = function(wide)
        if self.controls is not None:
            found = found - self.controls.values(wide)
        return found if self.spread == 1.0 else found * _weights(z, self.spread)


PLAIN = Design()


def _weights(z: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = spread ** len(z) * np.exp(-(spread * spread - 1) / 2 * (z * z).sum(axis=0))
    return weights


def cheapest_design(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    z: NDArray[np.float64],
    sequence: ConfidenceSequence,
    half_width: float,
    chunk: int,
    affordable: int,
) -> Design:
    """The design that a pilot sample `z` says needs the fewest draws for a settled interval of that half-width.

    The plain one if its interval is narrow after a chunk and settles within what is affordable, or if the function is
    not finite at the pilot.  The pilot must not be used again.
    """
    values, half = function(z), z.shape[1] // 2
    if not np.isfinite(values).all():
        return PLAIN
    settling = settling_draws(values, sequence)
    narrow = _narrowing_draws(values, sequence, half_width)
    if narrow <= chunk and settling <= affordable:
        return PLAIN
    best, least = PLAIN, max(narrow, settling)
    for spread in _SPREADS:
        wide, weights = spread * z, _weights(z, spread)
        with np.errstate(all="ignore"):  # what overflows is not finite, and left out
            found = function(wide)
        if not np.isfinite(found).all():
            continue
        for controls in (None, fitted_controls(wide, found, weights)):
            design = Design(spread, controls)
            if design in (PLAIN, best):
                continue
            needed = _draws_needed(design.values(function, z)[half:], sequence, half_width)
            if needed * _GAIN < least:
                best, least = design, needed
    return best


def _draws_needed(values: NDArray[np.float64], sequence: ConfidenceSequence, half_width: float) -> float:
    """Draws until the interval is that narrow and good enough to refute, judged by a sample."""
    return max(_narrowing_draws(values, sequence, half_width), settling_draws(values, sequence))


def _narrowing_draws(values: NDArray[np.float64], sequence: ConfidenceSequence, half_width: float) -> float:
    wanted = sequence.relative_half_width(int(sequence.target)) ** 2 * sequence.target
    with np.errstate(over="ignore"):  # an infinite variance needs infinitely many draws
        return wanted * float(values.var()) / half_width**2


def settling_draws(values: NDArray[np.float64], sequence: ConfidenceSequence) -> float:
    """Draws beyond which the skewness of the mean is surely negligible, judged by a sample; infinite if one overflows.

    Examples
    --------
    >>> z, sequence = np.random.default_rng(0).standard_normal(50_000), ConfidenceSequence()
    >>> settling_draws(z, sequence) < 10**4 < settling_draws(z**6, sequence)
    True
    """
    try:
        return _TAIL * sequence.settling_count(Accumulator.of(values))
    except DomainError:
        return math.inf

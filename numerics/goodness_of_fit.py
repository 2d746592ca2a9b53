"""Goodness of fit: an empirical distribution function against a stated one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.quantiles import distribution_band
from numerics.statistics import Outcome, needed
from theory.errors import DomainError

__all__ = ["Fit", "goodness_of_fit"]


@dataclass(frozen=True)
class Fit:
    """Distance of an empirical distribution function from the stated one.

    `distance` is the largest difference, at the draw `place`; `band` bounds what chance can do.
    """

    outcome: Outcome
    distance: float
    band: float
    place: float
    count: int


def goodness_of_fit(
    draws: ArrayLike,
    cdf: Callable[[np.ndarray], ArrayLike],
    resolution: float,
    *,
    alpha: float = 1e-9,
    envelope: float = 0.0,
    anytime: bool = True,
) -> Fit:
    """One-sample test of independent draws against a stated continuous distribution function.

    With D the Kolmogorov distance and w the band, FAILS iff D > w + envelope, HOLDS iff D + w <= resolution, otherwise
    UNDECIDED.  A true law FAILS with probability at most `alpha`: with `anytime` over all sizes of a growing sample at
    which one may look, otherwise at the one size that was fixed beforehand.

    Parameters
    ----------
    draws : independent draws, any shape.
    cdf : the stated distribution function, of an array.
    resolution, envelope : the difference that must be seen, and the one that is allowed; 0 <= envelope < resolution.

    Raises
    ------
    DomainError
        if the draws are not numbers, or `cdf` is not a distribution function on them.

    Examples
    --------
    >>> x = np.random.default_rng(0).random(40_000)
    >>> goodness_of_fit(x, lambda t: t, 0.05).outcome, goodness_of_fit(x, lambda t: t**1.2, 0.05).outcome
    (<Outcome.HOLDS: 'HOLDS'>, <Outcome.FAILS: 'FAILS'>)
    """
    needed(resolution, envelope)
    x = np.sort(np.asarray(draws, dtype=np.float64).ravel())
    if np.isnan(x).any():
        raise DomainError("the draws hold entries that are not numbers; drop or report those draws first")
    band = distribution_band(len(x), alpha, anytime=anytime)
    if not len(x):
        return Fit(Outcome.UNDECIDED, 0.0, band, float("nan"), 0)
    stated = np.asarray(cdf(x), dtype=np.float64)
    if not (np.all(stated >= -1e-9) and np.all(stated <= 1 + 1e-9) and np.all(np.diff(stated) >= -1e-9)):
        raise DomainError("a distribution function increases from 0 to 1; the stated one does not on the draws")
    ranks = np.arange(len(x) + 1) / len(x)
    gaps = np.maximum(np.abs(stated - ranks[:-1]), np.abs(ranks[1:] - stated))
    worst = int(np.argmax(gaps))
    distance = float(gaps[worst])
    outcome = Outcome.UNDECIDED
    if distance > band + envelope:
        outcome = Outcome.FAILS
    elif distance + band <= resolution:
        outcome = Outcome.HOLDS
    return Fit(outcome, distance, band, float(x[worst]), len(x))

"""Control variates for Gaussian means: polynomials of known mean zero that take most of the variance away."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Controls", "fitted_controls"]

_DEGREE = 4
_TERMS = 20
# Without a rest of it a polynomial would be constant, and a constant sample says nothing about its own spread.
_SHARE = 0.9


@dataclass(frozen=True)
class Controls:
    """A combination of Hermite products `prod_i He_(a_i)(z_i)`, `a != 0`: its mean over standard normals is 0.

    `powers` holds one multi-index `a` per row, `weights` one number each.
    """

    powers: NDArray[np.int64]
    weights: NDArray[np.float64]

    def values(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """The combination at the columns of `z`, an array of shape (variables, draws)."""
        return self.weights @ _features(z, self.powers)


def fitted_controls(
    z: NDArray[np.float64], values: NDArray[np.float64], weights: NDArray[np.float64] | float = 1.0
) -> Controls | None:
    """Controls fitted to the values of a function at points `z` of shape (variables, draws), of the given weights.

    Least squares on one half of the draws, judged on the other; None if less than half of the variance goes.
    The values are finite, and the fit must use draws of its own: then subtracting the controls changes no mean.

    Examples
    --------
    >>> z = np.random.default_rng(0).standard_normal((2, 4000))
    >>> fitted_controls(z, np.exp(z[0] + z[1] / 2)) is None, fitted_controls(z, np.sign(np.sin(40 * z[0]))) is None
    (False, True)
    """
    powers = np.array(list(_indices(len(z))), dtype=np.int64)
    half = z.shape[1] // 2
    weights = np.broadcast_to(weights, values.shape)
    columns = np.vstack([np.ones(half), weights[:half] * _features(z[:, :half], powers)])
    # The normal equations of a few columns cost a fraction of the columns; what they lose only moves the weights.
    found = np.linalg.lstsq(columns @ columns.T, columns @ (weights * values)[:half], rcond=None)[0]
    controls = Controls(powers, _SHARE * found[1:])
    rest = values[half:] - controls.values(z[:, half:])
    with np.errstate(over="ignore", invalid="ignore"):  # an infinite variance is not halved
        return controls if (weights[half:] * rest).var() < (weights * values)[half:].var() / 2 else None


def _features(z: NDArray[np.float64], powers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows `prod_i He_(a_i)(z_i)/sqrt(a_i!)`, one per multi-index."""
    hermite = [np.ones_like(z), z]
    for k in range(1, int(powers.max())):
        hermite.append(z * hermite[k] - k * hermite[k - 1])
    scaled = np.array([h / math.sqrt(math.factorial(k)) for k, h in enumerate(hermite)])
    factors = ([scaled[a, i] for i, a in enumerate(row) if a] for row in powers)
    return np.array([functools.reduce(np.multiply, row) for row in factors])


def _indices(variables: int) -> Iterator[tuple[int, ...]]:
    """Multi-indices of the largest degree up to four that has few of them, without zero."""
    degree = max(d for d in range(1, _DEGREE + 1) if d == 1 or math.comb(variables + d, d) <= _TERMS + 1)

    def below(left: int, places: int) -> Iterator[tuple[int, ...]]:
        if not places:
            yield ()
            return
        for first in range(left + 1):
            yield from ((first, *rest) for rest in below(left - first, places - 1))

    return (index for index in below(degree, variables) if any(index))

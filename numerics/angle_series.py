r"""Functions of a correlation as piecewise Chebyshev series in the angle $\theta = \arccos \rho$.

A dual activation is smooth in the angle up to its ends, where in the correlation it has roots and flat exponentials.
The coefficients come from values in pairs of doubles; as many equal parts of $[0, \pi]$ are taken as it needs for the
last coefficients to vanish and for the series to meet the function between its nodes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import arb
from numpy.typing import NDArray

from numerics.loops.angle import angle_series
from theory.balls import workprec

__all__ = ["chebyshev_pieces"]

_DEGREE = 17
_PARTS = (1, 2, 4, 8, 16, 32, 64)
_SMALL = 4e-16  # of the scale: what a coefficient that vanishes may be
_GAP = 2e-15  # of the scale: distance between the series and the function
_BITS = 160
Array = NDArray[np.float64]
# Correlations as pairs (high, low) to values and error bounds.
Values = Callable[[Array, Array], tuple[Array, Array]]


def chebyshev_pieces(values: Values, scale: float) -> Array | None:
    """Coefficients (part, degree + 1), or None where the largest number of parts does not suffice."""
    count = _DEGREE + 1
    odd = 2 * np.arange(count) + 1
    nodes = np.cos(np.pi * odd / (2 * count))
    # cos(n theta) at the nodes; reduced as integers, lest rounding of n theta shows in the last coefficients.
    transform = 2.0 / count * np.cos(np.pi * (np.outer(np.arange(count), odd) % (4 * count)) / (2 * count))
    transform[0] /= 2.0
    for parts in _PARTS:
        places = (np.arange(parts)[:, None] + (nodes + 1.0) / 2.0) / parts
        value, bound = values(*_cosines(places.ravel()))
        if not (bound <= 1e-17 * scale + 1e-300).all():
            return None
        coefficients = value.reshape(parts, -1) @ transform.T
        if np.abs(coefficients[:, -2:]).max() <= _SMALL * scale and _meets(coefficients, values, scale):
            return np.ascontiguousarray(coefficients)
    return None


def _meets(coefficients: Array, values: Values, scale: float) -> bool:
    """Whether the series agrees with the function between its nodes and next to the ends."""
    parts = len(coefficients)
    near = 2.0 ** -np.arange(2.0, 53.0)
    between = np.cos(np.pi * (np.arange(5 * parts) + 0.37) / (5 * parts))
    points = np.concatenate([between, 1.0 - near, near - 1.0, [1.0, -1.0, 0.0]])
    value, bound = values(points, np.zeros_like(points))
    found = np.empty_like(points)
    angle_series(coefficients, points, found)
    return bool((np.abs(found - value) + bound <= _GAP * scale).all())


def _cosines(places: Array) -> tuple[Array, Array]:
    """cos(pi t) as pairs."""
    high, low = np.empty_like(places), np.empty_like(places)
    with workprec(_BITS):
        for i, place in enumerate(places):
            value = (arb(float(place)) * arb.pi()).cos().mid()
            high[i] = float(value)
            low[i] = float((value - arb(high[i])).mid())
    return high, low

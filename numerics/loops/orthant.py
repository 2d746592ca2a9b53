"""Upper orthants of a standard Gaussian pair, P{X > h, Y > k}, in doubles: a sum of two positive integrals.

The orthant is a wedge with its apex at (h, k).  Seen from the origin it is the sum of what lies beyond its two sides,

    W(h, z) = h/(2 pi) exp(-h^2/2) int_z^oo exp(-x^2/2)/(h^2 + x^2) dx,   z = (k - r h)/sqrt(1 - r^2),

so that tails keep their relative accuracy.  `tables` holds Gauss-Legendre nodes and weights on [0, 1], as pairs.
"""

import math
from typing import Any

from numerics.loops.jit import kernel

UNIT = 1.2e-16  # a rounding error, with a little to spare
REACH = 40.0  # exp(-40) is below a rounding error
FAR = 1e18  # stands for infinity: densities and tails are 0 there, and products with them stay finite
SQRT_HALF = 0.7071067811865476


@kernel
def tail(h: float) -> float:
    """P{X > h}."""
    return 0.5 * math.erfc(h * SQRT_HALF)


@kernel
def score(h: float, k: float, r: float, same: int) -> float:
    """(k - r h)/sqrt(1 - r^2), where `same` is 1 for k = h, -1 for k = -h, else 0."""
    below, above = 1.0 - r, 1.0 + r
    top = (0.0 if same == 1 else k - h) + h * below if r >= 0.0 else (0.0 if same == -1 else k + h) - h * above
    width = math.sqrt(below * above)
    if width == 0.0:
        return 0.0 if top == 0.0 else math.copysign(FAR, top)
    return top / width


@kernel
def beyond(h: float, z: float, tables: Any) -> tuple[float, float]:
    """W(h, z) for h >= 0, z >= 0, and its error."""
    if z > 1e10 or h > 1e10:
        return 0.0, 0.0
    if h == 0.0:
        return (0.25 if z == 0.0 else 0.0), 0.0
    total = 0.0
    if z >= 1.0:
        length = math.sqrt(z * z + 2.0 * REACH) - z
        for i in range(tables[0].shape[0]):
            y = length * tables[0][i, 0]
            x = z + y
            total += tables[0][i, 2] * math.exp(-y * (z + 0.5 * y)) / (h * h + x * x)
        value = total * length * h * math.exp(-0.5 * (h * h + z * z)) / (2.0 * math.pi)
        return value, UNIT * value * (12.0 + 1.5 * (h * h + z * z))
    if h >= 1.0:
        for i in range(tables[1].shape[0]):
            x = z * tables[1][i, 0]
            total += tables[1][i, 2] * math.exp(-0.5 * x * x) / (h * h + x * x)
        inner = total * z * h * math.exp(-0.5 * h * h)
    else:
        for i in range(tables[1].shape[0]):
            x = z * tables[1][i, 0]
            y = 0.5 * (h * h + x * x)
            total -= tables[1][i, 2] * math.expm1(-y) / y
        inner = math.atan2(z, h) - 0.5 * h * z * total
    whole = tail(h)
    return 0.5 * whole - inner / (2.0 * math.pi), UNIT * whole * (5.0 + 1.5 * h * h)


@kernel
def side(h: float, z: float, tables: Any) -> tuple[float, float]:
    """W(h, z) for h >= 0 and any z, and its error."""
    if z >= 0.0:
        return beyond(h, z, tables)
    value, error = beyond(h, -z, tables)
    whole = tail(h)
    return whole - value, error + UNIT * whole * (5.0 + 1.5 * h * h)


@kernel
def positive_orthant(h: float, k: float, r: float, same: int, tables: Any) -> tuple[float, float]:
    """P{X > h, Y > k} for h, k >= 0, and its error."""
    if h == 0.0 and k == 0.0:
        return 0.25 + math.asin(r) / (2.0 * math.pi), 4.0 * UNIT
    if r == -1.0:
        return 0.0, 0.0
    first, e = side(h, score(h, k, r, same), tables)
    second, f = side(k, score(k, h, r, same), tables)
    return first + second, e + f + 2.0 * UNIT * (first + second)


@kernel
def orthant(h: float, k: float, r: float, same: int, tables: Any) -> tuple[float, float]:
    """P{X > h, Y > k} and its error; `same` tells whether k = h (1) or k = -h (-1) exactly."""
    if not (-1.0 <= r <= 1.0):
        return math.nan, math.inf
    if h < 0.0 and k < 0.0:
        value, error = positive_orthant(-h, -k, r, same, tables)
        return value + (1.0 - tail(-h) - tail(-k)), error + 4.0 * UNIT
    if h < 0.0:
        value, error = positive_orthant(-h, k, -r, -same, tables)
        return tail(k) - value, error + UNIT * tail(k) * (5.0 + 1.5 * k * k)
    if k < 0.0:
        value, error = positive_orthant(h, -k, -r, -same, tables)
        return tail(h) - value, error + UNIT * tail(h) * (5.0 + 1.5 * h * h)
    return positive_orthant(h, k, r, same, tables)

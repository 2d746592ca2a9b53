"""Upper orthants of a standard Gaussian pair, and normal tails, to about 30 digits: `orthant` on pairs of doubles."""

import math
from typing import Any

from numerics.loops.double_double import (
    INVERSE_HI,
    INVERSE_LO,
    Pair,
    add,
    angle,
    divide,
    exponential,
    inverse_sine,
    multiply,
    negative,
    root,
)
from numerics.loops.jit import kernel
from numerics.loops.orthant import FAR

FINE = 2.0**-98
REACH = 76.0
TWO_PI_INVERSE = (0.15915494309189535, -9.839338337591243e-18)
INVERSE_ROOT = (0.3989422804014327, -2.4923272022777433e-17)  # 1/sqrt(2 pi)


@kernel
def square_exponential(h: Pair) -> Pair:
    """exp(-h^2/2)."""
    square = multiply(h, h)
    return exponential((-0.5 * square[0], -0.5 * square[1]))


@kernel
def decay(z: Pair, h: Pair, lorentz: bool, tables: Any) -> Pair:
    """Integral of exp(-z y - y^2/2), over h^2 + (z + y)^2 if `lorentz`, over y > 0; z >= 1."""
    square = multiply(h, h)
    length = math.sqrt(z[0] * z[0] + 2.0 * REACH) - z[0]
    total = (0.0, 0.0)
    for i in range(tables[2].shape[0]):
        node, weight = (tables[2][i, 0], tables[2][i, 1]), (tables[2][i, 2], tables[2][i, 3])
        y = multiply(node, (length, 0.0))
        exponent = multiply(y, add(z, (0.5 * y[0], 0.5 * y[1])))
        term = multiply(weight, exponential(negative(exponent)))
        if lorentz:
            x = add(z, y)
            term = divide(term, add(square, multiply(x, x)))
        total = add(total, term)
    return multiply(total, (length, 0.0))


@kernel
def tail_pair(h: Pair, tables: Any) -> Pair:
    """P{X > h}."""
    if h[0] > 38.6:
        return 0.0, 0.0
    if h[0] < -1.0:
        return add((1.0, 0.0), negative(tail_pair(negative(h), tables)))
    if h[0] >= 1.0:
        return multiply(multiply(square_exponential(h), INVERSE_ROOT), decay(h, h, False, tables))
    square = multiply(h, h)
    square = (-0.5 * square[0], -0.5 * square[1])
    term, total = h, h
    for i in range(1, 28):
        term = multiply(multiply(term, square), (INVERSE_HI[i], INVERSE_LO[i]))
        total = add(total, multiply(term, (INVERSE_HI[2 * i + 1], INVERSE_LO[2 * i + 1])))
    return add((0.5, 0.0), negative(multiply(total, INVERSE_ROOT)))


@kernel
def decrement(y: Pair) -> Pair:
    """(1 - exp(-y))/y for 0 <= y <= 1."""
    term, total = (1.0, 0.0), (1.0, 0.0)
    for i in range(2, 30):
        term = negative(multiply(multiply(term, y), (INVERSE_HI[i], INVERSE_LO[i])))
        total = add(total, term)
    return total


@kernel
def score_pair(h: Pair, k: Pair, r: Pair, same: int) -> Pair:
    """(k - r h)/sqrt(1 - r^2)."""
    below, above = add((1.0, 0.0), negative(r)), add((1.0, 0.0), r)
    if r[0] >= 0.0:
        top = multiply(h, below)
        if same != 1:
            top = add(add(k, negative(h)), top)
    else:
        top = negative(multiply(h, above))
        if same != -1:
            top = add(add(k, h), top)
    width = root(multiply(below, above))
    if width[0] == 0.0:
        return (0.0 if top[0] == 0.0 else math.copysign(FAR, top[0])), 0.0
    return divide(top, width)


@kernel
def beyond_pair(h: Pair, z: Pair, tables: Any) -> tuple[Pair, float]:
    """W(h, z) for h >= 0, z >= 0, and its error."""
    zero = (0.0, 0.0)
    # Beyond 1e10 squares no longer fit, and the value is far below the smallest double.
    if z[0] > 1e10 or h[0] > 1e10:
        return zero, 0.0
    if h[0] == 0.0:
        return ((0.25 if z[0] == 0.0 else 0.0), 0.0), 0.0
    if z[0] >= 1.0:
        factor = multiply(multiply(square_exponential(h), square_exponential(z)), multiply(h, TWO_PI_INVERSE))
        if factor[0] == 0.0:
            return zero, 0.0
        value = multiply(factor, decay(z, h, True, tables))
        return value, FINE * value[0] * (20.0 + h[0] * h[0] + z[0] * z[0])
    square, total = multiply(h, h), zero
    for i in range(tables[3].shape[0]):
        node, weight = (tables[3][i, 0], tables[3][i, 1]), (tables[3][i, 2], tables[3][i, 3])
        x = multiply(z, node)
        sum_of_squares = add(square, multiply(x, x))
        if h[0] >= 1.0:
            term = divide(square_exponential(x), sum_of_squares)
        else:
            term = decrement((0.5 * sum_of_squares[0], 0.5 * sum_of_squares[1]))
        total = add(total, multiply(weight, term))
    total = multiply(total, multiply(z, h))
    if h[0] >= 1.0:
        inner = multiply(total, square_exponential(h))
    else:
        inner = add(angle(z, h), (-0.5 * total[0], -0.5 * total[1]))
    whole = tail_pair(h, tables)
    value = add((0.5 * whole[0], 0.5 * whole[1]), negative(multiply(inner, TWO_PI_INVERSE)))
    return value, FINE * whole[0] * (8.0 + h[0] * h[0])


@kernel
def side_pair(h: Pair, z: Pair, tables: Any) -> tuple[Pair, float]:
    """W(h, z) for h >= 0 and any z, and its error."""
    if z[0] >= 0.0:
        return beyond_pair(h, z, tables)
    value, error = beyond_pair(h, negative(z), tables)
    whole = tail_pair(h, tables)
    return add(whole, negative(value)), error + FINE * whole[0] * (8.0 + h[0] * h[0])


@kernel
def positive_orthant_pair(h: Pair, k: Pair, r: Pair, same: int, tables: Any) -> tuple[Pair, float]:
    """P{X > h, Y > k} for h, k >= 0, and its error."""
    if h[0] == 0.0 and k[0] == 0.0:
        return add((0.25, 0.0), multiply(inverse_sine(r), TWO_PI_INVERSE)), 4.0 * FINE
    if r[0] == -1.0 and r[1] == 0.0:
        return (0.0, 0.0), 0.0
    first, e = side_pair(h, score_pair(h, k, r, same), tables)
    second, f = side_pair(k, score_pair(k, h, r, same), tables)
    value = add(first, second)
    return value, e + f + 2.0 * FINE * value[0]


@kernel
def orthant_pair(h: Pair, k: Pair, r: Pair, same: int, tables: Any) -> tuple[Pair, float]:
    """P{X > h, Y > k} and its error; `same` tells whether k = h (1) or k = -h (-1) exactly."""
    if not (-1.0 <= r[0] <= 1.0):
        return (math.nan, 0.0), math.inf
    if h[0] < 0.0 and k[0] < 0.0:
        value, error = positive_orthant_pair(negative(h), negative(k), r, same, tables)
        rest = add(add((1.0, 0.0), negative(tail_pair(negative(h), tables))), negative(tail_pair(negative(k), tables)))
        return add(value, rest), error + 8.0 * FINE
    if h[0] < 0.0:
        value, error = positive_orthant_pair(negative(h), k, negative(r), -same, tables)
        whole = tail_pair(k, tables)
        return add(whole, negative(value)), error + FINE * whole[0] * (8.0 + k[0] * k[0])
    if k[0] < 0.0:
        value, error = positive_orthant_pair(h, negative(k), negative(r), -same, tables)
        whole = tail_pair(h, tables)
        return add(whole, negative(value)), error + FINE * whole[0] * (8.0 + h[0] * h[0])
    return positive_orthant_pair(h, k, r, same, tables)

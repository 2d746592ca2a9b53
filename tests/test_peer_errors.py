"""Inputs at which the kernels of Neural Tangents 0.6.5 (jax 0.5.3, float64) are wrong: ours against sixty digits.

Each case is one entry (i, j) of both kernels, of its `stax.serial` of depth - 1 times (Dense, activation) and a Dense,
as it printed it; it never meets the tolerance that ours meets.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from sympy import Rational, sqrt

import theory as th
from numerics.infinite_width import kernels
from theory.parsing import parse_expression
from theory.propagation.iteration import iterate

TOLERANCE = 1e-12  # of the scale sqrt(S_ii S_jj)
ROWS = [[1.0, 0.5, -0.25], [0.25, -1.125, 0.375], [1.0, 0.5, -0.125]]
NEAR = [[1.0, 2.0, 3.0], [1.0 + 2**-30, 2.0, 3.0]]
TENTHS = [[((37 * i + 11 * k + i * k * k) % 17 - 8) / 10 for k in range(10)] for i in range(3)]
SPREAD = [[((1009 * i + 733 * k + 17 * i * k * k) % 1013) / 500 - 1 for k in range(10)] for i in range(60)]


class Case(NamedTuple):
    """What was computed, what was printed, and the least error of either kernel relative to the scale, None if right.

    Not-a-number is an infinite error.
    """

    activation: str
    C_W: str
    rows: list[list[float]]
    depth: int
    place: tuple[int, int]
    printed: tuple[float, float]
    errors: tuple[float | None, float | None]


CASES = {
    # Two routes to one variance differ in the last bit, and a chaotic network takes equal inputs apart.
    "erf, chaotic, depth 101": Case(
        "erf(x)", "4", TENTHS, 101, (2, 2), (0.5708890503454215, 1844343864989031.8), (0.7, 0.9)
    ),
    "sin, chaotic, depth 101": Case(
        "sin(x)", "9/4", SPREAD, 101, (59, 59), (1.049632645364228, 64539485495.85244), (3e-6, 1e-7)
    ),
    "sin, more chaotic": Case("sin(x)", "4", SPREAD, 101, (35, 35), (math.inf, math.inf), (1.0, 1.0)),
    "relu, nearly equal": Case(
        "max(x, 0)", "25/16", NEAR, 11, (0, 1), (0.884435491031849, 7.805623672291075), (None, 1e-8)
    ),
    "relu, equal": Case("max(x, 0)", "25/16", NEAR, 11, (0, 0), (0.8844354909907628, 7.805623740604361), (None, 1e-9)),
    "Hermite(2)": Case(
        "(x^2 - 1)/sqrt(2)", "25/16", ROWS, 2, (0, 1), (0.09723030196295843, 0.16669090588887528), (0.03, 0.01)
    ),
    "Hermite(3)": Case(
        "(x^3 - 3*x)/sqrt(6)", "25/16", ROWS, 2, (0, 2), (0.6698838173135837, 2.492035269254335), (0.1, 0.05)
    ),
    "RectifiedMonomial(2), pair": Case("max(x, 0)^2", "25/16", ROWS, 3, (0, 1), (math.nan, math.nan), (1.0, 1.0)),
    "RectifiedMonomial(2), one": Case("max(x, 0)^2", "25/16", ROWS, 3, (1, 1), (math.nan, math.nan), (1.0, 1.0)),
    "ElementwiseNumerical, kink": Case(
        "max(x, 0)", "25/16", ROWS, 2, (0, 2), (0.6326700846362723, 1.1320907979403079), (1e-4, 0.01)
    ),
}


def exact(spec, rows, i, j, depth):
    """Both kernels of two rows from balls of sixty digits."""
    x, y = ([Rational(v) for v in rows[k]] for k in (i, j))
    products = [
        spec.C_W * sum(a * b for a, b in zip(*pair, strict=True)) / len(x) + spec.C_b
        for pair in ((x, x), (y, y), (x, y))
    ]
    state = iterate(spec, depth, *products[:2], products[2] / sqrt(products[0] * products[1]), digits=60)[-1]
    return float(state.q12), float(state.ntk12)


def misses(value, right, scale, tolerance):
    return not abs(value - right) <= tolerance * scale


@pytest.mark.parametrize("name", CASES)
def test_ours_is_right_where_the_peer_is_not(name):
    case = CASES[name]
    spec = th.NetworkSpec(th.Activation(parse_expression(case.activation)), C_W=Rational(case.C_W), C_b=Rational(1, 16))
    i, j = case.place
    mine = kernels(spec, case.rows, case.depth)
    right = exact(spec, case.rows, i, j, case.depth)
    for values, true, printed, error in zip(mine, right, case.printed, case.errors, strict=True):
        scale = math.sqrt(values[i, i] * values[j, j])
        assert not misses(values[i, j], true, scale, TOLERANCE)
        assert misses(values[i, j] + 1e-11 * scale, true, scale, TOLERANCE)
        assert misses(printed, true, scale, TOLERANCE if error is None else error) == (error is not None)


def test_a_polynomial_at_a_zero_input():
    # Its correlation with anything is 0/0, printed as not-a-number.
    spec = th.NetworkSpec(th.Activation(parse_expression("x + x^3")), C_W=Rational(25, 16))
    for values in kernels(spec, [ROWS[0], [0.0, 0.0, 0.0]], 2):
        assert values[0, 0] > 0
        assert (np.delete(values.ravel(), 0) == 0).all()

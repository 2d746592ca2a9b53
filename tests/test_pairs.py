"""Pairs of doubles, orthants and inverse functions of the kernels against balls."""

import math

import numpy as np
import pytest
from flint import acb, arb

from benchmarks.orthant_balls import Phi2_ball
from numerics.loops import double_double as pairs
from numerics.loops.elementary import fast_acos, fast_asin
from numerics.loops.orthant import orthant
from numerics.loops.orthant_pair import orthant_pair, tail_pair
from numerics.tape import quadrature_tables
from theory.balls import workprec

ONE = (1.0, 0.0)
FUNCTIONS = {
    "exponential": (pairs.exponential, lambda a: a.exp(), (-30.0, 30.0)),
    "logarithm": (pairs.logarithm, lambda a: a.log(), (0.1, 30.0)),
    "root": (pairs.root, lambda a: a.sqrt(), (0.0, 30.0)),
    "inverse_sine": (pairs.inverse_sine, lambda a: a.asin(), (-1.0, 1.0)),
    "angle": (lambda a: pairs.angle(a, ONE), lambda a: a.atan(), (0.0, 9.0)),
    "hyperbolic_sine": (pairs.hyperbolic_sine, lambda a: a.sinh(), (-5.0, 5.0)),
    "hyperbolic_cosine": (pairs.hyperbolic_cosine, lambda a: a.cosh(), (-5.0, 5.0)),
    "tail": (lambda a: tail_pair(a, quadrature_tables()), lambda a: (a / arb(2).sqrt()).erfc() / 2, (-4.0, 20.0)),
}


def total(pair):
    return arb(pair[0]) + arb(pair[1])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_pairs(name):
    function, ball, (low, high) = FUNCTIONS[name]
    generator = np.random.default_rng(1)
    with workprec(200):
        for a, b in zip(generator.uniform(low, high, 60), generator.uniform(-1, 1, 60), strict=True):
            argument = (float(a), float(a * b * 2.0**-54))
            exact = ball(total(argument))
            value = function(argument)
            assert abs(total(value) - exact) < arb("3e-29") * abs(exact)
            # One double is not a pair.
            assert not abs(arb(value[0]) * (1 + arb(2) ** -60) - exact) < arb("3e-29") * abs(exact)


def test_orthants():
    generator = np.random.default_rng(2)
    tables = quadrature_tables()
    with workprec(300):
        for i in range(120):
            h, k, r = (float(a) for a in generator.uniform(-1, 1, 3) * [4, 4, 1])
            if i % 3 == 0:
                r = math.copysign(1 - 10 ** generator.uniform(-9, -1), r)
            if i % 2 == 0:
                k = math.copysign(h, k)
            same = 1 if k == h else -1 if k == -h else 0
            exact = Phi2_ball(*(acb(arb(a)) for a in (-h, -k, r))).real
            value, error = orthant(h, k, r, same, tables)
            assert abs(arb(value) - exact) <= arb(error) + arb("1e-300")
            assert error < 1e-14
            pair, fine = orthant_pair((h, 0.0), (k, 0.0), (r, 0.0), same, tables)
            assert abs(total(pair) - exact) <= arb(fine) + arb("1e-300")
            assert fine < 1e-27


def test_orthant_at_the_ends():
    tables = quadrature_tables()
    assert orthant(0.5, 1.5, 1.0, 0, tables)[0] == pytest.approx(0.5 * math.erfc(1.5 / math.sqrt(2)), rel=1e-15)
    assert orthant(0.5, 0.5, 1.0, 1, tables)[0] == pytest.approx(0.5 * math.erfc(0.5 / math.sqrt(2)), rel=1e-15)
    assert orthant(0.5, 1.5, -1.0, 0, tables)[0] == 0
    assert math.isnan(orthant(0.5, 1.5, 1.1, 0, tables)[0])


def test_inverse_functions():
    near = 2.0 ** -np.arange(1.0, 53.0)
    points = np.concatenate([np.linspace(-1, 1, 400), 1 - near, near - 1, near])
    with workprec(100):
        for a in points:
            for function, exact in ((fast_asin, arb(a).asin()), (fast_acos, arb(a).acos())):
                assert abs(arb(function(a)) - exact) <= arb("4.5e-16") * abs(exact)
    assert math.isnan(fast_asin(1.0000001))
    assert math.isnan(fast_acos(-1.0000001))
    assert math.isnan(fast_acos(math.nan))
    assert fast_acos(1.0) == 0

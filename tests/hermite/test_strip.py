"""Bounds in a strip hold at sampled complex points; what is not proved is refused."""

import cmath
import math

import mpmath
import pytest
from sympy import (
    Abs,
    Integer,
    Rational,
    Symbol,
    asinh,
    atan,
    conjugate,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    gamma,
    im,
    lambdify,
    log,
    re,
    sin,
    sqrt,
    tan,
    tanh,
)  # fmt: skip

from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.growth import Growth
from theory.hermite.half_strip import growth_in_half_strip
from theory.hermite.profile import Profile
from theory.hermite.strip import Strip, log_gaussian_tail

x = Symbol("x", real=True)
START, HEIGHT = 8.0, 1.2

BOUNDED = [
    tanh(x), 1 / (1 + exp(-x)), log(1 + exp(x)), x * tanh(log(1 + exp(x))), log(cosh(x)), x * (1 + erf(x / sqrt(2))),
    tanh(x + x**3 / 20), sin(3 * x) / x, x * sin(x**2), atan(x) - asinh(x), sqrt(x**2 + 4) - x,
    exp(-(x**2)) * cos(3 * x),
    exp(-(x**4)), exp(exp(-(x**2))), log(x**2 + 1), (x**2 + 1) ** Rational(1, 3), exp(-sqrt(1 + x**2)), x**3 - 40 * x,
    exp(x**2 / 9 - x), erfc(x) * exp(x / 2), log(log(2 + exp(x))), sqrt(1 + exp(x)), exp(sqrt(x**2 + 1)),
    cosh(2 * x) / x,
    erf(x**2), 1 / (1 + x**2 / 16), log(1 + exp(x)) ** 2 - x**2, exp(-2 * x) * (1 + x) ** 5,
]  # fmt: skip


def violated(e, side, bound: Growth) -> bool:
    f = lambdify(x, e, "mpmath")
    with mpmath.workdps(40):
        for t in (8, 8.5, 10, 14, 22, 37):
            for y in (-1.2, -0.7, 0, 0.4, 1.2):
                value = abs(f(side * mpmath.mpc(t, y)))
                if value and mpmath.log(value) > bound.log_a + bound.b * t + bound.c * t * t + 1e-12:
                    return True
    return False


@pytest.mark.parametrize("e", BOUNDED, ids=str)
@pytest.mark.parametrize("side", [1, -1])
def test_growth_in_the_half_strip_is_a_bound(e, side):
    assert not violated(e, side, growth_in_half_strip(e, x, side, START, HEIGHT))


@pytest.mark.parametrize("e", [tanh(x), x**3, exp(x), exp(x**2 / 9), 1 / (1 + exp(-x))], ids=str)
def test_a_smaller_growth_is_violated(e):
    bound = growth_in_half_strip(e, x, 1, START, HEIGHT)
    assert violated(e, 1, bound._replace(log_a=bound.log_a - 1.5))


@pytest.mark.parametrize(
    "e", [exp(exp(x)), gamma(x), tan(x), 1 / sin(x), exp(x**3), 1 / (cos(x) + 1), log(sin(x))], ids=str
)
def test_growth_without_a_rule_is_refused(e):
    with pytest.raises(PrecisionError, match="no rule bounds"):
        growth_in_half_strip(e, x, 1, START, HEIGHT)


def strip(e, q=1) -> Strip:
    made = Strip(Profile(e, x, Integer(0), sqrt(Integer(q))))
    while made.rows[-1].top < 4 and made.grow():
        pass
    return made


@pytest.mark.parametrize(
    ("e", "q", "distance"),
    [
        (tanh(x), 1, math.pi / 2),
        (tanh(10 * x), 1, math.pi / 20),
        (1 / (1 + 25 * x**2), 1, 0.2),
        (tanh(x) / (1 + x**2 / 100), 1, math.pi / 2),
        (1 / (1 + exp(-x)), 30, math.pi / math.sqrt(30)),
        (log(1 + exp(x)), 1, math.pi),
        (x * tanh(log(1 + exp(x))), 1, 3 * math.pi / 4),
        (sqrt(x**2 + 4), 1, 2),
        (asinh(x), 4, 0.5),
        (1 / (1 + (x - 5) ** 2), 1, 1),
        (1 / (1 + (x + 30) ** 2), 1, 1),
        (1 / (2 + sin(x)), 1, math.log(2 + math.sqrt(3))),
    ],
    ids=str,
)
def test_the_strip_stays_below_the_singularity(e, q, distance):
    top = strip(e, q).rows[-1].top
    assert 0.5 * distance < top < distance


@pytest.mark.parametrize("e", [tanh(x), x / (1 + exp(-x)), exp(-(x**2)) * cos(3 * x)], ids=str)
def test_boxes_bound_the_function(e):
    f = lambdify(x, e, "mpmath")
    made = strip(e)
    for row in made.rows:
        for left, right, bound in row.boxes[::5]:
            for y in (row.bottom, (row.bottom + row.top) / 2, row.top):
                # A box split in height bounds its own part only: the largest bound above a place counts.
                above = max(b for a, c, b in row.boxes if a <= (left + right) / 2 <= c)
                assert float(mpmath.log(abs(f(mpmath.mpc((left + right) / 2, y))) + 1e-290)) <= above + 1e-9
                assert bound <= above


@pytest.mark.parametrize(
    "e", [Abs(x), re(tanh(x) * exp(2 * x)) + Abs(x), im(log(x)), conjugate(log(x)), log(x**2), sqrt(x**2)]
)
def test_functions_without_a_strip_are_refused(e):
    with pytest.raises((UnsupportedError, PrecisionError)):
        strip(e)


def test_tails_of_gaussian_integrals():
    g = Growth(0.3, 1.5, 0.05)
    with mpmath.workdps(30):
        for start in (0.5, 3.0, 9.0):
            true = mpmath.quad(lambda t: mpmath.exp(0.3 + 1.5 * t + 0.05 * t * t - t * t / 4), [start, 9, 20, 60])
            assert float(mpmath.log(true)) <= log_gaussian_tail(g, 0.25, start)
            assert float(mpmath.log(true)) > log_gaussian_tail(g._replace(log_a=-3), 0.25, start)
    assert log_gaussian_tail(Growth(0.0, 0.0, 0.25), 0.25, 5.0) == math.inf
    assert cmath.isfinite(log_gaussian_tail(Growth(0.0, 0.0, 0.2), 0.25, 5.0))

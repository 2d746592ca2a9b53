"""Balls of functions: every value of the function on the ball is inside, and poles and cuts are never missed."""

import random

import flint
import mpmath
import pytest
from flint import acb, arb
from sympy import (
    Abs,
    And,
    LambertW,
    Max,
    Min,
    Or,
    Piecewise,
    Rational,
    Symbol,
    acos,
    asin,
    asinh,
    atan,
    cosh,
    coth,
    erf,
    erfc,
    exp,
    lambdify,
    log,
    sign,
    sin,
    sinc,
    sqrt,
    tan,
    tanh,
    zeta,
)  # fmt: skip

from theory.balls import ball_function, workprec
from theory.errors import UnsupportedError
from theory.gaussian.functions import Phi2

x = Symbol("x", real=True)
FUNCTIONS = [
    exp(x) * sin(x) ** 3,
    tanh(3 * x) + erf(x) * erfc(-x),
    1 / (1 + exp(-x)),
    log(1 + exp(x)) + sqrt(x**2 + 1),
    asinh(x) * atan(2 * x),
    sin(x) / x,
    sinc(x) + cosh(x) ** -2,
    (x**2 + 2) ** Rational(5, 3),
    Max(x, x**2 - 1) - Min(x, 0) + Abs(x - 1) + sign(x + 3),
    Piecewise((x, And(x > -1, x < 1)), (x**2, Or(x > 3, x < -3)), (exp(-x), True)),
]


@pytest.mark.parametrize("e", FUNCTIONS)
def test_values_lie_in_the_ball(e):
    rng = random.Random(3)
    f, g = ball_function(e, [x]), lambdify(x, e, "mpmath")
    with workprec(100), mpmath.workdps(40):
        for _ in range(40):
            centre, radius = rng.uniform(-5, 5), 10 ** rng.uniform(-6, 0)
            ball = f([acb(arb(centre, radius))], False).real
            point = mpmath.mpf(centre) + mpmath.mpf(radius) * rng.uniform(-0.99, 0.99)
            value = mpmath.re(g(point))
            inside = arb(mpmath.nstr(value, 35)) + arb(0, 1e-30)
            assert ball.overlaps(inside)
            if ball.is_finite():
                assert not ball.overlaps(ball.upper() + ball.rad() + 1)


@pytest.mark.parametrize(
    ("e", "centre"),
    [
        (1 / x, 0),
        (tan(x), mpmath.pi / 2),
        (coth(x), 0),
        (log(x), -1),
        (sqrt(x), -2),
        (x ** Rational(1, 3), -1),
        (asin(x), 2),
        (acos(x), -1),
        (atan(x), 1j),
        (asinh(x), -2j),
        (LambertW(x), -1),
        (Abs(x), 0),
        (sign(x), 0),
        (Max(x, 0), 0),
        (Piecewise((x, x < 0), (1, True)), 0),
        (1 / (1 + exp(-x)), 1j * mpmath.pi),
    ],
)
def test_no_analytic_ball_across_a_singularity(e, centre):
    centre = mpmath.mpc(centre)
    z = acb(arb(float(centre.real), 0.1), arb(float(centre.imag), 0.1))
    assert not ball_function(e, [x])([z], True).is_finite()


@pytest.mark.parametrize("e", [tanh(x), atan(x), asinh(x), log(2 + x), asin(x), LambertW(x)])
def test_analytic_balls_away_from_singularities(e):
    z = acb(arb(0.3, 0.05), arb(0.2, 0.05))
    assert ball_function(e, [x])([z], True).is_finite()


def test_the_orthant_outside_its_domain_has_no_value():
    with workprec(80):
        assert not Phi2._ball(acb(1), acb(2), acb(2)).is_finite()
        assert Phi2._ball(acb(1), acb(2), acb(0.5)).is_finite()


def test_precision_is_restored():
    before = flint.ctx.prec
    with pytest.raises(ZeroDivisionError), workprec(321):
        1 / (flint.ctx.prec - 321)
    assert flint.ctx.prec == before


def test_a_function_without_enclosure_is_named():
    with pytest.raises(UnsupportedError, match="zeta"):
        ball_function(zeta(x), [x])

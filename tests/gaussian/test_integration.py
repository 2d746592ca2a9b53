"""Integration from the definition: the balls hold the true value, and what cannot be bounded is refused."""

import mpmath
import numpy as np
import pytest
from flint import arb
from independent_quadrature import pair_mean
from sympy import (
    Abs,
    Heaviside,
    I,
    LambertW,
    Max,
    Min,
    N,
    Piecewise,
    Rational,
    Symbol,
    asinh,
    atan,
    cosh,
    erfc,
    exp,
    lambdify,
    log,
    pi,
    sech,
    sin,
    sqrt,
    tan,
    tanh,
)  # fmt: skip

from theory.activations import Activation
from theory.balls import workprec
from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.integration import integrate_ball
from theory.gaussian.law import Gaussian

u, v = Symbol("u", real=True), Symbol("v", real=True)
KNOTS = [-40, -12, -6, -3, -1, 0, 1, 3, 6, 12, 40]

SINGLE = {
    "tanh squared": (tanh(u) ** 2, []),
    "silu": (u / (1 + exp(-u)), []),
    "softplus": (log(1 + exp(u)), []),
    "mish": (u * tanh(log(1 + exp(u))), []),
    "softsign": (u**2 / (1 + Abs(u)), []),
    "asinh": (asinh(u) * u, []),
    "tanh times step": (tanh(u) * Heaviside(u - Rational(1, 4)), [0.25]),
    "gelu tanh": (u * (1 + tanh(sqrt(2 / pi) * (u + Rational(44715, 10**6) * u**3))) / 2, []),
    "steep": (tanh(50 * u) ** 2, [-0.1, -0.03, 0.03, 0.1]),
    "oscillating": (sin(40 * u) ** 2 * atan(u) ** 2, [k / 4 for k in range(-40, 41)]),
    "growing": (exp(3 * u) * atan(u), []),
    "narrow bump": (exp(-100 * (u - 1) ** 2) * atan(u), [0.6, 0.8, 1.2, 1.4]),
    "poles near the line": (1 / (1 + 100 * u**2), [-0.3, -0.1, 0.1, 0.3]),
    "log cosh": (log(cosh(50 * u)), [-0.1, 0.1]),
    "sech": (sech(u), []),
    "double exponential": (exp(exp(-(u**2))), []),
    "scaled erfc": (Piecewise((exp(u**2) * erfc(u), u > 0), (1, True)), []),
    "close kinks": (
        Piecewise((1 / (2 + u), (u > Rational(1, 4)) & (u < Rational(16385, 65536))), (tanh(u), True)),
        [0.25, 16385 / 65536],
    ),
    "lambert": (Piecewise((LambertW(u), (u > 0) & (u < 3)), (0, True)), [3]),
    "kink far out": (Min(u, 10**6) + tanh(u) ** 2, []),
}


def truth(e, kinks, mean=0, variance=1):
    f, sd = lambdify(u, e, "mpmath"), mpmath.sqrt(variance)
    knots = sorted({*map(mpmath.mpf, KNOTS), *((mpmath.mpf(k) - mean) / sd for k in kinks)})
    return mpmath.quad(lambda z: f(mean + sd * z) * mpmath.npdf(z), knots)


def holds(ball, value, digits=24):
    """Does the ball hold a value that is itself correct to `digits` digits?"""
    gap = abs(mpmath.mpf(ball.mid().str(45, radius=False)) - value)
    return gap <= mpmath.mpf(ball.rad().str(10, radius=False)) + mpmath.mpf(10) ** -digits * abs(value)


@pytest.mark.parametrize("name", SINGLE)
def test_the_ball_holds_the_value(name):
    e, kinks = SINGLE[name]
    ball = integrate_ball(e, Gaussian(u), 25)
    assert ball.rad() <= abs(ball.mid()) * arb(10) ** -25
    with mpmath.workdps(32):
        value = truth(e, kinks)
        assert holds(ball, value)
        with workprec(140):
            assert not holds(ball * (1 + arb(10) ** -20), value)


@pytest.mark.parametrize(
    ("mean", "variance"), [(-5, 1), (3, Rational(1, 100)), (0, 100), (-2, 25), (Rational(1, 3), 2)]
)
def test_means_and_variances(mean, variance):
    ball = integrate_ball(log(1 + exp(u)), Gaussian(u, cov=variance, mean=[mean]), 22)
    with mpmath.workdps(32):
        centre, spread = (mpmath.mpf(Rational(s).p) / Rational(s).q for s in (mean, variance))
        assert holds(ball, truth(log(1 + exp(u)), [], centre, spread), 18)


PAIRS = {
    "rectifiers": (Max(u, 0) * Max(v, 0), 0),
    "bounded bump against growth": (1000 * Piecewise((1, Abs(u) < 1), (0, True)) * v**2, 0),
    "exponentials": (exp(2 * u) * exp(v), 0),
    "waves": (sin(9 * u) * sin(9 * v), 0),
    "sum of products": ((Max(u, 0) + u**2) * (v + Abs(v - 1)), 0),
}


@pytest.mark.parametrize("rho", [Rational(3, 10), Rational(-9, 10), Rational(99, 100)])
@pytest.mark.parametrize("name", PAIRS)
def test_pairs_meet_their_closed_form(name, rho):
    e, _ = PAIRS[name]
    law = Gaussian([u, v], corr=rho)
    closed = expect(e, law)
    assert not closed.has(GaussianExpectation)
    ball = integrate_ball(e, law, 20)
    with mpmath.workdps(32):
        value = mpmath.mpf(str(N(closed, 32)))
        assert holds(ball, value, 28)
        with workprec(140):
            assert not holds(ball * (1 + arb(10) ** -15), value, 28)


@pytest.mark.parametrize("e", [tanh(u), u / (1 + exp(-u)), log(1 + exp(u)), tanh(u) * Heaviside(u)])
def test_pairs_without_closed_form_agree_with_the_quadrature(e):
    f = lambdify(u, e, [{"Heaviside": lambda z, _=0.5: np.heaviside(z, 0.5)}, "numpy"])
    ball = integrate_ball(e * e.subs(u, v), Gaussian([u, v], corr=Rational(7, 10)), 20)
    assert abs(float(ball) - pair_mean(f, f, 0.7, kinks_f=[0], kinks_g=[0])) < 1e-13


def test_twenty_and_fifty_digits_agree():
    node = Activation(tanh(u), u).dual(Rational(3, 10))
    assert isinstance(node, GaussianExpectation)
    assert abs(N(node, 20) - N(node, 50)) < 1e-20
    assert str(N(node, 50)).startswith("0.11066838554744633328042")


def test_an_odd_function_is_zero_within_its_ball():
    ball = integrate_ball(tanh(u), Gaussian(u), 20)
    assert ball.contains(0)
    assert ball.rad() < 1e-39


@pytest.mark.parametrize(
    ("e", "message"),
    [
        (1 / u, "singularity"),
        (1 / u**2, "singularity"),
        (tan(u), "growth|singularity"),
        (exp(u**2) * atan(u), "infinite"),
        (exp(exp(u)), "growth"),
    ],
)
def test_what_cannot_be_bounded_is_refused(e, message):
    with pytest.raises(PrecisionError, match=message):
        integrate_ball(e, Gaussian(u), 15)


@pytest.mark.parametrize("e", [tanh(u * v), exp(I * u) * exp(-I * v), tanh(u) / (u + v)])
def test_what_is_not_a_real_separable_integrand_is_refused(e):
    with pytest.raises(UnsupportedError):
        integrate_ball(e, Gaussian([u, v], corr=Rational(1, 2)), 15)


def test_too_many_digits_are_refused():
    with pytest.raises(PrecisionError, match="400 digits"):
        integrate_ball(tanh(u) ** 2, Gaussian(u), 400)

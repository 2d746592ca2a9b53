"""Enclosures: the ball holds the value, digits are correct, zero is only claimed with a proof."""

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    CRootOf,
    E,
    EulerGamma,
    Float,
    Heaviside,
    LambertW,
    Max,
    N,
    Piecewise,
    Rational,
    S,
    Symbol,
    acos,
    asin,
    asinh,
    atan,
    cos,
    erf,
    erfc,
    erfi,
    exp,
    log,
    pi,
    sign,
    sin,
    sqrt,
    tanh,
    zeta,
)  # fmt: skip

from theory.enclosure import enclose, sign_of_number
from theory.errors import DomainError, PrecisionError, UnsupportedError
from theory.gaussian.functions import Phi2

x = Symbol("x")
THIRD = Rational(1, 3)
NUMBERS = [
    pi**2 / 7,
    E + EulerGamma,
    sqrt(2) - Rational(7, 5),
    exp(-pi) * log(3),
    sin(THIRD) * cos(THIRD) + atan(5),
    asin(THIRD) - acos(Rational(-2, 3)),
    asinh(-4) + tanh(THIRD),
    erf(THIRD) + erfc(3) + erfi(Rational(1, 2)),
    LambertW(2),
    Rational(2, 3) ** pi,
    (1 + sqrt(3)) ** Rational(-5, 3),
    Max(pi, 3) + sign(-E) + Heaviside(Rational(1, 5)),
    Piecewise((pi, pi > 3), (E, True)),
    exp(Rational(-700)),
    erfc(20),
    CRootOf(x**5 - x - 1, 0),
    CRootOf(x**3 - 3 * x + 1, 1) ** 2,
]


@pytest.mark.parametrize("e", NUMBERS)
@pytest.mark.parametrize("digits", [10, 40])
def test_the_ball_holds_the_value(e, digits):
    ball = enclose(e, digits)
    with mpmath.workdps(90):
        value = mpmath.mpf(str(N(e, 80)))
        gap = abs(mpmath.mpf(ball.mid().str(90, radius=False)) - value)
        radius = mpmath.mpf(ball.rad().str(15, radius=False))
        assert gap <= radius * (1 + mpmath.mpf(10) ** -10) + abs(value) * mpmath.mpf(10) ** -78
        assert radius <= abs(value) * mpmath.mpf(10) ** -digits
        assert not gap + abs(value) * mpmath.mpf(10) ** (-digits + 1) <= radius


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.fractions(-4, 4, max_denominator=30), st.fractions(-4, 4, max_denominator=30), st.integers(0, 40))
def test_cancellation_costs_no_digits(s, t, power):
    s, t = Rational(s.numerator, s.denominator), Rational(t.numerator, t.denominator)
    tiny = Rational(1, 10**power) * (t if t else 1)
    value = enclose(erf(s + 0) + tiny - erf(s), 20)
    assert value.overlaps(enclose(tiny, 30))


def test_zero_is_proved_or_left_open():
    assert sign_of_number(sqrt(2) * sqrt(3) - sqrt(6)) == 0
    assert sign_of_number(sqrt(2) - Rational(14142135623730950488, 10**19)) == 1
    assert sign_of_number(erf(1) + erf(2) - 1) == 1
    assert sign_of_number(Phi2(1, 2, THIRD) - 1) == -1
    assert sign_of_number(exp(pi) - exp(pi) * (sin(1) ** 2 + cos(1) ** 2)) is None


@pytest.mark.parametrize("e", [1 / S.Zero, log(S.Zero), S.NaN])
def test_no_finite_value(e):
    with pytest.raises((PrecisionError, UnsupportedError)):
        enclose(e, 10)


def test_free_symbols_and_unknown_functions_are_named():
    with pytest.raises(UnsupportedError, match="x is free"):
        enclose(x + 1)
    with pytest.raises(UnsupportedError, match="zeta"):
        enclose(zeta(S(3)), 10)
    with pytest.raises(DomainError, match="at least 1"):
        enclose(pi, 0)


def test_floats_are_read_as_decimals():
    assert enclose(Float("0.1"), 25).overlaps(enclose(Rational(1, 10), 30))

"""The special functions in which Hermite coefficients are written, against mpmath and against each other."""

from __future__ import annotations

import mpmath
import pytest
from flint import arb
from mpmath import mp
from sympy import (
    Integer,
    Rational,
    Sum,
    Symbol,
    besselk,
    expand,
    hermite_prob,
    lowergamma,
    oo,
    sqrt,
    symbols,
    uppergamma,
)

import theory as th
from theory.balls import workprec
from theory.hermite.confluent import kummer_m, tricomi_u
from theory.hermite.polynomials import hermite_at_zero, hermite_he, hermite_polynomial

x, v = symbols("x v", real=True)
n = Symbol("n", integer=True)


@pytest.mark.parametrize("degree", range(9))
@pytest.mark.parametrize("point", [Rational(2, 3), sqrt(2) / 3, -3 * sqrt(5), Integer(0)], ids=str)
@pytest.mark.parametrize("variance", [Integer(1), Rational(-2, 3), Integer(0), Rational(7, 2)], ids=str)
def test_every_road_to_a_value_gives_the_polynomial(degree, point, variance):
    polynomial = hermite_polynomial(degree, x, v)
    expected = polynomial.subs({x: point, v: variance})
    assert expand(hermite_he(degree, point, variance) - expected) == 0
    assert expand(hermite_he(n, point, variance).subs(n, degree) - expected) == 0
    assert expand(hermite_he(n, x, v).subs({x: point, v: variance}).subs(n, degree) - expected) == 0
    assert expand(hermite_he(n, point, variance).subs(n, degree) - expected - 1) != 0


def test_unit_variance_is_the_probabilists_polynomial():
    for degree in range(8):
        assert expand(hermite_polynomial(degree, x) - hermite_prob(degree, x)) == 0
    assert hermite_he(n, x, 1) == hermite_he(n, x) == hermite_he(n, x, v).subs(v, 1)
    assert hermite_he(5, x, v).subs(v, 2) == hermite_he(5, x, 2)


def test_the_value_at_zero_obeys_the_recurrence_at_negative_degrees_too():
    for degree in range(-7, 8):
        higher, lower = (hermite_at_zero(n + s, v).subs(n, degree).subs(v, 3) for s in (2, 0))
        assert expand(higher + 3 * (degree + 1) * lower) == 0


def test_reflection():
    assert hermite_he(n, -x) == (-1) ** n * hermite_he(n, x)
    assert hermite_he(n - 3, -x).subs(n, 7) == hermite_he(4, x)
    assert hermite_he(n - 3, -x).subs(n, 8) == -hermite_he(5, x)


def test_derivatives():
    assert hermite_he(n, x, v).diff(x) == n * hermite_he(n - 1, x, v)
    assert expand(hermite_polynomial(6, x, v).diff(v) - hermite_he(n, x, v).diff(v).subs(n, 6)) == 0


@pytest.mark.parametrize("degree", [60, 200])
def test_high_degree_at_an_irrational_point(degree):
    value = hermite_he(degree, sqrt(2) + sqrt(3))
    with mp.workdps(250):
        y = mpmath.sqrt(2) + mpmath.sqrt(3)
        before, h = mpmath.mpf(0), mpmath.mpf(1)
        for i in range(degree):
            before, h = h, y * h - i * before
        assert abs(mpmath.mpf(str(value.evalf(30))) / h - 1) < mpmath.mpf(10) ** -28
        assert abs(mpmath.mpf(str(value.evalf(30))) / before - 1) > mpmath.mpf(10) ** -28


@pytest.mark.parametrize("degree", [30, 45, 80])
def test_a_float_does_not_cancel(degree):
    assert float(hermite_he(degree, 5.5)) == pytest.approx(float(hermite_he(degree, Rational(11, 2))), rel=1e-11)


@pytest.mark.parametrize("point", [Rational(1, 8), Integer(3)])
@pytest.mark.parametrize("first", [Rational(-1, 2), Rational(5, 3), Integer(4)])
@pytest.mark.parametrize("second", [Integer(0), Rational(3, 2)])
def test_confluent_functions(first, second, point):
    with mp.workdps(40), workprec(150):
        arguments = [mpmath.mpf(s.p) / s.q for s in (first, second, point)]
        tricomi = th.enclose(tricomi_u(first, second, point), 30)
        assert tricomi.overlaps(ball(mpmath.hyperu(*arguments)))
        assert not tricomi.overlaps(ball(mpmath.hyperu(*arguments) * (1 + mpmath.mpf(10) ** -25)))
        if second:
            kummer = th.enclose(kummer_m(first, second, point), 30)
            assert kummer.overlaps(ball(mpmath.hyp1f1(*arguments)))
            assert not kummer.overlaps(ball(mpmath.hyp1f1(*arguments) * (1 + mpmath.mpf(10) ** -25)))


def ball(value):
    """Radius 1e-28, relative."""
    return arb(mpmath.nstr(value, 38)) * (1 + arb(0, 1e-28))


def test_kummer_is_an_incomplete_gamma_function():
    f = kummer_m(1, Rational(7, 2), 2)
    assert f.rewrite(lowergamma) != f
    assert th.enclose(f.rewrite(lowergamma) - f, 20).contains(0)
    assert not th.enclose(f.rewrite(lowergamma) - f + Rational(1, 10**15), 20).contains(0)


def test_confluent_derivatives():
    for f in (kummer_m, tricomi_u):
        a, b, h = Rational(1, 3), Rational(5, 2), Rational(1, 10**12)
        slope = f(a, b, x).diff(x).subs(x, 1)
        assert abs(float(th.enclose((f(a, b, 1 + h) - f(a, b, 1 - h)) / (2 * h) - slope, 20))) < 1e-15


def test_special_arguments():
    assert tricomi_u(0, 3, x) == 1
    assert tricomi_u(x, x + 1, 2) == 2**-x
    assert kummer_m(0, 3, x) == kummer_m(3, 2, 0) == 1


def test_the_cut_of_tricomi_is_not_crossed():
    with pytest.raises(th.PrecisionError):
        th.enclose(tricomi_u(Rational(1, 3), 2, -1), 10)


@pytest.mark.parametrize("f", [lowergamma, uppergamma, besselk])
def test_functions_of_an_order_have_enclosures(f):
    value = f(Rational(1, 3), Rational(7, 5))
    assert float(th.enclose(value, 20)) == pytest.approx(float(value.evalf(20)), rel=1e-14)


def test_a_finite_sum_has_an_enclosure_and_an_infinite_one_has_none():
    assert th.enclose(Sum(1 / (n + 1), (n, 0, 3)), 20).overlaps(th.enclose(Rational(25, 12), 20))
    assert not th.enclose(Sum(1 / (n + 1), (n, 0, 4)), 20).overlaps(th.enclose(Rational(25, 12), 20))
    with pytest.raises(th.UnsupportedError, match="sums between two integers"):
        th.enclose(Sum(2**-n, (n, 0, oo)), 20)


def test_the_functions_are_closed_forms_with_a_face():
    assert th.is_closed_form(hermite_he(n, x) + tricomi_u(n, 2, x) + kummer_m(n, 2, x))
    assert r"\mathit{He}_{n}\left(x\right)" in hermite_he(n, x)._repr_latex_()
    assert r"U^{2}\left(n, 2, x\right)" in (tricomi_u(n, 2, x) ** 2)._repr_latex_()

"""Quotients of trigonometric polynomials by powers of the variable, against rigorous integration of the definition."""

from __future__ import annotations

import pytest
from sympy import I, Rational, Symbol, Tuple, cos, exp, sin, sinc, sqrt, symbols

import theory as th
from theory.balls import workprec
from theory.gaussian.field import CoefficientField
from theory.symbols import q1, q2, rho

x, a = Symbol("x", real=True), Symbol("a", positive=True)
b = Symbol("b", real=True)
THIRD = Rational(1, 3)


def certified(f, r, s, t):
    u, v, z = (Symbol(n, real=True) for n in "uvz")
    if abs(r) == 1:
        node = th.GaussianExpectation(f(sqrt(s) * z) * f(r * sqrt(t) * z), Tuple(z), [[1]], Tuple(0))
    else:
        c = r * sqrt(s) * sqrt(t)
        node = th.GaussianExpectation(f(u) * f(v), Tuple(u, v), [[s, c], [c, t]], Tuple(0, 0))
    return th.enclose(node, 25)


def single(expr, q, mean=0):
    return th.enclose(th.GaussianExpectation(expr, Tuple(x), [[q]], Tuple(mean)), 25)


@pytest.mark.parametrize("r", [Rational(-9, 10), 0, THIRD, 1, -1], ids=str)
@pytest.mark.parametrize("variances", [(1, 1), (Rational(1, 2), 3)], ids=str)
@pytest.mark.parametrize("expr", [sin(x) / x, -3 * sin(2 * x) / x, sin(2 * x) / x + x], ids=str)
def test_dual(expr, variances, r):
    phi = th.Activation(expr, x)
    dual = phi.dual(r, *variances)
    assert th.is_closed_form(dual)
    with workprec(300):
        value, definition = th.enclose(dual, 25), certified(phi, r, *variances)
        assert value.overlaps(definition)
        assert not (value * 1.0000001).overlaps(definition)


def test_symbolic_dual_and_its_substitution():
    phi = th.Activation(sin(a * x) / x, x)
    dual = phi.dual(rho, q1, q2)
    assert th.is_closed_form(dual)
    at = {a: Rational(3, 2), rho: THIRD, q1: 2, q2: Rational(1, 2)}
    with workprec(300):
        definition = certified(lambda z: sin(Rational(3, 2) * z) / z, THIRD, 2, Rational(1, 2))
        assert th.enclose(dual.subs(at), 25).overlaps(definition)
        assert not th.enclose(dual.subs({**at, a: Rational(4, 3)}), 25).overlaps(definition)


MEANS = {
    "second order": (1 - cos(b * x)) / x**2,
    "square": (sin(b * x) / x) ** 2,
    "tilted, third order": (sin(x) - x) / x**3 * exp(x / 2),
    "cosine added": (cos(x) - 1 + x**2 / 2) / x**4,
    "bump": sin(x) * exp(-(x**2) / 2) / x + x**2,
    "cube": sin(x) ** 3 / x**2 * x,
    "named": sinc(2 * x) * cos(x),
}


@pytest.mark.parametrize("name", MEANS)
def test_means_with_symbolic_variance(name):
    value = th.expect(MEANS[name], th.Gaussian(x, cov=[[q1]]))
    assert th.is_closed_form(value)
    at = {b: Rational(-3, 2), q1: Rational(3, 2)}
    with workprec(300):
        ball = th.enclose(value.subs(at), 25)
        definition = single(MEANS[name].subs(b, at[b]), at[q1])
        assert ball.overlaps(definition)
        assert not (ball * 1.0000001).overlaps(definition)


def test_a_mean_and_a_shifted_quotient():
    with workprec(300):
        moved = th.enclose(th.expect(sin(x) / x, th.Gaussian(x, cov=[[2]], mean=[THIRD])), 25)
        assert moved.overlaps(single(sin(x) / x, 2, THIRD))
        shifted = th.enclose(th.expect(sin(x + THIRD) / (x + THIRD), th.Gaussian(x, cov=[[2]])), 25)
        assert shifted.overlaps(moved)
        assert not shifted.overlaps(single(sin(x) / x, 2))


def test_price():
    """The derivative in the correlation is the dual of the derivative."""
    phi = th.activation("sinc")
    left = th.enclose(phi.dual(rho).diff(rho).subs(rho, THIRD), 25)
    slope = th.Activation((sin(x) / x).diff(x), x)
    with workprec(300):
        assert left.overlaps(certified(slope, THIRD, 1, 1))
        closed = th.enclose(slope.dual(THIRD), 25)
        assert left.overlaps(closed)


@pytest.mark.parametrize("expr", [cos(x) / x, sin(x) / x**2, 1 / x], ids=str)
def test_a_pole_keeps_its_definition(expr):
    assert th.expect(expr**2, th.Gaussian(x)).has(th.GaussianExpectation)


def test_real_and_imaginary_parts_of_quotients():
    s, t = symbols("s t", real=True)
    field = CoefficientField([s, t, I])
    i, c, d = field(I), field(s), field(t)
    for element in (1 / i, (1 - 2 * i * c) / (4 * i**3), c / (1 - 2 * i * d), (c + i) / (3 + i * d) ** 2):
        real, imag = field.split(element)
        assert not field.split(real)[1]
        assert not field.split(imag)[1]
        assert not any(field.reduce(part).numer.degree(field.imaginary_position) > 0 for part in (real, imag))
        assert not field.split(real + i * imag - element)[0]
        assert field.split(real + i * imag + i - element)[1] == 1

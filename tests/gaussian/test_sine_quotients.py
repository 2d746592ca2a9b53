"""sin(ax)/x: closed forms of its moments and duals against rigorous integration of the definition."""

from __future__ import annotations

import pytest
from sympy import Rational, Symbol, Tuple, sin, sqrt

import theory as th
from theory.balls import workprec
from theory.symbols import q1, q2, rho

x, a = Symbol("x", real=True), Symbol("a", positive=True)
THIRD = Rational(1, 3)


def certified(phi, r, s, t):
    u, v, z = (Symbol(n, real=True) for n in "uvz")
    if abs(r) == 1:
        node = th.GaussianExpectation(phi(sqrt(s) * z) * phi(r * sqrt(t) * z), Tuple(z), [[1]], Tuple(0))
    else:
        c = r * sqrt(s) * sqrt(t)
        node = th.GaussianExpectation(phi(u) * phi(v), Tuple(u, v), [[s, c], [c, t]], Tuple(0, 0))
    return th.enclose(node, 25)


@pytest.mark.parametrize("r", [Rational(-9, 10), 0, THIRD, 1, -1], ids=str)
@pytest.mark.parametrize("variances", [(1, 1), (Rational(1, 2), 3)], ids=str)
@pytest.mark.parametrize("expr", [sin(x) / x, -3 * sin(2 * x) / x], ids=str)
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
        numeric = th.Activation(sin(Rational(3, 2) * x) / x, x).dual(THIRD, 2, Rational(1, 2))
        assert th.enclose(dual.subs(at), 25).overlaps(th.enclose(numeric, 25))


def test_moments():
    phi = th.Activation(sin(a * x) / x, x)
    first, second = phi.moment(1, q1).subs({a: 2, q1: 3}), phi.moment(2, q1).subs({a: 2, q1: 3})
    plain = th.Activation(sin(2 * x) / x, x)
    for p, value in ((1, first), (2, second)):
        node = th.GaussianExpectation(plain(x) ** p, Tuple(x), [[3]], Tuple(0))
        assert th.is_closed_form(value)
        with workprec(300):
            assert th.enclose(value, 25).overlaps(th.enclose(node, 25))


def test_price():
    """The derivative in the correlation is the dual of the derivative."""
    phi = th.activation("sinc")
    left = phi.dual(rho).diff(rho).subs(rho, THIRD)
    slope = (sin(x) / x).diff(x)
    node = certified(th.Activation(slope, x), THIRD, 1, 1)
    with workprec(300):
        assert th.enclose(left, 25).overlaps(node)


def test_other_integrands_keep_their_definition():
    assert not th.is_closed_form(th.Activation(sin(x) ** 2 / x, x).moment(2))
    assert not th.is_closed_form(th.Activation(sin(x) / x + x**2, x).dual(rho))
    b = Symbol("b", real=True)
    assert not th.is_closed_form(th.Activation(sin(b * x) / x, x).moment(1))

"""Products of half-spaces: orthants of three to five variables, and activations that need them."""

from __future__ import annotations

import pytest
from independent_quadrature import pair_mean, single_mean
from scipy.special import erf as float_erf
from sympy import Heaviside, I, Max, Min, Rational, Symbol, asin, cos, erf, exp, lambdify, pi, sin, sqrt

import theory as th
from theory.gaussian.functions import RealPart
from theory.gaussian.orthants import GaussianOrthant
from theory.symbols import q1, q2, rho

x = Symbol("x", real=True)
HALF, THIRD = Rational(1, 2), Rational(1, 3)


def gelu(t):
    return t * (1 + float_erf(t / 2**0.5)) / 2


UNITS = {
    "squared erf": (erf(x) ** 2, lambda t: float_erf(t) ** 2, []),
    "erf on a half line": (Heaviside(x) * erf(x), lambda t: (t > 0) * float_erf(t), [0]),
    "gelu on a half line": (Heaviside(x) * x * (1 + erf(x / sqrt(2))) / 2, lambda t: (t > 0) * gelu(t), [0]),
    "relu times erf": (Max(x, 0) * erf(x), lambda t: t.clip(0) * float_erf(t), [0]),
    "shifted": (Heaviside(x - HALF) * erf(x), lambda t: (t > 0.5) * float_erf(t), [0.5]),
}


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("variances", [(1, 1), (HALF, 2)], ids=str)
def test_duals_against_an_independent_quadrature(name, variances):
    expr, vectorised, kinks = UNITS[name]
    phi = th.Activation(expr, x)
    dual = phi.dual(THIRD, *variances)
    # Four half-spaces with thresholds keep their definition.
    assert th.is_closed_form(dual) is (name != "shifted")
    value = float(th.enclose(dual, 15))
    expected = pair_mean(vectorised, vectorised, 1 / 3, *map(float, variances), kinks, kinks)
    assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", UNITS)
def test_moments_against_an_independent_quadrature(name):
    expr, vectorised, kinks = UNITS[name]
    phi = th.Activation(expr, x)
    for p in (1, 2):
        value = float(th.enclose(phi.moment(p, 2), 15))
        assert value == pytest.approx(single_mean(lambda t, p=p: vectorised(t) ** p, 2.0, kinks), rel=1e-12)


def test_symbolic_dual_of_the_squared_error_function():
    dual = th.Activation(erf(x) ** 2, x).dual(rho)
    assert dual.has(GaussianOrthant)
    diagonal = th.Activation(erf(x) ** 2, x).dual(1)
    near = dual.subs(rho, 1 - Rational(1, 10**10))
    assert abs(float(th.enclose(near, 15) - th.enclose(diagonal, 15))) < 1e-6


def test_orthants_of_three_variables_are_elementary():
    value = th.expect(Heaviside(x) * erf(x), th.Gaussian(x))
    assert value == asin(sqrt(6) / 3) / pi
    third = GaussianOrthant(0, 0, 0, HALF, THIRD, Rational(1, 5))
    angles = asin(HALF) + asin(THIRD) + asin(Rational(1, 5))
    assert th.enclose(third - Rational(1, 8) - angles / (4 * pi), 25).contains(0)
    assert not th.enclose(third - Rational(1, 8) - angles / (3 * pi), 25).contains(0)


def test_independent_blocks_factor():
    assert GaussianOrthant(0, 0, 0, 0, HALF, 0, 0, 0, 0, HALF) == Rational(1, 9)


def test_wrong_arguments():
    for arguments in ((0, 0, 0, 0), (0, 0, 0, 2, 0, 0)):
        with pytest.raises(th.DomainError):
            GaussianOrthant(*arguments)


@pytest.mark.parametrize(
    "expr", [Heaviside(x) * sin(2 * x), Max(x, 0) * cos(x), Heaviside(x - 1) * sin(x) * exp(-(x**2) / 4)], ids=str
)
def test_oscillation_on_a_half_line_gives_real_numbers(expr):
    phi = th.Activation(expr, x)
    dual = phi.dual(rho, q1, q2)
    assert th.is_closed_form(dual)
    at = {q1: 2, q2: HALF}
    value = dual.subs({rho: THIRD, **at}).evalf(20)
    assert value.is_real
    assert th.enclose(dual.subs({rho: THIRD, **at}), 20).overlaps(th.enclose(phi.dual(THIRD, 2, HALF), 20))
    end = th.enclose(dual.subs({rho: 1, **at}), 15)
    assert end.overlaps(th.enclose(phi.dual(1, 2, HALF), 15))
    assert not (end + 1e-9).overlaps(th.enclose(phi.dual(1, 2, HALF), 15))


def test_real_part_is_linear_and_real():
    a = Symbol("a")
    assert RealPart(a + I * a) == a + RealPart(I * a)
    assert RealPart(3 * exp(I * a)) == 3 * RealPart(exp(I * a))
    assert th.enclose(RealPart(exp(I * 2)) - cos(2), 20).contains(0)
    assert RealPart(exp(I * a)).diff(a).subs(a, 2).evalf(15) == pytest.approx(-float(sin(2)))


@pytest.mark.parametrize(
    ("expr", "kinks"),
    [
        (x * sin(3 * x**2) * Heaviside(x + 1), [-1.0]),
        (x**2 * exp(-(x**2) / 8) * sin(3 * x**2 / 2 - 1) * Heaviside(x - Rational(5, 3)), [5 / 3]),
    ],
    ids=str,
)
def test_a_chirp_on_a_half_line(expr, kinks):
    value = th.expect(expr, th.Gaussian(x))
    assert th.is_closed_form(value)
    expected = single_mean(lambdify(x, expr, "numpy"), 1.0, kinks, width=0.05)
    assert float(th.enclose(value, 15)) == pytest.approx(expected, abs=1e-13)
    assert float(th.enclose(value, 15)) * 1.001 != pytest.approx(expected, abs=1e-13)


def test_the_largest_of_three_variables():
    u, v, w = (Symbol(s, real=True) for s in "uvw")
    mean = th.expect(Max(u, v, w), th.Gaussian([u, v, w]))
    assert th.enclose(mean - 3 / (2 * sqrt(pi)), 25).contains(0)
    square = th.expect(Max(u, v, w) ** 2, th.Gaussian([u, v, w]))
    assert th.enclose(square - 1 - sqrt(3) / (2 * pi), 25).contains(0)
    assert not th.enclose(square - 1 - sqrt(2) / (2 * pi), 25).contains(0)
    law = th.Gaussian([u, v, w], cov=[[2, 1, 0], [1, 2, 1], [0, 1, 3]], mean=[0, HALF, -1])
    both = th.expect(Max(u, v, w) + Min(-u, -v, -w), law)
    assert th.enclose(both, 20).contains(0)

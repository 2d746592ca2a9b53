"""Growth bounds hold at sampled points; Gauss-Legendre bounds hold on functions with known integrals."""

import math

import mpmath
import pytest
from sympy import (
    Abs,
    LambertW,
    Piecewise,
    Rational,
    Symbol,
    acosh,
    asinh,
    atan,
    cosh,
    erf,
    erfc,
    exp,
    gamma,
    lambdify,
    log,
    sin,
    sinh,
    sqrt,
    tanh,
)  # fmt: skip

from theory.errors import PrecisionError
from theory.gaussian.growth import growth
from theory.gaussian.panels import ELLIPSES, gauss_error, gauss_legendre

x = Symbol("x", real=True)
EXPRESSIONS = [
    x**5 - 7 * x**2 + 3,
    1 / (x**2 + Rational(1, 100)),
    exp(-(x**2)) * x**7,
    exp(3 * x + sin(x)) * (1 + x**2),
    log(1 + exp(x)),
    log(cosh(50 * x)),
    log(x**2 + Rational(1, 10)),
    sqrt(x**2 + 4) - x,
    x * tanh(log(1 + exp(x))),
    exp(x**2 / 5) * erfc(x),
    exp(-(x**4)),
    exp(exp(-(x**2))),
    Abs(x) ** 3 * atan(x) * erf(x),
    sinh(2 * x) * asinh(x),
    Piecewise((x**3, x > 2), (exp(x), True)),
    (1 + exp(-x)) ** -3 * 10**6,
    Rational(2) ** x,
    exp(x**3) / (2 + 3 * exp(x**3)),
    x * exp(2 * x**3) / (1 + exp(x**3)) ** 3,
    (exp(x**3) - exp(-(x**3))) / (exp(x**3) + exp(-(x**3))),
    exp(5 * x**3 - x**4 / 3 + 2),
    log(3 + 2 * exp(x**3)),
    (exp(-x) - 1) / (1 + exp(x)),
]


@pytest.mark.parametrize("e", EXPRESSIONS)
@pytest.mark.parametrize("side", [1, -1])
def test_the_bound_holds(e, side):
    g = growth(e, x, side)
    f = lambdify(x, e, "mpmath")
    with mpmath.workdps(30):
        for t in (1, 1.001, 1.5, 2, 3, 4.7, 7, 11, 20, 45):
            value = abs(f(mpmath.mpf(side * t)))
            if value:
                assert float(mpmath.log(value)) <= g.log_a + g.b * t + g.c * t * t + 1e-12


@pytest.mark.parametrize("e", [gamma(x), acosh(x), LambertW(x), 1 / sin(x), exp(x**3), log(sin(x))])
def test_without_a_rule_there_is_no_bound(e):
    with pytest.raises(PrecisionError, match="no rule bounds"):
        growth(e, x, 1)


@pytest.mark.parametrize("order", [2, 3, 5, 9, 16])
@pytest.mark.parametrize("ratio", ELLIPSES)
def test_the_quadrature_bound_holds_for_poles_outside_the_ellipse(order, ratio):
    """1/(p - x) has its pole at p > 1 outside the ellipse of the ratio, and its maximum where the ellipse ends."""
    end = (ratio + 1 / ratio) / 2
    pole = end * 1.01
    nodes, weights = gauss_legendre(order)
    rule = sum(float(w) / (pole - float(t)) for t, w in zip(nodes, weights, strict=True))
    exact = math.log((pole + 1) / (pole - 1))
    error = abs(rule - exact)
    bound = gauss_error(ratio, order) / (pole - end)
    assert error <= bound + 1e-14
    assert gauss_error(ratio, order) < gauss_error(ratio, order - 1)

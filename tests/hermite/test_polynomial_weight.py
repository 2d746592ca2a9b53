"""Polynomial factors of high degree: the same balls as from the coefficients, and from slower routes."""

from __future__ import annotations

import pytest
from flint import arb
from sympy import Rational, Symbol, hermite_prob_poly, sqrt, tanh

import theory as th
from theory.balls import workprec
from theory.gaussian.integration import integrate_ball
from theory.hermite.evaluation import expectation_ball
from theory.hermite.polynomial_weight import polynomial_factor, weighted_mean

x = Symbol("x", real=True)


@pytest.mark.parametrize("name", ["tanh", "mish", "penalized_tanh", "softsign"])
@pytest.mark.parametrize("k", [7, 24, 61])
def test_high_coefficients_of_unevaluated_nodes(name, k):
    phi = th.activation(name)
    with workprec(400):
        value, ball = th.enclose(phi.hermite(k), 40), phi.hermite_coefficients(k, 1, 45)[k]
        assert value.overlaps(ball)
        assert not (value + arb("1e-25")).overlaps(ball)


@pytest.mark.parametrize(
    "law", [th.Gaussian(x), th.Gaussian(x, mean=[Rational(1, 3)], cov=[[Rational(5, 2)]])], ids=str
)
def test_any_polynomial_and_law_against_direct_integration(law):
    polynomial = (x - 1) ** 3 * (x**5 - 2 * x + Rational(1, 7))
    found = polynomial_factor(polynomial * tanh(x), x)
    assert found is not None
    value, direct = weighted_mean(*found, law, 30), integrate_ball(polynomial.expand() * tanh(x), law, 30)
    with workprec(300):
        assert value.overlaps(direct)
        assert not (value * (1 + arb("1e-20"))).overlaps(direct)


def test_low_degrees_and_bare_polynomials_keep_their_routes():
    assert polynomial_factor(x**3 * tanh(x), x) is None
    assert polynomial_factor(hermite_prob_poly(9, x), x) is None
    assert polynomial_factor(tanh(x), x) is None


def test_it_is_the_route_of_expectations():
    integrand = hermite_prob_poly(40, x) * tanh(x + sqrt(2))
    value = expectation_ball(integrand, th.Gaussian(x), 30)
    assert value.rad() < abs(value.mid()) * 1e-30

"""The whole catalogue to 50 digits against independent methods; `make deep`, some tens of minutes.

Coefficients are compared with double-exponential quadrature, duals with rigorous integration over the plane.
"""

from __future__ import annotations

import pytest
from double_exponential import hermite_coefficients
from flint import arb
from sympy import Rational

import theory as th
from theory.balls import ball_function, workprec
from theory.closedness import is_closed_form
from theory.gaussian.integration import integrate_ball
from theory.gaussian.kernels import correlated_pair
from theory.gaussian.pieces import SWITCHES

pytestmark = [pytest.mark.deep, pytest.mark.timeout(3600)]

NAMES = th.activation_names()
CORRELATIONS = [Rational(-19, 20), Rational(-1, 2), 0, Rational(3, 10), Rational(7, 10), Rational(19, 20), 1]
VARIANCES = [(1, 1), (Rational(1, 2), 2), (Rational(1, 10**4), 30)]
DIGITS = 50


def breaks(phi, scale):
    return [ball_function(b)((), False).real / scale for b in phi.pieces.breaks]


@pytest.mark.parametrize("name", NAMES)
def test_coefficients(name):
    phi = th.activation(name)
    with workprec(500):
        independent = hermite_coefficients(phi.expr, phi.variable, breaks(phi, arb(1)), arb(1), 60, DIGITS + 8)
        found = phi.hermite_coefficients(60, 1, DIGITS + 2)
        scale = max(float(abs(c).upper()) for c in independent)
        for k, (ball, value) in enumerate(zip(found, independent, strict=True)):
            error = float(abs(ball - value).upper())
            assert error < 10.0**-DIGITS * scale, (k, error)
        for k in (0, 1, 17, 60):
            expression = th.enclose(phi.hermite(k), DIGITS)
            assert float(abs(expression - independent[k]).upper()) < 10.0**-DIGITS * scale, k


@pytest.mark.parametrize("variances", VARIANCES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_duals(name, variances):
    phi = th.activation(name)
    q1, q2 = variances
    kinked = phi.expr.has(*SWITCHES)
    # E phi^2 at both variances: the dual itself may vanish.
    scale = float((th.enclose(phi.moment(2, q1), 20) * th.enclose(phi.moment(2, q2), 20)).sqrt())
    for rho in CORRELATIONS:
        dual = phi.dual(rho, q1, q2)
        digits = 20 if kinked and not is_closed_form(dual) else DIGITS
        value = th.enclose(dual, digits)
        try:
            independent = definition(phi, rho, q1, q2, digits)
        except th.PrecisionError as error:
            # Kinks fifty standard deviations out, or masses in the far tails: nothing to compare with, and said so.
            pytest.skip(f"no independent value: {error}")
        with workprec(500):
            assert value.overlaps(independent), (rho, value, independent)
            assert float((value - independent).abs_upper()) < 10.0 ** (1 - digits) * scale, rho


def definition(phi, rho, q1, q2, digits):
    """The expectation by panels from its definition."""
    from sympy import Symbol, sqrt

    u, v, z = (Symbol(name, real=True) for name in ("u", "v", "z"))
    a, b = sqrt(q1), sqrt(q2)
    if rho == 1:
        return integrate_ball(phi(a * z) * phi(b * z), th.Gaussian(z), digits)
    if rho == 0:
        with workprec(500):
            return integrate_ball(phi(a * z), th.Gaussian(z), digits + 2) * integrate_ball(
                phi(b * z), th.Gaussian(z), digits + 2
            )
    return integrate_ball(phi(u) * phi(v), th.Gaussian([u, v], cov=correlated_pair(a, b, rho)), digits)

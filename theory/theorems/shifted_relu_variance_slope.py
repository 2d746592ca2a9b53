"""Slope of the variance map of the thresholded rectifier: it is the perpendicular susceptibility."""

from sympy import Max, Rational, Symbol, erfc, sqrt

import theory as th
from theory.symbols import q, u

tau = Symbol("tau", positive=True)


@th.theorem(topics=["moments", "threshold"], sources=["price2024deep"], status="derived", needs=["shifted_relu_moment"])
def shifted_relu_variance_slope():
    """E[phi(X)^2 (X^2 - q)]/(2 q^2) = P(X > tau) = E[phi'(X)^2] for phi = max(x - tau, 0), X ~ N(0, q)."""
    integrand = Max(u - tau, 0) ** 2 * (u**2 - q) / (2 * q**2)
    stated = erfc(tau / sqrt(2 * q)) / 2
    return th.Statement(
        claim=th.GaussianIdentity(integrand, th.Gaussian(u, cov=[[q]]), stated),
        domains={tau: th.Interval(Rational(1, 10), 2), q: th.Interval(1, 4)},
        derive=lambda: th.expect(integrand, th.Gaussian(u, cov=[[q]])),
        resolution=Rational(1, 50),
        near_misses=[2 * stated, erfc(tau / sqrt(q)) / 2 + Rational(1, 10)],
    )

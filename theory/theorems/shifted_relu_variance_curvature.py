"""Curvature of the variance map of the thresholded rectifier: its edge of chaos is unstable from above."""

from sympy import Max, Rational, Symbol, exp, pi, sqrt

import theory as th
from theory.symbols import q, u

tau = Symbol("tau", positive=True)


@th.theorem(
    topics=["moments", "threshold"], sources=["price2024deep"], status="derived", needs=["shifted_relu_variance_slope"]
)
def shifted_relu_variance_curvature():
    """d^2/dq^2 E[max(X - tau, 0)^2] = t f(t)/(2 q) > 0, t = tau/sqrt(q), f the normal density; X ~ N(0, q)."""
    weight = (u**4 - 6 * q * u**2 + 3 * q**2) / (4 * q**4)
    integrand = Max(u - tau, 0) ** 2 * weight
    stated = tau * exp(-(tau**2) / (2 * q)) / (2 * q * sqrt(2 * pi * q))
    return th.Statement(
        claim=th.GaussianIdentity(integrand, th.Gaussian(u, cov=[[q]]), stated),
        domains={tau: th.Interval(Rational(1, 10), 2), q: th.Interval(1, 4)},
        derive=lambda: th.expect(integrand, th.Gaussian(u, cov=[[q]])),
        near_misses=[2 * stated, stated / 2],
        missing_witness="the weight of degree four has too heavy a tail to be sampled at this resolution",
    )

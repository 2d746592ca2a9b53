"""Slope of the variance map of the clipped thresholded rectifier: clipping stabilises the edge of chaos."""

from sympy import Max, Min, Rational, Symbol, erfc, exp, pi, sqrt

import theory as th
from theory.symbols import q, u

tau, m = Symbol("tau", positive=True), Symbol("m", positive=True)


@th.theorem(
    topics=["moments", "threshold"],
    sources=["price2024deep"],
    status="derived",
    needs=["clipped_shifted_relu_moment", "weighted_heat_equation"],
)
def clipped_shifted_relu_slope():
    """E[phi(X)^2 (X^2 - q)]/(2 q^2) = P(tau < X < tau + m) - m f(s)/sqrt(q), s = (tau + m)/sqrt(q), phi clipped at m.

    The first term is E[phi'(X)^2], so the variance map is flatter than the correlation map; f is the normal density.
    """
    phi = Min(Max(u - tau, 0), m)
    integrand = phi**2 * (u**2 - q) / (2 * q**2)
    inside = erfc(tau / sqrt(2 * q)) / 2 - erfc((tau + m) / sqrt(2 * q)) / 2
    clip = m * exp(-((tau + m) ** 2) / (2 * q)) / sqrt(2 * pi * q)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, th.Gaussian(u, cov=[[q]]), inside - clip),
        domains={
            tau: th.Interval(Rational(1, 10), 1),
            m: th.Interval(Rational(1, 2), 2),
            q: th.Interval(1, 3),
        },
        derive=lambda: th.expect(integrand, th.Gaussian(u, cov=[[q]])),
        resolution=Rational(1, 50),
        near_misses=[inside, inside - 2 * clip],
    )

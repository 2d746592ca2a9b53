"""Curvature of the variance map of the clipped thresholded rectifier."""

from sympy import Max, Min, Rational, Symbol, exp, pi, sqrt

import theory as th
from theory.symbols import q, u

tau, m = Symbol("tau", positive=True), Symbol("m", positive=True)


@th.theorem(
    topics=["moments", "threshold"],
    sources=["price2024deep"],
    status="derived",
    needs=["clipped_shifted_relu_slope", "shifted_relu_variance_curvature"],
)
def clipped_shifted_relu_curvature():
    """d^2/dq^2 E[phi^2] = (t f(t) - s f(s))/(2 q) + m f(s)(1 - s^2)/(2 q^(3/2)), phi clipped at m, X ~ N(0, q).

    t = tau/sqrt(q), s = (tau + m)/sqrt(q), f the normal density.  Without the clip only t f(t)/(2 q) > 0 is left; with
    it the map can bend down, and the fixed point of the edge of chaos attracts from both sides.
    """
    phi = Min(Max(u - tau, 0), m)
    integrand = phi**2 * (u**4 - 6 * q * u**2 + 3 * q**2) / (4 * q**4)
    law = th.Gaussian(u, cov=[[q]])
    t, s = tau / sqrt(q), (tau + m) / sqrt(q)
    kink, clip = t * _density(t) - s * _density(s), m * _density(s) * (1 - s**2) / sqrt(q)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, (kink + clip) / (2 * q)),
        domains={
            tau: th.Interval(Rational(1, 10), 1),
            m: th.Interval(Rational(1, 2), 2),
            q: th.Interval(1, 3),
        },
        derive=lambda: th.expect(integrand, law),
        near_misses=[(kink + clip) / q, kink / (2 * q), (kink - clip) / (2 * q), t * _density(t) / (2 * q)],
        missing_witness="the weight of degree four has too heavy a tail to be sampled at this resolution",
    )


def _density(y):
    return exp(-(y**2) / 2) / sqrt(2 * pi)

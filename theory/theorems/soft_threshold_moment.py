"""Second moment of the soft threshold, for any threshold and variance."""

from sympy import Abs, Max, Rational, Symbol, erfc, exp, pi, sqrt

import theory as th
from theory.symbols import q, u

tau = Symbol("tau", positive=True)


@th.theorem(topics=["moments", "threshold"], sources=["price2024deep"], status="derived", needs=["shifted_relu_moment"])
def soft_threshold_moment():
    """E[max(|X| - tau, 0)^2] = (q + tau^2) erfc(tau/sqrt(2 q)) - 2 tau sqrt(q/(2 pi)) exp(-tau^2/(2 q)), X ~ N(0, q).

    Twice the moment of the thresholded rectifier: the two have the same slopes and curvatures at C_W = 1/P(|Z| > tau).
    """
    integrand = Max(Abs(u) - tau, 0) ** 2
    law = th.Gaussian(u, cov=[[q]])
    edge = 2 * tau * sqrt(q / (2 * pi)) * exp(-(tau**2) / (2 * q))
    stated = (q + tau**2) * erfc(tau / sqrt(2 * q)) - edge
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains={q: th.Interval(Rational(1, 2), 2), tau: th.Interval(Rational(1, 10), 1)},
        derive=lambda: th.expect(integrand, law),
        resolution=Rational(1, 50),
        near_misses=[stated / 2, stated + edge / 2, stated - tau**2 * erfc(tau / sqrt(2 * q)) / 2],
    )

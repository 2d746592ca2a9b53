"""Second moment of the thresholded rectifier, for any threshold and variance."""

from sympy import Max, Rational, Symbol, erfc, exp, pi, sqrt

import theory as th
from theory.symbols import q, u

tau = Symbol("tau", positive=True)


@th.theorem(topics=["moments", "threshold"], sources=[], status="derived", needs=[])
def shifted_relu_moment():
    """E[max(X - tau, 0)^2] for X ~ N(0, q): the density and the tail probability of the threshold."""
    stated = (q + tau**2) * erfc(tau / sqrt(2 * q)) / 2 - tau * sqrt(q / (2 * pi)) * exp(-(tau**2) / (2 * q))
    wrong = (q + tau**2) * erfc(tau / sqrt(2 * q)) / 2 - tau * sqrt(q / (2 * pi)) * exp(-(tau**2) / q)
    return th.Statement(
        claim=th.GaussianIdentity(Max(u - tau, 0) ** 2, th.Gaussian(u, cov=[[q]]), stated),
        domains={tau: th.Interval(Rational(1, 10), 2), q: th.Interval(Rational(1, 4), 4)},
        derive=lambda: th.Activation(Max(u - tau, 0), u).moment(2, q),
        resolution=Rational(1, 200),
        near_misses=[wrong, stated - tau**2 / 2],
    )

"""Second moment of the clipped thresholded rectifier."""

from sympy import Max, Min, Rational, Symbol, erfc, exp, pi, sqrt

import theory as th
from theory.symbols import q, u

tau, m = Symbol("tau", positive=True), Symbol("m", positive=True)


@th.theorem(topics=["moments", "threshold"], sources=["price2024deep"], status="derived", needs=["shifted_relu_moment"])
def clipped_shifted_relu_moment():
    """E[min(max(X - tau, 0), m)^2] for X ~ N(0, q): q ((1 + t^2)(Q(t) - Q(s)) - t f(t) + (2 t - s) f(s)) + m^2 Q(s).

    Here t = tau/sqrt(q), s = (tau + m)/sqrt(q), f is the normal density and Q its upper tail.
    """
    t, s = tau / sqrt(q), (tau + m) / sqrt(q)
    phi = Min(Max(u - tau, 0), m)

    def form(last):
        inside = (1 + t**2) * (_tail(t) - _tail(s)) - t * _density(t) + last * _density(s)
        return q * inside + m**2 * _tail(s)

    return th.Statement(
        claim=th.GaussianIdentity(phi**2, th.Gaussian(u, cov=[[q]]), form(2 * t - s)),
        domains={
            tau: th.Interval(Rational(1, 10), 1),
            m: th.Interval(Rational(1, 2), 2),
            q: th.Interval(Rational(1, 2), 3),
        },
        derive=lambda: th.expect(phi**2, th.Gaussian(u, cov=[[q]])),
        resolution=Rational(1, 100),
        near_misses=[form(t - s), form(2 * t + s)],
    )


def _tail(y):
    return erfc(y / sqrt(2)) / 2


def _density(y):
    return exp(-(y**2) / 2) / sqrt(2 * pi)

"""Below its marginal fixed point the variance of the thresholded rectifier returns like the inverse depth."""

from sympy import Integer, Rational, Symbol, erfc, exp, pi, sqrt

import theory as th
from theory.orbits import Orbit
from theory.symbols import ell, q

tau = Symbol("tau", positive=True)


@th.theorem(
    topics=["criticality", "threshold", "rate", "depth"],
    sources=["price2024deep"],
    status="derived",
    needs=["shifted_relu_edge_of_chaos", "shifted_relu_variance_curvature"],
)
def shifted_relu_decay_from_below():
    """1 - q_l ~ 4 P(Z > tau)/(tau p(tau) l) on the edge of chaos at unit variance: 2/V''(1), p the normal density.

    The source has the curvature and the instability above; the rate below is our own.
    """
    tail = erfc(tau / sqrt(2 * q)) / 2
    moment = (q + tau**2) * tail - tau * sqrt(q / (2 * pi)) * exp(-(tau**2) / (2 * q))
    share = erfc(tau / sqrt(2)) / 2
    orbit = Orbit(1 + (moment - moment.subs(q, 1)) / share, q, Rational(4, 5), 1 - q)

    def claim(constant, exponent=1):
        return th.DepthAsymptotic(orbit, ell, Integer(1) * exponent, constant)

    stated = 4 * share / (tau * exp(-(tau**2) / 2) / sqrt(2 * pi))
    return th.Statement(
        claim=claim(stated),
        domains={tau: th.Interval(Rational(1, 2), Rational(3, 2))},
        near_misses=[stated / 2, stated / (2 * share), claim(stated, 2)],
    )

"""Edge of chaos of the soft threshold at unit variance."""

from sympy import Rational, Symbol, erfc, exp, pi, sqrt

import theory as th
from theory.symbols import q

tau = Symbol("tau", positive=True)


@th.theorem(
    topics=["criticality", "threshold"],
    sources=["price2024deep"],
    status="derived",
    needs=["soft_threshold_moment", "shifted_relu_edge_of_chaos"],
)
def soft_threshold_edge_of_chaos():
    """C_W = 1/P(|Z| > tau) and C_b = 1 - C_W E[phi(Z)^2] fix the variance 1 with slope one.

    phi = sign(x) max(|x| - tau, 0).  With the share s = P(|Z| < tau) of zeros C_W = 1/(1 - s), as for the one-sided
    unit of the same share, whose threshold is smaller.
    """
    moment = (q + tau**2) * erfc(tau / sqrt(2 * q)) - 2 * tau * sqrt(q / (2 * pi)) * exp(-(tau**2) / (2 * q))

    def claim(weight):
        return th.FixedPoint(1 + weight * (moment - moment.subs(q, 1)), q, 1, 1)

    share = erfc(tau / sqrt(2))
    return th.Statement(
        claim=claim(1 / share),
        domains={tau: th.Interval(Rational(1, 10), 2)},
        near_misses=[claim(2 / share), claim(1 / erfc(tau)), claim(1 / (1 - share))],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )

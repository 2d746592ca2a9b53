"""Edge of chaos of the thresholded rectifier at unit variance."""

from sympy import Rational, Symbol, erfc, exp, pi, sqrt

import theory as th
from theory.symbols import q

tau = Symbol("tau", positive=True)


def _claim(weight):
    tail = erfc(tau / sqrt(2 * q)) / 2
    moment = (q + tau**2) * tail - tau * sqrt(q / (2 * pi)) * exp(-(tau**2) / (2 * q))
    return th.FixedPoint(1 + weight * (moment - moment.subs(q, 1)), q, 1, 1)


@th.theorem(
    topics=["criticality", "threshold"],
    sources=["price2024deep"],
    status="derived",
    needs=["shifted_relu_moment", "shifted_relu_variance_slope"],
)
def shifted_relu_edge_of_chaos():
    """C_W = 1/P(Z > tau) and C_b = 1 - C_W E[max(Z - tau, 0)^2] fix the variance 1 with slope one."""
    weight = 2 / erfc(tau / sqrt(2))
    return th.Statement(
        claim=_claim(weight),
        domains={tau: th.Interval(Rational(1, 10), 2)},
        near_misses=[_claim(2 * weight), _claim(weight * (1 + tau) / 2), _claim(2 / erfc(tau))],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )

"""On its edge of chaos the variance of the thresholded rectifier grows above the fixed point."""

from sympy import Rational, Symbol, erfc, exp, pi, sqrt

import theory as th
from theory.symbols import q

tau = Symbol("tau", positive=True)


@th.theorem(
    topics=["criticality", "threshold"],
    sources=["price2024deep"],
    status="derived",
    needs=["shifted_relu_edge_of_chaos", "shifted_relu_variance_curvature"],
)
def shifted_relu_instability():
    """C_W E[max(X - tau, 0)^2] + C_b > q for X ~ N(0, q), q > 1, at the critical C_W, C_b for variance 1."""
    tail = erfc(tau / sqrt(2 * q)) / 2
    moment = (q + tau**2) * tail - tau * sqrt(q / (2 * pi)) * exp(-(tau**2) / (2 * q))
    image = 1 + 2 / erfc(tau / sqrt(2)) * (moment - moment.subs(q, 1))
    return th.Statement(
        claim=th.Bound(q, image, strict=True),
        domains={q: th.Interval(Rational(11, 10), 4), tau: th.Interval(Rational(1, 10), 2)},
        near_misses=[image - Rational(1, 10), 2 * q - image],
        missing_witness="a deterministic inequality; nothing is random",
    )

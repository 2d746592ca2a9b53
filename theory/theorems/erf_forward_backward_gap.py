"""No variance keeps both passes of an error-function network with one gain."""

from sympy import Rational, asin, pi, sqrt

import theory as th
from theory.symbols import q


@th.theorem(
    topics=["initialisation", "erf"],
    sources=["koneputugodage2025variance"],
    status="derived",
    needs=["erf_dual", "erf_derivative_dual"],
)
def erf_forward_backward_gap():
    """E[erf(X)^2] < q E[erf'(X)^2] for X ~ N(0, q), q > 0: (2/pi) asin(2 q/(1 + 2 q)) < 4 q/(pi sqrt(1 + 4 q)).

    So the variance W = q/(n E[phi^2]) that keeps the signals is larger than 1/(n E[phi'^2]), which keeps the gradients.
    """
    backward = 4 * q / (pi * sqrt(1 + 4 * q))
    return th.Statement(
        claim=th.Bound(2 * asin(2 * q / (1 + 2 * q)) / pi, backward, strict=True),
        domains={q: th.Interval(Rational(1, 10), 5)},
        near_misses=[backward / (1 + q), backward / sqrt(1 + 4 * q), 4 * q / (pi * (1 + 2 * q))],
        missing_witness="a deterministic inequality; nothing is random",
    )

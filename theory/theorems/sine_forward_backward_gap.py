"""No variance keeps both passes of a sine network with one gain."""

from sympy import Rational, exp

import theory as th
from theory.symbols import q


@th.theorem(
    topics=["initialisation", "sine"],
    sources=["koneputugodage2025variance"],
    status="derived",
    needs=["sine_dual", "cosine_dual"],
)
def sine_forward_backward_gap():
    """E[sin(X)^2] < q E[cos(X)^2] for X ~ N(0, q), q > 0: the two-sided balance q = tanh(q) has no solution.

    So an initialisation that is stable both ways does not exist for every activation.
    """
    forward, backward = (1 - exp(-2 * q)) / 2, (1 + exp(-2 * q)) / 2
    return th.Statement(
        claim=th.Bound(forward, q * backward, strict=True),
        domains={q: th.Interval(Rational(1, 10), 5)},
        near_misses=[q * backward / (1 + q), q * backward - q**3 / 2, q / 2],
        missing_witness="a deterministic inequality; nothing is random",
    )

"""Decay of the variance of a critical sine network."""

from sympy import Rational, exp

import theory as th
from theory.symbols import q


@th.theorem(
    topics=["criticality", "sine", "rate"], sources=["roberts2022principles"], status="derived", needs=["sine_dual"]
)
def sine_variance_decay():
    """1/E[sin(X)^2] - 1/K <= 1 + K/3 for X ~ N(0, K): at C_W = 1, C_b = 0 the variance of layer l is near 1/l.

    The difference is also at least 1, hence K_l = (1/l)(1 - log(l)/(3 l) + O(1/l)): the class with K* = 0, a_1 = -1.
    """
    image = (1 - exp(-2 * q)) / 2
    return th.Statement(
        claim=th.Bound(1 / image - 1 / q, 1 + q / 3),
        domains={q: th.Interval(Rational(1, 1000), 2)},
        near_misses=[1 + q / 4, Rational(1, 2) + q / 3, 1 + q**2 / 3],
        missing_witness="a deterministic inequality; nothing is random",
    )

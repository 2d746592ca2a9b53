"""The sigmoid has no critical initialisation."""

from sympy import Rational, exp

import theory as th
from theory.symbols import x


@th.theorem(topics=["criticality"], sources=["roberts2022principles"], status="derived", needs=["susceptibility_gap"])
def sigmoid_curvature_sign():
    """(phi - 1/2) phi'' < 0 for the sigmoid and x != 0, so E[phi phi''] < 0 at every variance, as phi'' is odd.

    A critical variance is a zero of that bracket; there is none.
    """
    phi = 1 / (1 + exp(-x))
    product = (phi - Rational(1, 2)) * phi.diff(x, 2)
    return th.Statement(
        claim=th.Bound(product, 0, strict=True),
        domains={x: th.Interval(0, 10, left_open=True)},
        near_misses=[-(x**2) * exp(-x) / 5, Rational(-1, 1000)],
        missing_witness="a deterministic inequality; nothing is random",
    )

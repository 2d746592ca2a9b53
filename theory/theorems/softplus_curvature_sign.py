"""Softplus has no critical initialisation."""

from sympy import Rational, exp, log

import theory as th
from theory.symbols import x


@th.theorem(topics=["criticality"], sources=["roberts2022principles"], status="derived", needs=["susceptibility_gap"])
def softplus_curvature_sign():
    """phi phi'' > 0 everywhere for softplus, so E[phi phi''] > 0 at every variance.

    A critical variance is a zero of that bracket; there is none.
    """
    phi = log(1 + exp(x))
    product = phi * phi.diff(x, 2)
    return th.Statement(
        claim=th.Bound(0, product, strict=True),
        domains={x: th.Interval(-10, 10)},
        near_misses=[product - Rational(1, 100), product - exp(-(x**2)) / 5],
        missing_witness="a deterministic inequality; nothing is random",
    )

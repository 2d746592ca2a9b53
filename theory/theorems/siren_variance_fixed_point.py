"""Variance that a sine network with uniform weights on (-sqrt(6/n), sqrt(6/n)) settles at."""

from sympy import LambertW, Rational, exp

import theory as th
from theory.symbols import q


@th.theorem(
    topics=["fixed point", "sine", "initialisation"],
    sources=["sitzmann2020implicit"],
    status="derived",
    needs=["sine_dual"],
)
def siren_variance_fixed_point():
    """The variance map 2 E sin(X)^2 = 1 - exp(-2 q), Var W = 2/n, fixes 1 + W(-2 exp(-2))/2 = 0.7968."""
    value = 1 + LambertW(-2 * exp(-2)) / 2
    return th.Statement(
        claim=th.FixedPoint(1 - exp(-2 * q), q, value, 2 * exp(-2 * value)),
        domains={},
        resolution=Rational(1, 1000),
        near_misses=[1 + LambertW(-2 * exp(-2)), Rational(4, 5), 1 + LambertW(-exp(-1) / 2) / 2],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )

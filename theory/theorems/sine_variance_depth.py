"""Decay of the variance of a critical sine network over depth, logarithm included."""

from sympy import Integer, Rational, exp

import theory as th
from theory.orbits import Orbit
from theory.symbols import ell, q


@th.theorem(
    topics=["criticality", "sine", "rate", "depth"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["sine_variance_decay"],
)
def sine_variance_depth():
    """K_l = (1/l)(1 - log(l)/(3 l) + O(1/l)) at C_W = 1, C_b = 0: a_1 = -1 and a_2 = 2/3 in the class with K* = 0."""
    orbit = Orbit((1 - exp(-2 * q)) / 2, q, Integer(1))

    def claim(constant, logarithm):
        return th.DepthAsymptotic(orbit, ell, Integer(1), constant, logarithm)

    stated = Integer(1)
    return th.Statement(
        claim=claim(stated, -Rational(1, 3)),
        domains={},
        near_misses=[Rational(1, 2), 2, claim(stated, Rational(1, 3)), claim(stated, -Rational(5, 3))],
    )

"""Decay of the variance of a critical network in the class with K* = 0, for any cubic activation."""

from sympy import Integer, Rational, symbols

import theory as th
from theory.orbits import Orbit
from theory.symbols import ell, q

b, c = symbols("b c", real=True)


@th.theorem(
    topics=["criticality", "rate", "depth"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["cubic_variance_map"],
)
def cubic_variance_depth():
    """K_l = (1/(-a_1 l))(1 + (a_2/a_1^2 - 1) log(l)/l + O(1/l)), a_1 = c + 3 b^2/4 < 0, a_2 = 5 c^2/12.

    For phi = x + b x^2/2 + c x^3/6 at C_W = 1, C_b = 0.  The book has the leading term and the form of the logarithm.
    """
    slope, bend = c + 3 * b**2 / 4, 5 * c**2 / 12
    orbit = Orbit(q + slope * q**2 + bend * q**3, q, Rational(1, 10))
    stated, logarithm = -1 / slope, bend / slope**2 - 1

    def claim(constant, coefficient):
        return th.DepthAsymptotic(orbit, ell, Integer(1), constant, coefficient)

    return th.Statement(
        claim=claim(stated, logarithm),
        domains={b: th.Interval(Rational(1, 4), Rational(3, 4)), c: th.Interval(-3, -1)},
        near_misses=[
            -1 / (c + b**2),
            -1 / (c + b**2 / 2),
            claim(stated, -logarithm),
            claim(stated, bend / slope - slope),
        ],
    )

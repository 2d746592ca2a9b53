"""Decay of the variance of a critical network of Gaussian error linear units towards its fixed point, from above."""

from sympy import Integer, Rational, asin, pi, sqrt

import theory as th
from theory.orbits import Orbit
from theory.symbols import ell, q


@th.theorem(
    topics=["criticality", "gelu", "rate", "depth"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["gelu_critical_point"],
)
def gelu_variance_depth():
    """K_l - K* ~ 2 pi (1 + K*)^3 (1 + 2 K*)^(3/2) E[gelu'^2]/l from above, K* = (3 + sqrt(17))/2: near 6963/l.

    The fixed point attracts from above and repels below it.  So slow a decay is not seen in ten thousand layers; the
    constant follows from the second derivative of the variance map, the closed form being our own.
    """
    star = (3 + sqrt(17)) / 2
    map_ = star + (_moment(q) - _moment(star)) / _slope_moment(star)
    orbit = Orbit(map_, q, star + Rational(1, 10), q - star)

    def claim(constant, exponent=1):
        return th.DepthAsymptotic(orbit, ell, Integer(1) * exponent, constant)

    stated = 2 * pi * (1 + star) ** 3 * (1 + 2 * star) ** Rational(3, 2) * _slope_moment(star)
    return th.Statement(
        claim=claim(stated),
        domains={},
        near_misses=[stated / 2, stated / _slope_moment(star), Integer(6963), claim(stated, 2)],
        missing_witness="the power law is out of reach of an iteration; the expansion at the fixed point decides",
    )


def _moment(v):
    return v / 4 + v * asin(v / (1 + v)) / (2 * pi) + v**2 / (pi * (1 + v) * sqrt(1 + 2 * v))


def _slope_moment(v):
    tail = v * (5 * v + 3) / (2 * pi * (1 + v) * (1 + 2 * v) ** Rational(3, 2))
    return Rational(1, 4) + asin(v / (1 + v)) / (2 * pi) + tail

"""The critical initialisation of the Gaussian error linear unit, in closed form."""

from sympy import Rational, asin, pi, sqrt

import theory as th
from theory.symbols import q


@th.theorem(
    topics=["criticality", "gelu"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["gelu_moment", "gelu_slope_moment", "gelu_curvature_bracket"],
)
def gelu_critical_point():
    """C_W = 1/E[gelu'^2] and C_b = K - C_W E[gelu^2], at K = (3 + sqrt(17))/2, make K a fixed point of slope one.

    The book gives the three numbers; the closed forms are our own.
    """
    value = (3 + sqrt(17)) / 2
    return th.Statement(
        claim=_at(value),
        domains={},
        near_misses=[_at(Rational(7, 2)), _at((3 + sqrt(16)) / 2), _at((3 + sqrt(15)) / 2)],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )


def _at(value):
    return th.FixedPoint(value + (_moment(q) - _moment(value)) / _slope_moment(value), q, value, 1)


def _moment(v):
    return v / 4 + v * asin(v / (1 + v)) / (2 * pi) + v**2 / (pi * (1 + v) * sqrt(1 + 2 * v))


def _slope_moment(v):
    tail = v * (5 * v + 3) / (2 * pi * (1 + v) * (1 + 2 * v) ** Rational(3, 2))
    return Rational(1, 4) + asin(v / (1 + v)) / (2 * pi) + tail

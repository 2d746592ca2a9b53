"""The edge of chaos of the error function, in closed form with the variance as parameter."""

from sympy import Rational, asin, pi, sqrt

import theory as th
from theory.symbols import q, rho


@th.theorem(
    topics=["criticality", "erf"],
    sources=["schoenholz2017deep"],
    status="derived",
    needs=["erf_dual", "erf_derivative_dual"],
)
def erf_edge_of_chaos():
    """C_W = pi sqrt(1 + 4 q)/4 and C_b = q - sqrt(1 + 4 q) asin(2 q/(1 + 2 q))/2 fix q, and correlation 1 with slope 1.

    The paper defines the edge of chaos by that slope; the closed curve is our own.
    """
    root = sqrt(1 + 4 * q)
    weight, bias = pi * root / 4, q - root * asin(2 * q / (1 + 2 * q)) / 2
    correlation = (2 * weight * asin(2 * q * rho / (1 + 2 * q)) / pi + bias) / q
    flat = (2 * weight * asin(2 * q * rho / (1 + 2 * q)) / pi + root * asin(2 * q / (1 + 2 * q)) / 2) / q
    steep = (weight * asin(2 * q * rho / (1 + 2 * q)) / pi + q - root * asin(2 * q / (1 + 2 * q)) / 4) / q
    return th.Statement(
        claim=th.FixedPoint(correlation, rho, 1, 1),
        domains={q: th.Interval(Rational(1, 100), 5)},
        near_misses=[th.FixedPoint(flat, rho, 1, 1), th.FixedPoint(steep, rho, 1, 1)],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )

"""Depth scale of the variance of an error-function network."""

from sympy import Rational, asin, pi, sqrt, symbols

import theory as th
from theory.symbols import C_W, q

star = symbols("q_star", positive=True)


@th.theorem(
    topics=["criticality", "erf", "fixed_point"],
    sources=["schoenholz2017deep"],
    status="derived",
    needs=["erf_dual", "erf_derivative_dual"],
)
def erf_depth_scales():
    """exp(-1/xi_q) = V'(q*) = 4 C_W/(pi (1 + 2 q*) sqrt(1 + 4 q*)), V(q) = C_W (2/pi) asin(2 q/(1 + 2 q)) + C_b.

    Smaller than exp(-1/xi_c) = chi_1 = 4 C_W/(pi sqrt(1 + 4 q*)), the slope of the correlation map at one, by the
    factor 1 + 2 q*.  The paper defines the two scales; the closed forms are our own.
    """
    gain = 2 * C_W / pi
    bias = star - gain * asin(2 * star / (1 + 2 * star))
    image = gain * asin(2 * q / (1 + 2 * q)) + bias
    stated = 4 * C_W / (pi * (1 + 2 * star) * sqrt(1 + 4 * star))

    def claim(multiplier):
        return th.FixedPoint(image, q, star, multiplier)

    return th.Statement(
        claim=claim(stated),
        domains={star: th.Interval(Rational(1, 10), 4), C_W: th.Interval(Rational(1, 4), 3)},
        assumptions=[bias >= 0],
        near_misses=[claim(stated * (1 + 2 * star)), claim(stated / 2), claim(stated * sqrt(1 + 4 * star))],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )

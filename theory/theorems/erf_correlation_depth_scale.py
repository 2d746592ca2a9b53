"""Depth scale of the correlations of an error-function network on the chaotic side."""

from sympy import Rational, asin, pi, sqrt, symbols

import theory as th
from theory.symbols import q, rho

star = symbols("rho_star", real=True)


@th.theorem(
    topics=["criticality", "erf", "fixed_point"],
    sources=["schoenholz2017deep"],
    status="derived",
    needs=["erf_depth_scales", "erf_derivative_dual"],
)
def erf_correlation_depth_scale():
    """exp(-1/xi_c) = 4 C_W/(pi sqrt((1 + 2 q)^2 - 4 q^2 rho*^2)) at the correlation rho* < 1 where inputs settle.

    At the variance q, C_W = (pi/2) q (1 - rho*)/(asin(2 q/(1 + 2 q)) - asin(2 q rho*/(1 + 2 q))) is the weight variance
    that fixes rho*, with C_b = q - (2 C_W/pi) asin(2 q/(1 + 2 q)).  The scale is not that of equal inputs, chi_1, and
    finite.  The paper defines it; the closed form is our own.
    """
    apart = asin(2 * q / (1 + 2 * q)) - asin(2 * q * star / (1 + 2 * q))
    weight = pi * q * (1 - star) / (2 * apart)
    image = 1 + 2 * weight / (pi * q) * (asin(2 * q * rho / (1 + 2 * q)) - asin(2 * q / (1 + 2 * q)))
    stated = 4 * weight / (pi * sqrt((1 + 2 * q) ** 2 - 4 * q**2 * star**2))

    def claim(multiplier):
        return th.FixedPoint(image, rho, star, multiplier)

    return th.Statement(
        claim=claim(stated),
        domains={q: th.Interval(Rational(1, 4), 4), star: th.Interval(0, Rational(9, 10))},
        near_misses=[
            claim(4 * weight / (pi * sqrt(1 + 4 * q))),
            claim(stated / 2),
            claim(4 * weight / (pi * (1 + 2 * q - 2 * q * star))),
        ],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )

"""Slope moment of an activation of degree five: the perpendicular susceptibility of the class with K* = 0."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import q, u

b, c, d, e = symbols("b c d e", real=True)


@th.theorem(
    topics=["criticality", "moments"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["cubic_slope_moment", "quintic_variance_map"],
)
def quintic_slope_moment():
    """E[phi'^2] = 1 + b_1 q + b_2 q^2 + ..., b_1 = c + b^2, b_2 = (e + 4 b d + 3 c^2)/4, X ~ N(0, q).

    phi = x + b x^2/2 + c x^3/6 + d x^4/24 + e x^5/120.  The quotient b_1/a_1, a_1 = c + 3 b^2/4, is the exponent with
    which perpendicular perturbations decay over depth.
    """
    slope = 1 + b * u + c * u**2 / 2 + d * u**3 / 6 + e * u**4 / 24
    law = th.Gaussian(u, cov=[[q]])
    second = (e + 4 * b * d + 3 * c**2) / 4
    stated = 1 + (c + b**2) * q + second * q**2 + (10 * d**2 + 15 * c * e) / 24 * q**3 + 35 * e**2 / 192 * q**4
    part = th.Interval(-1, 1)
    return th.Statement(
        claim=th.GaussianIdentity(slope**2, law, stated),
        domains={q: th.Interval(Rational(1, 4), 1), b: part, c: part, d: part, e: part},
        derive=lambda: th.expect(slope**2, law),
        resolution=Rational(1, 20),
        near_misses=[stated - b * d * q**2 / 2, stated - c**2 * q**2 / 2, stated - b**2 * q / 4, stated + e * q**2 / 4],
    )

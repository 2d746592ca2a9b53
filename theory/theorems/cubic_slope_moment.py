"""Slope moment of a cubic activation: the perpendicular susceptibility near K* = 0."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import q, u

b, c = symbols("b c", real=True)


@th.theorem(topics=["criticality", "moments"], sources=["roberts2022principles"], status="derived", needs=[])
def cubic_slope_moment():
    """E[phi'^2] = 1 + (c + b^2) q + 3 c^2 q^2/4 for phi = x + b x^2/2 + c x^3/6 and X ~ N(0, q)."""
    slope = 1 + b * u + c * u**2 / 2
    stated = 1 + (c + b**2) * q + 3 * c**2 * q**2 / 4
    return th.Statement(
        claim=th.GaussianIdentity(slope**2, th.Gaussian(u, cov=[[q]]), stated),
        domains={q: th.Interval(Rational(1, 4), 1), b: th.Interval(-1, 1), c: th.Interval(-1, 1)},
        derive=lambda: th.expect(slope**2, th.Gaussian(u, cov=[[q]])),
        resolution=Rational(1, 50),
        near_misses=[stated - b**2 * q / 4, stated - c**2 * q**2 / 2],
    )

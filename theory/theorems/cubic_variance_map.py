"""Variance map of a cubic activation: the coefficients of the class with K* = 0."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import q, u

b, c = symbols("b c", real=True)


@th.theorem(topics=["criticality", "moments"], sources=["roberts2022principles"], status="derived", needs=[])
def cubic_variance_map():
    """E[phi^2] = q + (c + 3 b^2/4) q^2 + 5 c^2 q^3/12 for phi = x + b x^2/2 + c x^3/6 and X ~ N(0, q).

    So K decreases to zero at C_W = 1, C_b = 0 where c + 3 b^2/4 < 0.
    """
    phi = u + b * u**2 / 2 + c * u**3 / 6
    stated = q + (c + 3 * b**2 / 4) * q**2 + 5 * c**2 * q**3 / 12
    return th.Statement(
        claim=th.GaussianIdentity(phi**2, th.Gaussian(u, cov=[[q]]), stated),
        domains={q: th.Interval(Rational(1, 4), 1), b: th.Interval(-1, 1), c: th.Interval(-1, 1)},
        derive=lambda: th.expect(phi**2, th.Gaussian(u, cov=[[q]])),
        resolution=Rational(1, 50),
        near_misses=[stated + b**2 * q**2 / 4, stated - b**2 * q**2 / 4, stated - c * q**2 / 2],
    )

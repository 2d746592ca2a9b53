"""Variance map of an activation of degree five: both coefficients of the class with K* = 0."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import q, u

b, c, d, e = symbols("b c d e", real=True)


@th.theorem(
    topics=["criticality", "moments"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["cubic_variance_map"],
)
def quintic_variance_map():
    """E[phi^2] = q + a_1 q^2 + a_2 q^3 + ..., a_1 = c + 3 b^2/4, a_2 = (6 e + 15 b d + 10 c^2)/24, X ~ N(0, q).

    phi = x + b x^2/2 + c x^3/6 + d x^4/24 + e x^5/120, so that b, ..., e are its derivatives at zero: the expansion of
    the variance map at C_W = 1, C_b = 0 for any smooth activation of slope one.
    """
    phi = u + b * u**2 / 2 + c * u**3 / 6 + d * u**4 / 24 + e * u**5 / 120
    law = th.Gaussian(u, cov=[[q]])
    second = (6 * e + 15 * b * d + 10 * c**2) / 24
    beyond = (35 * d**2 + 56 * c * e) / 192 * q**4 + 21 * e**2 / 320 * q**5
    stated = q + (c + 3 * b**2 / 4) * q**2 + second * q**3 + beyond
    part = th.Interval(-1, 1)
    return th.Statement(
        claim=th.GaussianIdentity(phi**2, law, stated),
        domains={q: th.Interval(Rational(1, 4), 1), b: part, c: part, d: part, e: part},
        derive=lambda: th.expect(phi**2, law),
        near_misses=[
            stated - 5 * b * d * q**3 / 16,
            stated - 5 * c**2 * q**3 / 24,
            stated - e * q**3 / 8,
            stated + b**2 * q**2 / 4,
        ],
        missing_witness="the tenth power of a Gaussian is heavy-tailed; its sample mean is no evidence",
    )

"""How the bias variance of the edge of chaos starts at zero variance."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import q, u

b, c = symbols("b c", real=True)


@th.theorem(
    topics=["criticality", "moments"],
    sources=["schoenholz2017deep"],
    status="derived",
    needs=["cubic_variance_map", "cubic_slope_moment"],
)
def cubic_edge_of_chaos():
    """E[q phi'^2 - phi^2] = b^2 q^2/4 + c^2 q^3/3 for phi = x + b x^2/2 + c x^3/6 and X ~ N(0, q).

    On the edge of chaos C_W = 1/E[phi'^2] and C_b is this over E[phi'^2]: quadratic in q, cubic for odd activations
    (4 q^3/3 for tanh).  The paper has the curve by numbers; the expansion is our own.
    """
    phi, slope = u + b * u**2 / 2 + c * u**3 / 6, 1 + b * u + c * u**2 / 2
    integrand = q * slope**2 - phi**2
    law = th.Gaussian(u, cov=[[q]])
    stated = b**2 * q**2 / 4 + c**2 * q**3 / 3
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains={q: th.Interval(Rational(1, 4), 1), b: th.Interval(-1, 1), c: th.Interval(-1, 1)},
        derive=lambda: th.expect(integrand, law),
        resolution=Rational(1, 50),
        near_misses=[stated + b**2 * q**2 / 4, stated - c**2 * q**3 / 6, stated - b**2 * q**2 / 4],
    )

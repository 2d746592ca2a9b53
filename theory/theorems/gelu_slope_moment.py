"""Second moment of the derivative of the Gaussian error linear unit."""

from sympy import Rational, asin, pi

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import q, u


@th.theorem(topics=["moments", "gelu"], sources=["roberts2022principles"], status="derived", needs=[])
def gelu_slope_moment():
    """E[gelu'(X)^2] for X ~ N(0, q), the bracket of the perpendicular susceptibility."""
    slope = (u * Phi(u)).diff(u)
    tail = q * (5 * q + 3) / (2 * pi * (1 + q) * (1 + 2 * q) ** Rational(3, 2))
    stated = Rational(1, 4) + asin(q / (1 + q)) / (2 * pi) + tail
    wrong = q * (3 * q + 5) / (2 * pi * (1 + q) * (1 + 2 * q) ** Rational(3, 2))
    return th.Statement(
        claim=th.GaussianIdentity(slope**2, th.Gaussian(u, cov=[[q]]), stated),
        domains={q: th.Interval(Rational(1, 4), 4)},
        derive=lambda: th.expect(slope**2, th.Gaussian(u, cov=[[q]])),
        resolution=Rational(1, 1000),
        near_misses=[stated - tail + wrong],
    )

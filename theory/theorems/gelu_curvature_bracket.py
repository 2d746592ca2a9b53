"""The bracket of the Gaussian error linear unit with its second derivative, whose zero is its critical variance."""

from sympy import Rational, pi

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import q, u


@th.theorem(topics=["moments", "gelu", "criticality"], sources=["roberts2022principles"], status="derived", needs=[])
def gelu_curvature_bracket():
    """E[gelu(X) gelu''(X)] for X ~ N(0, q): it changes sign at q = (3 + sqrt(17))/2."""
    gelu = u * Phi(u)
    below = 2 * pi * (1 + q) ** 2 * (1 + 2 * q) ** Rational(3, 2)
    return th.Statement(
        claim=th.GaussianIdentity(gelu * gelu.diff(u, 2), th.Gaussian(u, cov=[[q]]), -q * (q**2 - 3 * q - 2) / below),
        domains={q: th.Interval(Rational(1, 2), 6)},
        derive=lambda: th.expect(gelu * gelu.diff(u, 2), th.Gaussian(u, cov=[[q]])),
        resolution=Rational(1, 2000),
        near_misses=[-q * (q**2 - 3 * q - 4) / below, -q * (q**2 - 2 * q - 2) / below],
    )

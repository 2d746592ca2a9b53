"""Second moment of the Gaussian error linear unit."""

from sympy import Rational, asin, pi, sqrt

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import q, u


@th.theorem(topics=["moments", "gelu"], sources=["roberts2022principles"], status="derived", needs=[])
def gelu_moment():
    """E[(X Phi(X))^2] for X ~ N(0, q)."""
    tail = q**2 / (pi * (1 + q) * sqrt(1 + 2 * q))
    stated = q / 4 + q / (2 * pi) * asin(q / (1 + q)) + tail
    return th.Statement(
        claim=th.GaussianIdentity((u * Phi(u)) ** 2, th.Gaussian(u, cov=[[q]]), stated),
        domains={q: th.Interval(Rational(1, 4), 4)},
        derive=lambda: th.Activation(u * Phi(u), u).moment(2, q),
        resolution=Rational(1, 100),
        near_misses=[stated - tail / 2, q / 4 + q / (2 * pi) * asin(q / (1 + 2 * q)) + tail],
    )

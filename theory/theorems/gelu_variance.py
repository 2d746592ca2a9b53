"""Variance of the Gaussian error linear unit at unit input variance."""

from sympy import Rational, pi, sqrt

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import u


@th.theorem(
    topics=["moments", "gelu", "initialisation"], sources=["brock2021characterizing"], status="derived", needs=[]
)
def gelu_variance():
    """Var(Z Phi(Z)) = 1/3 + 1/(2 sqrt(3) pi) - 1/(4 pi), Z ~ N(0, 1): the gain is 1.70093."""
    centred = (u * Phi(u) - 1 / (2 * sqrt(pi))) ** 2
    stated = Rational(1, 3) + 1 / (2 * sqrt(3) * pi) - 1 / (4 * pi)
    return th.Statement(
        claim=th.GaussianIdentity(centred, th.Gaussian(u), stated),
        domains={},
        derive=lambda: th.expect(centred, th.Gaussian(u)),
        resolution=Rational(1, 100),
        near_misses=[stated + 1 / (4 * pi), stated - 1 / (4 * pi)],
    )

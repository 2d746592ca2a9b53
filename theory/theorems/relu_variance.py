"""Variance of the rectifier, whose inverse root is the gain of normaliser-free networks."""

from sympy import Max, Rational, pi, sqrt

import theory as th
from theory.symbols import u


@th.theorem(
    topics=["moments", "relu", "initialisation"], sources=["brock2021characterizing"], status="derived", needs=[]
)
def relu_variance():
    """Var max(Z, 0) = (1 - 1/pi)/2, Z ~ N(0, 1): the gain sqrt(2/(1 - 1/pi)) = 1.71286 keeps the variance."""
    centred = (Max(u, 0) - 1 / sqrt(2 * pi)) ** 2
    return th.Statement(
        claim=th.GaussianIdentity(centred, th.Gaussian(u), (1 - 1 / pi) / 2),
        domains={},
        derive=lambda: th.expect(centred, th.Gaussian(u)),
        resolution=Rational(1, 100),
        near_misses=[Rational(1, 2), (1 - 2 / pi) / 2],
    )

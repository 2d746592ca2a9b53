"""Dual activation of the Gaussian error linear unit."""

from sympy import Rational, asin, pi, sqrt

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import rho, u, v


@th.theorem(
    topics=["kernel", "gelu"], sources=["tsuchida2021avoiding"], status="derived", needs=["gelu_covariance_dual"]
)
def gelu_dual():
    """E[U Phi(U) V Phi(V)] for a standard Gaussian pair of correlation rho."""
    stated = rho / 4 + (rho * asin(rho / 2) + 1 / sqrt(4 - rho**2)) / (2 * pi)
    wrong = rho / 4 + (rho * asin(rho / 2) + rho**2 / sqrt(4 - rho**2)) / (2 * pi)
    return th.Statement(
        claim=th.GaussianIdentity(u * Phi(u) * v * Phi(v), th.Gaussian([u, v], corr=rho), stated),
        domains={rho: th.Interval(-1, 1)},
        derive=lambda: th.Activation(u * Phi(u), u).dual(rho),
        resolution=Rational(1, 200),
        near_misses=[wrong],
    )

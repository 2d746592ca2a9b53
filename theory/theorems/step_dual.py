"""Dual activation of the unit step (arc-cosine kernel of order zero)."""

from sympy import Heaviside, Rational, acos, asin, pi

import theory as th
from theory.symbols import rho, u, v


@th.theorem(topics=["kernel", "step"], sources=["cho2009kernel"], status="theorem", needs=[])
def step_dual():
    """P(U > 0, V > 0) for a standard Gaussian pair of correlation rho."""
    stated = (pi - acos(rho)) / (2 * pi)
    return th.Statement(
        claim=th.GaussianIdentity(Heaviside(u) * Heaviside(v), th.Gaussian([u, v], corr=rho), stated),
        domains={rho: th.Interval(-1, 1)},
        derive=lambda: th.Activation(Heaviside(u), u).dual(rho),
        resolution=Rational(1, 500),
        near_misses=[acos(rho) / (2 * pi), asin(rho) / pi],
    )

"""Dual activation of the rectifier (arc-cosine kernel of order one)."""

from sympy import Max, Rational, acos, pi, sqrt

import theory as th
from theory.symbols import rho, u, v


@th.theorem(topics=["kernel", "relu"], sources=["cho2009kernel"], status="theorem", needs=[])
def relu_dual():
    """E[max(U,0) max(V,0)] for a standard Gaussian pair of correlation rho."""
    stated = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / (2 * pi)
    return th.Statement(
        claim=th.GaussianIdentity(Max(u, 0) * Max(v, 0), th.Gaussian([u, v], corr=rho), stated),
        domains={rho: th.Interval(-1, 1)},
        derive=lambda: th.Activation(Max(u, 0), u).dual(rho),
        resolution=Rational(1, 500),
        near_misses=[stated.subs(pi - acos(rho), acos(rho)), 2 * stated / 3],
    )

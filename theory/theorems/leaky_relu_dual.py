"""Dual activation of the leaky rectifier, for any slope."""

from sympy import Piecewise, Rational, Symbol, asin, pi, sqrt

import theory as th
from theory.symbols import rho, u, v

a = Symbol("a", real=True)


def _leaky(x):
    return Piecewise((a * x, x < 0), (x, True))


@th.theorem(topics=["kernel", "relu"], sources=["cho2009kernel"], status="derived", needs=["relu_dual"])
def leaky_relu_dual():
    """E[phi(U) phi(V)], phi of slope 1 to the right and a to the left, for a standard pair of correlation rho."""
    absolute = 2 / pi * (sqrt(1 - rho**2) + rho * asin(rho))
    stated = ((1 + a) / 2) ** 2 * rho + ((1 - a) / 2) ** 2 * absolute
    return th.Statement(
        claim=th.GaussianIdentity(_leaky(u) * _leaky(v), th.Gaussian([u, v], corr=rho), stated),
        domains={rho: th.Interval(-1, 1), a: th.Interval(-1, 1)},
        derive=lambda: th.Activation(_leaky(u), u).dual(rho),
        resolution=Rational(1, 200),
        near_misses=[((1 + a) / 2) ** 2 * rho + (1 - a**2) / 4 * absolute, stated - a * rho / 2],
    )

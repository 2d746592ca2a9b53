"""Dual activation of the thresholded rectifier, for any threshold."""

from sympy import Max, Rational, Symbol, exp, pi, sqrt

import theory as th
from theory.gaussian.functions import Phi, Phi2
from theory.symbols import rho, u, v

tau = Symbol("tau", positive=True)


@th.theorem(topics=["kernel", "threshold"], sources=[], status="derived", needs=["shifted_relu_moment"])
def shifted_relu_dual():
    """E[max(U - tau, 0) max(V - tau, 0)] for a standard Gaussian pair of correlation rho."""
    edge = exp(-(tau**2) / 2) / sqrt(2 * pi) * Phi(-tau * sqrt((1 - rho) / (1 + rho)))
    corner = sqrt(1 - rho**2) / (2 * pi) * exp(-(tau**2) / (1 + rho))
    stated = (rho + tau**2) * Phi2(-tau, -tau, rho) - 2 * tau * edge + corner
    return th.Statement(
        claim=th.GaussianIdentity(Max(u - tau, 0) * Max(v - tau, 0), th.Gaussian([u, v], corr=rho), stated),
        domains={rho: th.Interval(-1, 1, left_open=True), tau: th.Interval(Rational(1, 10), 2)},
        derive=lambda: th.Activation(Max(u - tau, 0), u).dual(rho),
        resolution=Rational(1, 200),
        near_misses=[stated + 2 * tau * edge, stated - 2 * corner],
    )

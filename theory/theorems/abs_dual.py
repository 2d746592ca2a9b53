"""Dual activation of the absolute value at any pair of variances."""

from sympy import Abs, Rational, asin, pi, sqrt

import theory as th
from theory.symbols import q1, q2, rho, u, v


@th.theorem(topics=["kernel", "relu"], sources=["cho2009kernel"], status="derived", needs=[])
def abs_dual():
    """E[|U| |V|] for a centred Gaussian pair with variances q1, q2 and correlation rho."""
    scale = sqrt(q1 * q2)
    stated = 2 * scale / pi * (sqrt(1 - rho**2) + rho * asin(rho))
    law = th.Gaussian([u, v], cov=[[q1, scale * rho], [scale * rho, q2]])
    return th.Statement(
        claim=th.GaussianIdentity(Abs(u) * Abs(v), law, stated),
        domains={q1: th.Interval(Rational(1, 4), 2), q2: th.Interval(Rational(1, 4), 2), rho: th.Interval(-1, 1)},
        derive=lambda: th.Activation(Abs(u), u).dual(rho, q1, q2),
        resolution=Rational(1, 200),
        near_misses=[2 * scale / pi * sqrt(1 - rho**2), scale / pi * (sqrt(1 - rho**2) + rho * asin(rho))],
    )

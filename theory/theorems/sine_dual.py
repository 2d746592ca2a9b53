"""Dual activation of the sine at any pair of variances."""

from sympy import Rational, cosh, exp, sin, sinh

import theory as th
from theory.symbols import q1, q2, q12, u, v


@th.theorem(topics=["kernel", "sine"], sources=["daniely2016toward"], status="derived", needs=[])
def sine_dual():
    """E[sin(U) sin(V)] for a centred Gaussian pair with variances q1, q2 and covariance q12."""
    scale = exp(-(q1 + q2) / 2)
    return th.Statement(
        claim=th.GaussianIdentity(sin(u) * sin(v), th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]]), scale * sinh(q12)),
        domains={q1: th.Interval(Rational(1, 4), 2), q2: th.Interval(Rational(1, 4), 2), q12: th.Interval(-2, 2)},
        assumptions=[q12**2 < q1 * q2],
        derive=lambda: th.Activation(sin(u), u).dual_cov(q1, q2, q12),
        resolution=Rational(1, 200),
        near_misses=[scale * cosh(q12), exp(-(q1 + q2)) * sinh(2 * q12)],
    )

"""Dual activation of the error function at any pair of variances."""

from sympy import Rational, asin, erf, pi, sqrt

import theory as th
from theory.symbols import q1, q2, q12, u, v


@th.theorem(topics=["kernel", "erf"], sources=["williams1997computing"], status="theorem", needs=[])
def erf_dual():
    """E[erf(U) erf(V)] for a centred Gaussian pair with variances q1, q2 and covariance q12."""
    stated = 2 / pi * asin(2 * q12 / sqrt((1 + 2 * q1) * (1 + 2 * q2)))
    return th.Statement(
        claim=th.GaussianIdentity(erf(u) * erf(v), th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]]), stated),
        domains={q1: th.Interval(Rational(1, 4), 4), q2: th.Interval(Rational(1, 4), 4), q12: th.Interval(-4, 4)},
        assumptions=[q12**2 < q1 * q2],
        derive=lambda: th.Activation(erf(u), u).dual_cov(q1, q2, q12),
        resolution=Rational(1, 500),
        near_misses=[
            2 / pi * asin(2 * q12 / sqrt((1 + q1) * (1 + q2))),
            2 / pi * asin(q12 / sqrt((1 + 2 * q1) * (1 + 2 * q2))),
        ],
    )

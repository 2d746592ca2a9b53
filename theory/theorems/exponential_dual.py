"""Dual activation of the exponential at any pair of variances."""

from sympy import Rational, exp

import theory as th
from theory.symbols import q1, q2, q12, u, v


@th.theorem(topics=["kernel", "exponential"], sources=["daniely2016toward"], status="derived", needs=[])
def exponential_dual():
    """E[exp(U) exp(V)] for a centred Gaussian pair with variances q1, q2 and covariance q12."""
    stated = exp((q1 + q2) / 2 + q12)
    return th.Statement(
        claim=th.GaussianIdentity(exp(u) * exp(v), th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]]), stated),
        domains={
            q1: th.Interval(Rational(1, 10), Rational(1, 2)),
            q2: th.Interval(Rational(1, 10), Rational(1, 2)),
            q12: th.Interval(Rational(-1, 2), Rational(1, 2)),
        },
        assumptions=[q12**2 < q1 * q2],
        derive=lambda: th.Activation(exp(u), u).dual_cov(q1, q2, q12),
        resolution=Rational(1, 50),
        near_misses=[exp((q1 + q2) / 2), exp(q1 + q2 + q12)],
    )

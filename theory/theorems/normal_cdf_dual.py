"""Dual activation of the normal distribution function: an orthant probability with fresh noise."""

from sympy import Rational, asin, pi, sqrt

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import q1, q2, q12, u, v


@th.theorem(topics=["kernel", "erf"], sources=["williams1997computing"], status="derived", needs=[])
def normal_cdf_dual():
    """E[Phi(U) Phi(V)] for a centred Gaussian pair with variances q1, q2 and covariance q12."""
    stated = Rational(1, 4) + asin(q12 / sqrt((1 + q1) * (1 + q2))) / (2 * pi)
    return th.Statement(
        claim=th.GaussianIdentity(Phi(u) * Phi(v), th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]]), stated),
        domains={q1: th.Interval(Rational(1, 4), 4), q2: th.Interval(Rational(1, 4), 4), q12: th.Interval(-4, 4)},
        assumptions=[q12**2 < q1 * q2],
        derive=lambda: th.Activation(Phi(u), u).dual_cov(q1, q2, q12),
        resolution=Rational(1, 500),
        near_misses=[
            Rational(1, 4) + asin(q12 / sqrt((1 + 2 * q1) * (1 + 2 * q2))) / (2 * pi),
            Rational(1, 4) + asin(q12 / sqrt((1 + q1) * (1 + q2))) / pi,
        ],
    )

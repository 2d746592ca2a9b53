"""Dual activation of the Gaussian bump: a ratio of determinants."""

from sympy import Rational, exp, sqrt

import theory as th
from theory.symbols import q1, q2, q12, u, v


@th.theorem(topics=["kernel", "gaussian"], sources=["williams1997computing"], status="derived", needs=[])
def gaussian_dual():
    """E[exp(-(U^2 + V^2)/2)] for a centred Gaussian pair with variances q1, q2 and covariance q12."""
    stated = 1 / sqrt((1 + q1) * (1 + q2) - q12**2)
    integrand = exp(-(u**2) / 2) * exp(-(v**2) / 2)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]]), stated),
        domains={q1: th.Interval(Rational(1, 4), 4), q2: th.Interval(Rational(1, 4), 4), q12: th.Interval(-4, 4)},
        assumptions=[q12**2 < q1 * q2],
        derive=lambda: th.Activation(exp(-(u**2) / 2), u).dual_cov(q1, q2, q12),
        resolution=Rational(1, 1000),
        near_misses=[1 / sqrt((1 + q1) * (1 + q2)), 1 / sqrt((1 + 2 * q1) * (1 + 2 * q2) - q12**2)],
    )

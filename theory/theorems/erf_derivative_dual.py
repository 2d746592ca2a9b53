"""Dual of the derivative of the error function, the factor of its neural tangent kernel."""

from sympy import Rational, exp, pi, sqrt

import theory as th
from theory.symbols import q1, q2, q12, u, v


@th.theorem(topics=["kernel", "erf"], sources=["williams1997computing"], status="derived", needs=["price_identity"])
def erf_derivative_dual():
    """E[erf'(U) erf'(V)] for a centred Gaussian pair with variances q1, q2 and covariance q12."""
    slope = 2 * exp(-(u**2)) / sqrt(pi)
    stated = 4 / (pi * sqrt((1 + 2 * q1) * (1 + 2 * q2) - 4 * q12**2))
    law = th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]])
    return th.Statement(
        claim=th.GaussianIdentity(slope * slope.subs(u, v), law, stated),
        domains={q1: th.Interval(Rational(1, 4), 4), q2: th.Interval(Rational(1, 4), 4), q12: th.Interval(-4, 4)},
        assumptions=[q12**2 < q1 * q2],
        derive=lambda: th.Activation(slope, u).dual_cov(q1, q2, q12),
        resolution=Rational(1, 500),
        near_misses=[
            4 / (pi * sqrt((1 + 2 * q1) * (1 + 2 * q2) - q12**2)),
            4 / (pi * sqrt((1 + q1) * (1 + q2) - q12**2)),
        ],
    )

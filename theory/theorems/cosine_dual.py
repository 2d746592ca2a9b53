"""Dual activation of the cosine, which is the kernel of random Fourier features."""

from sympy import Rational, cos, cosh, exp, sinh

import theory as th
from theory.symbols import q1, q2, q12, u, v


@th.theorem(topics=["kernel", "sine"], sources=["rahimi2007random"], status="derived", needs=[])
def cosine_dual():
    """E[cos(U) cos(V)] for a centred Gaussian pair with variances q1, q2 and covariance q12."""
    scale = exp(-(q1 + q2) / 2)
    return th.Statement(
        claim=th.GaussianIdentity(cos(u) * cos(v), th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]]), scale * cosh(q12)),
        domains={q1: th.Interval(Rational(1, 4), 2), q2: th.Interval(Rational(1, 4), 2), q12: th.Interval(-2, 2)},
        assumptions=[q12**2 < q1 * q2],
        derive=lambda: th.Activation(cos(u), u).dual_cov(q1, q2, q12),
        resolution=Rational(1, 200),
        near_misses=[scale * sinh(q12), scale * exp(q12)],
    )

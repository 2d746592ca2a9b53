"""Dual activation of the Gaussian error linear unit at any pair of variances."""

from sympy import Rational, asin, pi, sqrt

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import q1, q2, q12, u, v


def _stated(cross):
    """Stein's lemma twice: E[U V h] = q12 E h + second derivatives of h = Phi Phi."""
    root = sqrt((1 + q1) * (1 + q2) - q12**2)
    orthant = Rational(1, 4) + asin(q12 / sqrt((1 + q1) * (1 + q2))) / (2 * pi)
    mixed = 1 / (2 * pi * root)
    first, second = -q12 * mixed / (1 + q1), -q12 * mixed / (1 + q2)
    return q12 * orthant + q1 * q12 * first + (q1 * q2 + cross) * mixed + q2 * q12 * second


@th.theorem(topics=["kernel", "gelu"], sources=["tsuchida2021avoiding"], status="derived", needs=["stein_lemma"])
def gelu_covariance_dual():
    """E[U Phi(U) V Phi(V)] for a centred Gaussian pair with variances q1, q2 and covariance q12."""
    law = th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]])
    return th.Statement(
        claim=th.GaussianIdentity(u * Phi(u) * v * Phi(v), law, _stated(q12**2)),
        domains={q1: th.Interval(Rational(1, 4), 2), q2: th.Interval(Rational(1, 4), 2), q12: th.Interval(-2, 2)},
        assumptions=[q12**2 < q1 * q2],
        derive=lambda: th.Activation(u * Phi(u), u).dual_cov(q1, q2, q12),
        resolution=Rational(1, 500),
        near_misses=[_stated(0), _stated(-(q12**2))],
    )

"""Covariance of two entries of a random permutation matrix."""

from sympy import Integer, Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=[], status="derived", needs=[])
def haar_centred_permutation_moment():
    """E (P_11 - 1/n)(P_22 - 1/n) = 1/(n^2 (n - 1)), n >= 2."""
    Z = th.Haar("S0", n)
    moment = Z[1, 1] * Z[2, 2]
    stated = 1 / (n**2 * (n - 1))
    return th.Statement(
        claim=th.HaarIdentity(moment, Z, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Z.mean(moment),
        resolution=Rational(1, 100),
        near_misses=[-1 / (n**2 * (n - 1)), Integer(0), 1 / n**3],
    )

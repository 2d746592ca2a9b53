"""Third central moment of an entry of a random permutation matrix."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=[], status="derived", needs=[])
def haar_centred_permutation_third_moment():
    """E (P_11 - 1/n)^3 = (n - 1)(n - 2)/n^3, n >= 1."""
    Z = th.Haar("S0", n)
    moment = Z[1, 1] ** 3
    stated = (n - 1) * (n - 2) / n**3
    return th.Statement(
        claim=th.HaarIdentity(moment, Z, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Z.mean(moment),
        resolution=Rational(1, 200),
        near_misses=[1 / n, (n - 1) / n**2, (n - 2) / n**2],
    )

"""Three prescribed values of a random permutation."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=[], status="derived", needs=[])
def haar_permutation_moment():
    """E P_11 P_22 P_33 = 1/(n (n - 1) (n - 2)), n >= 3, for a uniform permutation matrix P."""
    P = th.Haar("S", n)
    moment = P[1, 1] * P[2, 2] * P[3, 3]
    stated = 1 / (n * (n - 1) * (n - 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, P, stated),
        domains={n: th.Integers(3)},
        derive=lambda: P.mean(moment),
        resolution=Rational(1, 200),
        near_misses=[1 / n**3, 1 / (n * (n - 1) * (n + 1))],
    )

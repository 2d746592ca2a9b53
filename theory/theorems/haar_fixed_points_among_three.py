"""Third moment of the number of fixed points among three points of a random permutation."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=[], status="derived", needs=[])
def haar_fixed_points_among_three():
    """E (P_11 + P_22 + P_33)^3 = 3 (n^2 + 3 n - 8)/(n (n - 1) (n - 2)), n >= 3."""
    P = th.Haar("S", n)
    moment = (P[1, 1] + P[2, 2] + P[3, 3]) ** 3
    stated = 3 * (n**2 + 3 * n - 8) / (n * (n - 1) * (n - 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, P, stated),
        domains={n: th.Integers(3)},
        derive=lambda: P.mean(moment),
        resolution=Rational(1, 15),
        near_misses=[27 / n, 3 * (n**2 + 3 * n - 6) / (n * (n - 1) * (n - 2))],
    )

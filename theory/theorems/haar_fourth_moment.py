"""Fourth moment of an entry of a random orthogonal matrix."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_fourth_moment():
    """E O_11^4 = 3/(n (n + 2)) for O uniform on O(n), n >= 1."""
    Q = th.Haar("O", n)
    moment = Q[1, 1] ** 4
    stated = 3 / (n * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(1)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 200),
        near_misses=[3 / n**2, 3 / (n * (n + 1)), 1 / (n * (n + 2))],
    )

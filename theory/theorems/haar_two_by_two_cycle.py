"""The alternating product of a two by two corner of a random orthogonal matrix."""

from sympy import Integer, Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_two_by_two_cycle():
    """E O_11 O_12 O_21 O_22 = -1/(n (n - 1) (n + 2)), n >= 2, by orthogonality of the rows."""
    Q = th.Haar("O", n)
    moment = Q[1, 1] * Q[1, 2] * Q[2, 1] * Q[2, 2]
    stated = -1 / (n * (n - 1) * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 500),
        near_misses=[1 / (n * (n - 1) * (n + 2)), Integer(0), -1 / (n * (n - 1) * (n + 1))],
    )

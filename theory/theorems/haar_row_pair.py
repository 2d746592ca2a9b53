"""Mixed fourth moment of two entries in one row of a random orthogonal matrix."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_row_pair():
    """E O_11^2 O_12^2 = 1/(n (n + 2)), n >= 2: less than the product of the means, because a row has unit norm."""
    Q = th.Haar("O", n)
    moment = Q[1, 1] ** 2 * Q[1, 2] ** 2
    stated = 1 / (n * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 300),
        near_misses=[1 / n**2, 1 / (n * (n + 1))],
    )

"""Fourth moment of the sum of two entries of a column."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_column_sum():
    """E (O_11 + O_21)^4 = 12/(n (n + 2)), n >= 2: the sum has the law of sqrt(2) times a coordinate."""
    Q = th.Haar("O", n)
    moment = (Q[1, 1] + Q[2, 1]) ** 4
    stated = 12 / (n * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 50),
        near_misses=[12 / n**2, 6 / (n * (n + 2))],
    )

"""Fourth moment of the sum of three entries of a column."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_column_sum():
    """E (O_11 + O_21 + O_31)^4 = 27/(n (n + 2)), n >= 3: the sum has the law of sqrt(3) times a coordinate."""
    Q = th.Haar("O", n)
    moment = (Q[1, 1] + Q[2, 1] + Q[3, 1]) ** 4
    stated = 27 / (n * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(3)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 20),
        near_misses=[27 / n**2, 9 / (n * (n + 2))],
    )

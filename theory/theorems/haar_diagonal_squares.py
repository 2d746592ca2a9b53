"""Squares of two entries in different rows and columns of a random orthogonal matrix."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_diagonal_squares():
    """E O_11^2 O_22^2 = (n + 1)/(n (n - 1) (n + 2)), n >= 2: more than the product of the means."""
    Q = th.Haar("O", n)
    moment = Q[1, 1] ** 2 * Q[2, 2] ** 2
    stated = (n + 1) / (n * (n - 1) * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 300),
        near_misses=[1 / n**2, 1 / (n * (n - 1)), 1 / (n * (n + 2))],
    )

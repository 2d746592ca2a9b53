"""Fourth moment of a two by two minor of a random orthogonal matrix."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_minor_fourth_moment():
    """E det(O_{12,12})^4 = 24/(n (n - 1) (n + 1) (n + 2)), n >= 2; at n = 2 the determinant is a sign."""
    Q = th.Haar("O", n)
    moment = Q.minor([1, 2], [1, 2]) ** 4
    stated = 24 / (n * (n - 1) * (n + 1) * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 200),
        near_misses=[12 / (n * (n - 1) * (n + 2)), 24 / (n**2 * (n + 1) * (n + 2))],
    )

"""Two absolute squares on the diagonal of a random unitary matrix."""

from sympy import Rational, conjugate

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2006integration"], status="derived", needs=[])
def haar_unitary_diagonal_pair():
    """E |U_11 U_22|^2 = 1/(n^2 - 1), n >= 2."""
    U = th.Haar("U", n)
    moment = U[1, 1] * U[2, 2] * conjugate(U[1, 1] * U[2, 2])
    stated = 1 / (n**2 - 1)
    return th.Statement(
        claim=th.HaarIdentity(moment, U, stated),
        domains={n: th.Integers(2)},
        derive=lambda: U.mean(moment),
        resolution=Rational(1, 300),
        near_misses=[1 / n**2, 1 / (n * (n + 1))],
    )

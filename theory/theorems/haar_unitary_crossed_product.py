"""The crossed product of a two by two corner of a random unitary matrix."""

from sympy import Integer, Rational, conjugate

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2006integration"], status="derived", needs=[])
def haar_unitary_crossed_product():
    """E U_11 U_22 conj(U_12 U_21) = -1/(n (n^2 - 1)), n >= 2: a single Weingarten value."""
    U = th.Haar("U", n)
    moment = U[1, 1] * U[2, 2] * conjugate(U[1, 2] * U[2, 1])
    stated = -1 / (n * (n**2 - 1))
    return th.Statement(
        claim=th.HaarIdentity(moment, U, stated),
        domains={n: th.Integers(2)},
        derive=lambda: U.mean(moment),
        resolution=Rational(1, 200),
        near_misses=[1 / (n * (n**2 - 1)), -1 / n**3, Integer(0)],
    )

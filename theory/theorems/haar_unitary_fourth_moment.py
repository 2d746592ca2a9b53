"""Fourth absolute moment of an entry of a random unitary matrix."""

from sympy import Rational, conjugate

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2006integration"], status="derived", needs=[])
def haar_unitary_fourth_moment():
    """E |U_11|^4 = 2/(n (n + 1)) for U uniform on U(n), n >= 1."""
    U = th.Haar("U", n)
    moment = U[1, 1] ** 2 * conjugate(U[1, 1]) ** 2
    stated = 2 / (n * (n + 1))
    return th.Statement(
        claim=th.HaarIdentity(moment, U, stated),
        domains={n: th.Integers(1)},
        derive=lambda: U.mean(moment),
        resolution=Rational(1, 200),
        near_misses=[2 / n**2, 3 / (n * (n + 2))],
    )

"""Fourth absolute moment of an entry of a random symplectic matrix."""

from sympy import Rational, conjugate

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2006integration"], status="derived", needs=[])
def haar_symplectic_fourth_moment():
    """E |S_11|^4 = 1/(n (2 n + 1)) for S uniform on the compact group Sp(n) of 2n x 2n matrices, n >= 1."""
    S = th.Haar("Sp", n)
    moment = S[1, 1] ** 2 * conjugate(S[1, 1]) ** 2
    stated = 1 / (n * (2 * n + 1))
    return th.Statement(
        claim=th.HaarIdentity(moment, S, stated),
        domains={n: th.Integers(1)},
        derive=lambda: S.mean(moment),
        resolution=Rational(1, 200),
        near_misses=[1 / (2 * n**2), 2 / (n * (2 * n + 1))],
    )

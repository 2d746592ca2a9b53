"""The symplectic form of two columns in one plane of coordinates."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2006integration"], status="derived", needs=[])
def haar_symplectic_form():
    """E (S_11 S_{n+1,n+1} - S_{1,n+1} S_{n+1,1}) = 1/n, n >= 1: every coordinate plane has the same share."""
    S = th.Haar("Sp", n)
    moment = S[1, 1] * S[n + 1, n + 1] - S[1, n + 1] * S[n + 1, 1]
    stated = 1 / n
    return th.Statement(
        claim=th.HaarIdentity(moment, S, stated),
        domains={n: th.Integers(1)},
        derive=lambda: S.mean(moment),
        resolution=Rational(1, 100),
        near_misses=[1 / (2 * n), 1 / n**2],
    )

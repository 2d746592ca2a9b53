"""Mean absolute value of an entry of a random orthogonal matrix."""

from sympy import Abs, Rational, gamma, pi, sqrt

import theory as th
from theory.haar.means import absolute_moment
from theory.symbols import n


@th.theorem(topics=["haar"], sources=[], status="derived", needs=[])
def haar_absolute_entry():
    """E |O_11| = Gamma(n/2)/(sqrt(pi) Gamma((n + 1)/2)), n >= 1: 1, 2/pi, 1/2, ..."""
    Q = th.Haar("O", n)
    stated = gamma(n / 2) / (sqrt(pi) * gamma((n + 1) / 2))
    return th.Statement(
        claim=th.HaarIdentity(Abs(Q[1, 1]), Q, stated),
        domains={n: th.Integers(1)},
        derive=lambda: absolute_moment([1], n),
        resolution=Rational(1, 200),
        near_misses=[sqrt(2 / (pi * n)), 1 / sqrt(n)],
    )

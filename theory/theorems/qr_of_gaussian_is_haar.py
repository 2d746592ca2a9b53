"""Refuted: the orthogonal factor of a Gaussian matrix is Haar distributed."""

from sympy import Abs, Rational, S

import theory as th
from theory.haar.means import absolute_moment
from theory.symbols import n


@th.theorem(topics=["haar", "refuted"], sources=[], status="refuted", needs=["haar_absolute_entry"])
def qr_of_gaussian_is_haar():
    """FALSE: Q of a Householder QR factorisation A = Q R of a Gaussian matrix is Haar.

    Householder's method, as in LAPACK, makes `R_11 = -sign(A_11) |a|` with a the first column of A, so
    `Q_11 = -|A_11|/|a|`, minus the modulus of a coordinate of a uniform unit vector.  Were Q Haar, its mean would be
    zero; at n = 3 it is -1/2, while `E Q_11^2 = 1/3` looks right.  Correct: Q times the signs of diag R is Haar.
    """
    Q = th.Haar("O", n)
    return th.Statement(
        claim=th.Refutation(th.HaarIdentity(-Abs(Q[1, 1]), Q, S.Zero), at={n: S(3)}),
        domains={n: th.Integers(1)},
        derive=lambda: -absolute_moment([1], n),
        resolution=Rational(1, 100),
    )

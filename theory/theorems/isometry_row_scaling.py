"""Isometry gained by normalising each of three representations to unit length."""

from sympy import Matrix, Rational, diag, symbols

import theory as th
from theory.isometry import isometry

a1, a2, a3 = symbols("a1:4", positive=True)
r, s, t = symbols("r s t", real=True)


@th.theorem(topics=["isometry", "batch_norm"], sources=["joudaki2023impact"], status="derived", needs=[])
def isometry_row_scaling():
    """I(after)/I(before) = mean(a^2)/geometric mean(a^2), exactly, for norms a and any angles; here n = 3.

    The isometry is I = det^(1/n)/(trace/n) of the Gram matrix.  The source proves a lower bound on the quotient.
    """
    after = Matrix([[1, r, s], [r, 1, t], [s, t, 1]])
    scales = diag(a1, a2, a3)
    quotient = isometry(after) / isometry(scales * after * scales)
    mean, product = (a1**2 + a2**2 + a3**2) / 3, a1 * a2 * a3
    part = th.Interval(Rational(-2, 5), Rational(2, 5))
    size = th.Interval(Rational(1, 2), 3)
    return th.Statement(
        claim=th.Identity(quotient, mean / product ** Rational(2, 3)),
        domains={a1: size, a2: size, a3: size, r: part, s: part, t: part},
        near_misses=[mean / product ** Rational(1, 3), (a1 + a2 + a3) ** 2 / 9 / product ** Rational(2, 3)],
        missing_witness="an identity of determinants; nothing is random",
    )

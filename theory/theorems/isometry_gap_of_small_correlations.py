"""Bound on the isometry gap of three weakly correlated representations."""

from sympy import Abs, Matrix, Max, Rational, log, symbols

import theory as th

r, s = symbols("r s", real=True)


@th.theorem(topics=["isometry", "batch_norm"], sources=[], status="derived", needs=[])
def isometry_gap_of_small_correlations():
    """-log I <= (n - 1) m^2/(2 (1 - (n - 1) m)), m the largest |rho|, if (n - 1) m < 1; here n = 3.

    The isometry is I = det^(1/n) of the Gram matrix of unit vectors; two of its three correlations agree here.
    """
    gram = Matrix([[1, r, s], [r, 1, r], [s, r, 1]])
    largest = Max(Abs(r), Abs(s))
    stated = largest**2 / (1 - 2 * largest)
    part = th.Interval(Rational(-9, 20), Rational(9, 20))
    return th.Statement(
        claim=th.Bound(-log(gram.det()) / 3, stated),
        domains={r: part, s: part},
        near_misses=[largest**2 / 2, stated * (1 - 2 * largest) ** 2],
        missing_witness="a deterministic inequality; nothing is random",
    )

"""Refuted: batch normalisation brings all eigenvalues of the Gram matrix below one."""

from sympy import Matrix, Max, Rational, sqrt

import theory as th
from theory.symbols import rho


@th.theorem(topics=["batch_norm", "refuted"], sources=["meterez2023towards"], status="refuted", needs=[])
def batch_norm_eigenvalues():
    """FALSE: a Gram matrix with unit diagonal has its eigenvalues in (0, 1]; two rows have 1 + |rho|.

    The d eigenvalues add up to d, so that one is above 1 unless all rows are orthogonal; the interval is (0, d].
    """
    gram = Matrix([[1, rho], [rho, 1]])
    half, root = gram.trace() / 2, sqrt((gram.trace() / 2) ** 2 - gram.det())
    return th.Statement(
        claim=th.Refutation(th.Bound(Max(half + root, half - root), 1), at={rho: Rational(1, 2)}),
        domains={rho: th.Interval(-1, 1, left_open=True, right_open=True)},
        missing_witness="one number against another; their enclosures decide",
    )

"""Contraction of the smallest share under batch normalisation."""

from sympy import Rational, symbols

import theory as th
from theory.haar.means import Share


@th.theorem(topics=["haar", "batch_norm"], sources=["daneshmand2021batch"], status="theorem", needs=[])
def share_contraction():
    """1/n - p_n <= (1 - 2 n lambda_n/(n + 2)) (1/n - lambda_n) for the smallest eigenvalue and its mean share; n = 3.

    `p_n = E[lambda_n w_n^2/(w' G w)]`, w uniform on the sphere, G with eigenvalues of sum one.
    """
    a, c = symbols("a c", positive=True)
    third = Rational(1, 3)
    gap = third - c
    return th.Statement(
        claim=th.Bound(third - Share(c, a, 1 - a - c), (1 - Rational(6, 5) * c) * gap),
        domains={c: th.Interval(Rational(1, 50), Rational(3, 10)), a: th.Interval(c, 1 - 2 * c)},
        near_misses=[(1 - 3 * c) * gap, (1 - 2 * c) * gap],
        missing_witness="a deterministic bound on a mean; the mean is enclosed at points",
    )

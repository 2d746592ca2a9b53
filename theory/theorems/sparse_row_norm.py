"""Fluctuation of the row norms of a sparse random matrix."""

from sympy import Rational, Sum, Symbol, binomial

import theory as th
from theory.symbols import n

k = Symbol("k", integer=True, nonnegative=True)
p = Symbol("p", positive=True)


@th.theorem(topics=["sparse", "spectrum"], sources=["dadoun2025stability"], status="derived", needs=[])
def sparse_row_norm():
    """E[R^2] = 1 + (1 - p)/(n p) for the squared norm R of a row of n entries +-1/sqrt(n p), kept with probability p.

    R = K/(n p) with K kept entries.  It concentrates at one iff n p grows; with n p bounded the largest of n rows, and
    with it the spectral norm, exceeds that of a dense matrix.  Only the abstract of the source was seen, which says
    that stability is lost at very high sparsity.
    """
    weight = binomial(n, k) * p**k * (1 - p) ** (n - k)
    mean = Sum(weight * (k / (n * p)) ** 2, (k, 0, n))
    return th.Statement(
        claim=th.Identity(mean, 1 + (1 - p) / (n * p)),
        domains={n: th.Integers(1, 30), p: th.Interval(Rational(1, 10), 1)},
        near_misses=[1, 1 + 1 / (n * p), 1 + (1 - p) / n, 1 + (1 - p) / (n * p**2)],
        missing_witness="a finite sum; nothing is drawn",
    )

"""The critical variance of the swish lies between 14.3201 and 14.3202."""

from sympy import Matrix, Rational, Tuple, exp

import theory as th
from theory.symbols import u


def _bracket(variance):
    swish = u / (1 + exp(-u))
    return th.GaussianExpectation(swish * swish.diff(u, 2), Tuple(u), Matrix([[variance]]), Tuple(0))


@th.theorem(topics=["criticality"], sources=["roberts2022principles"], status="derived", needs=["susceptibility_gap"])
def swish_critical_variance():
    """E[swish swish''] changes its sign between the variances 14.3201 and 14.3202, which encloses K* = 14.32017."""
    low, high = Rational(143201, 10000), Rational(143202, 10000)
    return th.Statement(
        claim=th.Bound(_bracket(low) * _bracket(high), 0, strict=True),
        domains={},
        near_misses=[th.Bound(_bracket(low) * _bracket(high), Rational(-1, 10**6), strict=True)],
        missing_witness="one sign; the two brackets are enclosed",
    )

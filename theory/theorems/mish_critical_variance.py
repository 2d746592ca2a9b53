"""The critical variance of mish lies between 1.6701 and 1.6702."""

from sympy import Matrix, Rational, Tuple, exp, log, tanh

import theory as th
from theory.symbols import u


def _bracket(variance):
    mish = u * tanh(log(1 + exp(u)))
    return th.GaussianExpectation(mish * mish.diff(u, 2), Tuple(u), Matrix([[variance]]), Tuple(0))


@th.theorem(topics=["criticality"], sources=["misra2019mish"], status="derived", needs=["susceptibility_gap"])
def mish_critical_variance():
    """E[mish mish''] changes its sign between the variances 1.6701 and 1.6702: mish has a critical point at K* > 0.

    The source defines the activation; its criticality is our own.
    """
    low, high = Rational(16701, 10000), Rational(16702, 10000)
    return th.Statement(
        claim=th.Bound(_bracket(low) * _bracket(high), 0, strict=True),
        domains={},
        near_misses=[th.Bound(_bracket(low) * _bracket(high), Rational(-1, 10**6), strict=True)],
        missing_witness="one sign; the two brackets are enclosed",
    )

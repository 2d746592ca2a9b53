"""Variance at which a Gaussian activation keeps forward and backward variances with one gain."""

from sympy import Matrix, Rational, Symbol, Tuple, exp, sqrt

import theory as th
from theory.symbols import u

s = Symbol("s", positive=True)


@th.theorem(
    topics=["initialisation", "gaussian"],
    sources=["koneputugodage2025variance"],
    status="derived",
    needs=["gaussian_dual"],
)
def gaussian_two_sided_variance():
    """q E[phi'(X)^2] = E[phi(X)^2] for phi = exp(-x^2/(2 s^2)), X ~ N(0, q), at q = (1 + sqrt(2)) s^2.

    The source balances both passes by the choice of q; the closed value is our own.
    """
    variance = (1 + sqrt(2)) * s**2
    phi = exp(-(u**2) / (2 * s**2))

    def mean(integrand):
        return th.GaussianExpectation(integrand, Tuple(u), Matrix([[variance]]), Tuple(0))

    forward = 1 / sqrt(1 + 2 * variance / s**2)
    return th.Statement(
        claim=th.Identity(variance * mean(phi.diff(u) ** 2), forward),
        domains={s: th.Interval(Rational(1, 2), 2)},
        near_misses=[forward / variance, 1 / sqrt(1 + variance / s**2)],
        missing_witness="an identity between two means, each integrated from its definition",
    )

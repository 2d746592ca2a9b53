"""Hermite moments of the exponential on a half line obey a first-order recursion."""

from sympy import Heaviside, Tuple, exp, factorial, hermite_prob, pi, sqrt

import theory as th
from theory.symbols import k, u


def _moment(index):
    integrand = exp(u) * Heaviside(-u) * hermite_prob(index, u)
    return th.GaussianExpectation(integrand, Tuple(u), [[1]], Tuple(0))


@th.theorem(topics=["hermite", "elu"], sources=["clevert2016fast"], status="derived", needs=["hermite_ladder"])
def half_line_exponential():
    """I_(2k+1) = I_(2k) - (-1)^k (2k - 1)!!/sqrt(2 pi) for I_k = E[exp(Z) He_k(Z); Z < 0]; I_(2k) = I_(2k-1)."""
    edge = (-1) ** k * factorial(2 * k) / (2**k * factorial(k)) / sqrt(2 * pi)
    return th.Statement(
        claim=th.Sequence(k, _moment(2 * k + 1), _moment(2 * k) - edge),
        domains={},
        near_misses=[_moment(2 * k) + edge, _moment(2 * k) - edge / 2],
        missing_witness="a sequence in k; both sides are integrated from their definitions",
    )

"""Hermite coefficients of the Gaussian error linear unit."""

from sympy import Tuple, factorial, hermite_prob, pi, sqrt

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import k, u


@th.theorem(topics=["hermite", "gelu"], sources=["tsuchida2021avoiding"], status="derived", needs=["mehler_formula"])
def gelu_hermite():
    """c_(2k) = (-1)^(k-1) (2k - 3)!! (2k + 1)/(2^(k+1) sqrt(pi) sqrt((2k)!)), k >= 1; odd ones vanish but c_1 = 1/2."""
    phi = th.Activation(u * Phi(u), u)
    integrand = phi(u) * hermite_prob(2 * k, u) / sqrt(factorial(2 * k))
    definition = th.GaussianExpectation(integrand, Tuple(u), [[1]], Tuple(0))
    odd = factorial(2 * k - 2) / (2 ** (k - 1) * factorial(k - 1))  # (2k - 3)!!
    stated = (-1) ** (k - 1) * odd * (2 * k + 1) / (2 ** (k + 1) * sqrt(pi) * sqrt(factorial(2 * k)))
    return th.Statement(
        claim=th.Sequence(k, definition, stated, start=1),
        domains={},
        derive=lambda: phi.hermite(2 * k),
        near_misses=[-stated, stated * (2 * k - 1) / (2 * k + 1)],
        missing_witness="a sequence in k; every term is integrated from its definition",
    )

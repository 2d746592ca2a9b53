"""Hermite coefficients of the step."""

from sympy import Heaviside, Tuple, factorial, hermite_prob, pi, sqrt

import theory as th
from theory.symbols import k, u


@th.theorem(topics=["hermite", "step"], sources=["daniely2016toward"], status="derived", needs=["mehler_formula"])
def step_hermite():
    """c_(2k+1) = (-1)^k (2k - 1)!!/(sqrt(2 pi) sqrt((2k + 1)!)); the even ones vanish but c_0 = 1/2."""
    phi = th.Activation(Heaviside(u), u)
    integrand = phi(u) * hermite_prob(2 * k + 1, u) / sqrt(factorial(2 * k + 1))
    definition = th.GaussianExpectation(integrand, Tuple(u), [[1]], Tuple(0))
    odd = factorial(2 * k) / (2**k * factorial(k))  # (2k - 1)!!
    stated = (-1) ** k * odd / (sqrt(2 * pi) * sqrt(factorial(2 * k + 1)))
    return th.Statement(
        claim=th.Sequence(k, definition, stated),
        domains={},
        derive=lambda: phi.hermite(2 * k + 1),
        near_misses=[2 * stated, (2 * k + 1) * stated],
        missing_witness="a sequence in k; every term is integrated from its definition",
    )

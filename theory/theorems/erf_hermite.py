"""Hermite coefficients of the error function at any scale."""

from sympy import Rational, Symbol, Tuple, erf, factorial, hermite_prob, pi, sqrt

import theory as th
from theory.symbols import k, u

s = Symbol("s", positive=True)


@th.theorem(topics=["hermite", "erf"], sources=["daniely2016toward"], status="derived", needs=["mehler_formula"])
def erf_hermite():
    """c_(2k+1) = 2 s/sqrt(pi) (-1)^k (2k - 1)!! (2 s^2)^k/((1 + 2 s^2)^(k + 1/2) sqrt((2k + 1)!)) for erf(s x)."""
    phi = th.Activation(erf(s * u), u)
    integrand = phi(u) * hermite_prob(2 * k + 1, u) / sqrt(factorial(2 * k + 1))
    definition = th.GaussianExpectation(integrand, Tuple(u), [[1]], Tuple(0))
    odd = factorial(2 * k) / (2**k * factorial(k))  # (2k - 1)!!
    ratio = 2 * s**2 / (1 + 2 * s**2)
    stated = 2 * s / sqrt(pi) * (-1) ** k * odd * ratio**k / sqrt((1 + 2 * s**2) * factorial(2 * k + 1))
    wrong = 2 * s / sqrt(pi) * (-1) ** k * odd * ratio**k / sqrt((1 + s**2) * factorial(2 * k + 1))
    return th.Statement(
        claim=th.Sequence(k, definition, stated),
        domains={s: th.Interval(Rational(1, 4), 2)},
        derive=lambda: phi.hermite(2 * k + 1),
        near_misses=[wrong, (2 * k + 1) * stated],
        missing_witness="a sequence in k; every term is integrated from its definition",
    )

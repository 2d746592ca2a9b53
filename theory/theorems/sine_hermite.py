"""Hermite coefficients of a sine."""

from sympy import Rational, Symbol, Tuple, exp, factorial, hermite_prob, sin, sqrt

import theory as th
from theory.symbols import k, u

a = Symbol("a", positive=True)


@th.theorem(topics=["hermite", "sine"], sources=["daniely2016toward"], status="derived", needs=["mehler_formula"])
def sine_hermite():
    """c_(2k+1) = (-1)^k exp(-a^2/2) a^(2k+1)/sqrt((2k + 1)!) for sin(a x)."""
    phi = th.Activation(sin(a * u), u)
    integrand = phi(u) * hermite_prob(2 * k + 1, u) / sqrt(factorial(2 * k + 1))
    definition = th.GaussianExpectation(integrand, Tuple(u), [[1]], Tuple(0))
    stated = (-1) ** k * exp(-(a**2) / 2) * a ** (2 * k + 1) / sqrt(factorial(2 * k + 1))
    return th.Statement(
        claim=th.Sequence(k, definition, stated),
        domains={a: th.Interval(Rational(1, 4), Rational(3, 4))},
        derive=lambda: phi.hermite(2 * k + 1),
        near_misses=[(-1) ** k * stated, a * stated],
        missing_witness="a sequence in k; every term is integrated from its definition",
    )

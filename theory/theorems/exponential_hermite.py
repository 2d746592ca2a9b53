"""Hermite coefficients of an exponential."""

from sympy import Rational, Symbol, Tuple, exp, factorial, hermite_prob, sqrt

import theory as th
from theory.symbols import k, u

a = Symbol("a", positive=True)


@th.theorem(
    topics=["hermite", "exponential"], sources=["daniely2016toward"], status="derived", needs=["mehler_formula"]
)
def exponential_hermite():
    """c_k = exp(a^2/2) a^k/sqrt(k!) for exp(a x)."""
    phi = th.Activation(exp(a * u), u)
    integrand = phi(u) * hermite_prob(k, u) / sqrt(factorial(k))
    definition = th.GaussianExpectation(integrand, Tuple(u), [[1]], Tuple(0))
    stated = exp(a**2 / 2) * a**k / sqrt(factorial(k))
    return th.Statement(
        claim=th.Sequence(k, definition, stated),
        domains={a: th.Interval(Rational(1, 4), 2)},
        derive=lambda: phi.hermite(k),
        near_misses=[exp(a**2) * a**k / sqrt(factorial(k)), exp(a**2 / 2) * a**k / factorial(k)],
        missing_witness="a sequence in k; every term is integrated from its definition",
    )

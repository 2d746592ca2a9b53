"""Hermite moments of a centred Gaussian bump."""

from sympy import Rational, Symbol, Tuple, exp, factorial, hermite_prob

import theory as th
from theory.symbols import k, u

s = Symbol("s", positive=True)


@th.theorem(
    topics=["hermite", "gaussian"], sources=["odonnell2014analysis"], status="derived", needs=["hermite_ladder"]
)
def gaussian_hermite_moments():
    """E[exp(-s^2 Z^2) He_(2m)(Z)] = (2m - 1)!! (-2 s^2)^m/(1 + 2 s^2)^(m + 1/2), here m = k."""
    definition = th.GaussianExpectation(exp(-(s**2) * u**2) * hermite_prob(2 * k, u), Tuple(u), [[1]], Tuple(0))
    odd = factorial(2 * k) / (2**k * factorial(k))  # (2k - 1)!!
    ratio = -2 * s**2 / (1 + 2 * s**2)
    stated = odd * ratio**k * (1 + 2 * s**2) ** Rational(-1, 2)
    return th.Statement(
        claim=th.Sequence(k, definition, stated),
        domains={s: th.Interval(Rational(1, 4), 2)},
        near_misses=[
            odd * (-(s**2) / (1 + s**2)) ** k * (1 + s**2) ** Rational(-1, 2),
            (2 * k + 1) * odd * ratio**k * (1 + 2 * s**2) ** Rational(-1, 2),
        ],
        missing_witness="a sequence in k; every term is integrated from its definition",
    )

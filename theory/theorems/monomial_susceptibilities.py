"""Powers of degree two and more have no critical initialisation."""

from sympy import Rational, Symbol, Tuple

import theory as th
from theory.symbols import q, u

p = Symbol("p", integer=True, positive=True)


def _mean(integrand):
    return th.GaussianExpectation(integrand, Tuple(u), [[q]], Tuple(0))


@th.theorem(
    topics=["criticality", "moments"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["susceptibility_gap"],
)
def monomial_susceptibilities():
    """E[phi^2 (X^2 - q)]/(2 q^2) = (2 - 1/p) E[phi'^2] for phi = x^p, X ~ N(0, q): the two susceptibilities differ.

    Their ratio is 1 for p = 1 alone, so the powers of higher degree are critical at no variance.
    """
    parallel = _mean(u ** (2 * p) * (u**2 - q)) / (2 * q**2)
    perpendicular = _mean(p**2 * u ** (2 * p - 2))
    return th.Statement(
        claim=th.Identity(parallel, (2 - 1 / p) * perpendicular),
        domains={p: th.Integers(1, 6), q: th.Interval(Rational(1, 2), 2)},
        near_misses=[perpendicular, p * perpendicular, (2 - 1 / p**2) * perpendicular],
        missing_witness="an identity between two means, each integrated from its definition",
    )

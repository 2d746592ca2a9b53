"""Mehler's formula: Hermite polynomials of a Gaussian pair are biorthogonal."""

from sympy import Tuple, factorial, hermite_prob, sqrt

import theory as th
from theory.symbols import k, rho, u, v


@th.theorem(topics=["hermite", "lemma"], sources=["mehler1866", "odonnell2014analysis"], status="theorem", needs=[])
def mehler_formula():
    """E[He_k(U) He_k(V)] = k! rho^k for a standard Gaussian pair of correlation rho."""
    law = th.Gaussian([u, v], corr=rho)
    product = hermite_prob(k, u) * hermite_prob(k, v)
    definition = th.GaussianExpectation(product, Tuple(u, v), law.cov, Tuple(0, 0))
    return th.Statement(
        claim=th.Sequence(k, definition, factorial(k) * rho**k),
        domains={rho: th.Interval(-1, 1)},
        near_misses=[2**k * factorial(k) * rho**k, sqrt(factorial(k)) * rho**k],
        missing_witness="a sequence in k; every term is integrated from its definition",
    )

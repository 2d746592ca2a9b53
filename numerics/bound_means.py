"""Gaussian means in the sides of a bound: whether they cost integrals, and the bound without them."""

from __future__ import annotations

from typing import Any

from theory.claims import Bound
from theory.errors import TheoryError
from theory.gaussian.expectation import GaussianExpectation

__all__ = ["integrates_pairs", "with_closed_means"]


def integrates_pairs(claim: Any) -> bool:
    """Does a bound hold means over two variables or more?"""
    if not isinstance(claim, Bound):
        return False
    means = (mean for side in claim.sides()[:2] for mean in side.atoms(GaussianExpectation))
    return any(len(mean.bound_symbols) > 1 for mean in means)


def with_closed_means(claim: Any) -> Any:
    """The bound with its means in closed form, where all have one: then a place costs no integral.

    Another claim, and a bound whose sides become the same, are returned as they are.

    Examples
    --------
    >>> from sympy import Integer, Symbol, Tuple
    >>> from theory.gaussian.law import Gaussian
    >>> u = Symbol("u", real=True)
    >>> mean = GaussianExpectation(u**4, Tuple(u), Gaussian(u).cov, Tuple(0))
    >>> with_closed_means(Bound(mean, Integer(4))).lhs
    3
    """
    if not isinstance(claim, Bound) or not any(side.has(GaussianExpectation) for side in claim.sides()[:2]):
        return claim
    try:
        left, right = (side.doit() for side in claim.sides()[:2])
        closed = Bound(left, right, claim.strict)
    except TheoryError:  # an expectation without value, or a tautology
        return claim
    return claim if left.has(GaussianExpectation) or right.has(GaussianExpectation) else closed

"""What a user's statement may leave out: a resolution, and a look at whether it says anything at all."""

from __future__ import annotations

import math
from dataclasses import replace

from sympy import Expr, Rational, Symbol, conjugate

from numerics.methods import all_methods
from numerics.points import generic_points
from numerics.typed_claims import with_resolution
from theory.claims import FixedPoint, GaussianIdentity, HaarIdentity
from theory.enclosure import enclose
from theory.errors import DivergenceError, TheoryError
from theory.gaussian.expectation import expect
from theory.gaussian.law import Gaussian
from theory.statement import Statement

__all__ = ["completed", "infinite_variance", "vacuity"]

_SHARE = Rational(1, 100)  # of the root mean square, where that exceeds 1


def completed(statement: Statement) -> Statement:
    """The statement with a resolution on the scale of its integrand, or the reason why a witness is alone."""
    if statement.resolution is not None or statement.missing_witness:
        return statement
    if isinstance(statement.claim, GaussianIdentity):
        return with_resolution(statement)
    if isinstance(statement.claim, HaarIdentity):
        return _with_haar_resolution(statement, statement.claim)
    if isinstance(statement.claim, FixedPoint):
        return replace(statement, missing_witness="the map is enclosed at the stated point, and nothing is random")
    if len([method for method in all_methods() if method.accepts(statement)]) == 1:
        return replace(statement, missing_witness="only one method speaks about this claim as it is typed")
    return statement


def _with_haar_resolution(statement: Statement, claim: HaarIdentity) -> Statement:
    point = next(iter(statement.admissible_points(1)))
    try:
        square = claim.group.mean(claim.integrand * conjugate(claim.integrand)).subs(point)
        spread = math.ceil(math.sqrt(abs(float(enclose(square, 10).mid()))))
    except TheoryError:
        return statement
    return replace(statement, resolution=_SHARE * max(1, spread))


def vacuity(statement: Statement) -> str:
    """Why fewer points are admissible than the statement asks for, or nothing."""
    found = sum(1 for _ in statement.admissible_points())
    if found >= statement.points:
        return ""
    reason = f"{found} admissible points of the {statement.points} asked for"
    for condition in statement.assumptions:
        lone = replace(statement, assumptions=[condition], points=1)
        if next(iter(lone.admissible_points(1)), None) is None:
            return f"{reason}: no point of the domains meets {condition}"
    if statement.assumptions:
        return f"{reason}: the assumptions {', '.join(map(str, statement.assumptions))} leave no more of the domains"
    return f"{reason}: the domains hold no more; lower points"


def infinite_variance(statement: Statement) -> str:
    """Where the mean of the integrand, or of its square, is proved to diverge, in words, or nothing."""
    claim = statement.claim
    if not isinstance(claim, GaussianIdentity):
        return ""
    for point in generic_points(statement, 3, seed=0):
        values: dict[Symbol, Expr] = {s: v for s, v in point.items() if isinstance(s, Symbol)}
        integrand, law = claim.integrand.subs(values), claim.law.subs(values)
        where = " at " * bool(values) + ", ".join(f"{s} = {v}" for s, v in values.items())
        if _diverges(integrand, law):
            return (
                f"the expectation does not exist{where}, so that the claim says nothing there; change it or its domains"
            )
        if _diverges(integrand**2, law):
            return (
                f"the estimator has infinite variance{where}: no mean of draws decides; "
                "state the reason in missing_witness and leave the resolution out"
            )
    return ""


def _diverges(integrand: Expr, law: Gaussian) -> bool:
    try:
        expect(integrand, law)
    except DivergenceError:
        return True
    except TheoryError:
        return False
    return False

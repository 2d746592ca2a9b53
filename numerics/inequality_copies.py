"""Damaged copies that depend on values: a bound made too sharp, a refutation of a claim that is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from sympy import Expr, Mul, Rational, Tuple

from numerics.sides import number_at, real_ball
from theory.claim import Claim
from theory.claims import Bound, Existence, FixedPoint, ForAll, GaussianIdentity, HaarIdentity, Identity, Sequence
from theory.errors import TheoryError
from theory.gaussian.expectation import GaussianExpectation
from theory.statement import Statement

__all__ = ["Mutant", "sharpened_copies", "true_copies"]

_POINTS = 4
_DIGITS = 12
_NEGLIGIBLE = 1e-9


class Mutant(NamedTuple):
    """A damaged copy of a claim and the name of the damage."""

    name: str
    claim: Claim


def sharpened_copies(statement: Statement) -> Iterator[Mutant]:
    """The bound with its right side lowered by twice the margin at the tightest of a few simple points.

    There it is false.  None where no side has an enclosure, or the bound has a probability.

    Examples
    --------
    >>> from sympy import Symbol, sin
    >>> from theory.domains import Interval
    >>> t = Symbol("t", real=True)
    >>> [m.claim.rhs for m in sharpened_copies(Statement(Bound(sin(t), 2 - t), {t: Interval(0, 1)}))]
    [1683/1000 - t]
    """
    claim: Any = statement.claim
    family = isinstance(claim, ForAll)
    bound: Any = claim.first if family else claim
    bound = bound.formula if isinstance(bound, Existence) else bound
    if bound.probability is not None:
        return
    found = [_margin(bound, point) for point in statement.admissible_points(1 if family else _POINTS)]
    margins = [pair for pair in found if pair is not None]
    if not margins:
        return
    margin, scale = min(margins)
    # Where the sides meet, a hundredth of their size is too much.
    step = 2 * margin if margin > _NEGLIGIBLE * scale else scale / 100
    less = Rational(f"{step:.3g}")
    name = f"sharpened by {step:.3g}"
    if family:
        yield Mutant(name, claim.map(_on_formula(lambda b: replace(b, rhs=b.rhs - less))))
    else:
        yield Mutant(name, _on_formula(lambda b: replace(b, rhs=b.rhs - less))(claim))


def _on_formula(change: Callable[[Any], Claim]) -> Callable[[Claim], Claim]:
    """The change of a claim, inside a claim of existence if it is one."""
    return lambda claim: (
        replace(claim, formula=change(claim.formula)) if isinstance(claim, Existence) else change(claim)
    )


def _margin(bound: Bound, point: dict[Any, Any]) -> tuple[float, float] | None:
    """The margin at a point and the size of the sides there, if both are enclosed."""
    try:
        left, right = (real_ball(number_at(side, point), _DIGITS) for side in (bound.lhs, bound.rhs))
    except (TheoryError, ArithmeticError, ValueError):
        return None
    margin, size = float((right - left).mid()), max(abs(float(left.mid())), abs(float(right.mid())))
    return (max(margin, 0.0), size or 1.0)


def true_copies(statement: Statement) -> Iterator[Mutant]:
    """The refutation of a claim that is true by construction, made from one side of the refuted claim."""
    claim: Any = statement.claim
    try:
        inner = claim.claim
        truth = inner.map(_true) if isinstance(inner, ForAll) else _true(inner, statement)
        instance = truth.at(claim.member) if isinstance(truth, ForAll) else truth
        kept = {s: value for s, value in claim.pinned.items() if s in instance.free_symbols}
        yield Mutant("made true", replace(claim, claim=truth, at=kept))
    except TheoryError:
        return


def _true(claim: Any, statement: Statement | None = None) -> Claim:
    """A true claim of the same kind, about the side that is not stated."""
    if isinstance(claim, Bound):
        return replace(claim, rhs=claim.lhs + 1)
    if isinstance(claim, Identity | Sequence):
        return replace(claim, rhs=Mul(claim.lhs, 1, evaluate=False))  # the same expression would be refused
    if isinstance(claim, FixedPoint):
        return replace(claim, map=2 * claim.variable - claim.value, multiplier=None)
    return claim.replace_stated(_defined(claim, statement))


def _defined(claim: Any, statement: Statement | None) -> Expr:
    """The side that is not stated of a claim about an expectation."""
    if isinstance(claim, GaussianIdentity):
        law = claim.law
        return GaussianExpectation(claim.integrand, Tuple(*law.variables), law.cov, Tuple(*law.mean))
    if isinstance(claim, HaarIdentity) and (statement is None or statement.derive is None):
        return claim.group.mean(claim.integrand)
    if statement is not None and statement.derive is not None:
        return statement.derive()
    raise TheoryError(f"no true claim of the kind {type(claim).__name__} is made from {claim}")

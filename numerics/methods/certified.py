"""Method `certified`: rigorous balls of both sides meet at every test point, or lie apart at one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from flint import arb
from sympy import Expr, Symbol, Tuple

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.points import mixed_points
from numerics.sides import NotRealError, UndefinedError, real_ball
from numerics.traces import Trace
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import Bound, Existence, FixedPoint, ForAll, GaussianIdentity, Identity, Refutation, Sequence
from theory.enclosure import enclose
from theory.errors import DivergenceError, TheoryError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.normal_form import proves_zero
from theory.statement import Statement

__all__ = ["METHOD"]

_RADIUS = 1e-20
_MEMBERS = {"quick": 12, "standard": 16, "deep": 60}
_TERMS = {"quick": 8, "standard": 25, "deep": 100}
_KINDS = (GaussianIdentity, Identity, Sequence, Bound, FixedPoint, Existence)


class _Case(NamedTuple):
    """One instance to decide: member of a family, point, value of the side that is not stated."""

    member: Any
    point: dict[Symbol, Expr]
    value: arb | None
    trouble: TheoryError | None = None


class _Gathered(NamedTuple):
    cases: list[_Case]
    digits: int
    wanted: int


class _Certified:
    name = "certified"
    grade = Grade.CERTIFIED
    independent_of = "every closed form: the definition is integrated with error bounds"

    def accepts(self, statement: Statement) -> bool:
        claim = statement.claim
        if isinstance(claim, ForAll):
            return isinstance(claim.first, _KINDS)
        if isinstance(claim, Refutation):
            return isinstance(claim.instance, _KINDS)
        return isinstance(claim, _KINDS)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        claim = statement.claim
        cases: list[_Case] = []
        if isinstance(claim, ForAll):
            members = list(itertools.islice(claim.domain.samples(random.Random(seed)), _MEMBERS[budget.name]))
            points = mixed_points(statement, budget.points, seed)
            pairs: Any = ((m, p) for i, m in enumerate(members) for p in _rotated(points, i))
            wanted = len(members)
        else:
            points = mixed_points(statement, max(budget.points, statement.points), seed)
            pairs, wanted = ((None, p) for p in points), statement.points
            if isinstance(claim, Sequence):
                kept = [points[0], *points[len(points) // 2 :][:2]] if points else []
                pairs = ((None, {**p, claim.index: k}) for p in kept for k in _indices(claim, p, budget))
        for member, point in pairs:
            cases.append(_case(_instance(claim, member), member, _symbols(point), budget.digits))
        return _Gathered(cases, budget.digits, wanted)

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if len(gathered.cases) < gathered.wanted:
            found = len(gathered.cases)
            return Judgement(Verdict.VACUOUS, f"{found} admissible points of the {gathered.wanted} asked for")
        refuting = isinstance(claim, Refutation)
        open_cases: list[tuple[dict[str, str], str]] = []
        worst = 0.0
        shown: Judgement | None = None
        seen: list[tuple[_Case, arb]] = []
        undefined: Judgement | None = None
        for case in gathered.cases:
            instance = _instance(claim, case.member)
            name = {str(s): str(v) for s, v in case.point.items()}
            if case.member is not None:
                name["member"] = str(case.member)
            if isinstance(case.trouble, DivergenceError):
                undefined = undefined or _undefined(str(case.trouble), name)
                continue
            if case.value is None:
                open_cases.append((name, str(case.trouble)))
                continue
            try:
                holds, measured, stated = _compare(instance, case, gathered.digits)
            except NotRealError as error:
                return Judgement(Verdict.FAILS, str(error), name, case.value.str(20), "not real", len(gathered.cases))
            except UndefinedError as error:
                undefined = undefined or _undefined(str(error), name)
                continue
            except TheoryError as error:
                open_cases.append((name, str(error)))
                continue
            left, right = measured.str(20), stated.str(20)
            if holds is None:
                open_cases.append((name, f"the enclosures {left} and {right} are too wide"))
            elif holds is refuting:
                apart = (
                    "the sides are" if measured is case.value else "the slope of the map there and the stated one are"
                )
                detail = "the refuted claim is not certified false" if refuting else f"{apart} certified apart"
                return Judgement(Verdict.FAILS, detail, name, left, right, len(gathered.cases))
            else:
                worst = max(worst, float((case.value - stated).rad()))
                shown = Judgement(Verdict.HOLDS, "", name, left, right)
                seen.append((case, stated))
        if undefined is not None:
            return undefined
        if open_cases or shown is None:
            place, reason = open_cases[0] if open_cases else ({}, "no case was decided")
            where = f" at {', '.join(f'{s} = {v}' for s, v in place.items())}" if place else ""
            detail = f"{len(open_cases)} of {len(gathered.cases)} cases open{where}: {reason}"
            return Judgement(Verdict.UNDECIDED, detail, place)
        detail = "certified apart at the named point" if refuting else f"balls meet, radius at most {worst:.1e}"
        points = len(gathered.cases)
        return Judgement(Verdict.HOLDS, detail, shown.point, shown.measured, shown.stated, points, trace=_trace(seen))


def _instance(claim: Claim, member: Any) -> Claim:
    if isinstance(claim, Refutation):
        claim = claim.instance
    if isinstance(claim, ForAll):
        claim = claim.at(member)
    return claim.formula if isinstance(claim, Existence) else claim


def _trace(seen: list[tuple[_Case, arb]]) -> Trace | None:
    """Enclosures against the only variable, or against the number of the test point."""
    names = {s for case, _ in seen for s in case.point}
    alone = len(names) == 1 and all(case.member is None and case.point for case, _ in seen)
    axis = str(next(iter(names))) if alone else "test point"
    rows = []
    for number, (case, stated) in enumerate(seen, 1):
        x = float(next(iter(case.point.values()))) if alone else number
        value = case.value
        assert value is not None
        rows.append((x, float(value.lower()), float(value.upper()), float(stated.mid())))
    return Trace.of(axis, sorted(rows))


def _rotated(points: list[dict[Any, Any]], turn: int) -> list[dict[Any, Any]]:
    """One simple and one generic point; the members of a family share all of them out."""
    half = (len(points) + 1) // 2
    simple, generic = points[:half], points[half:]
    return [part[turn % len(part)] for part in (simple, generic) if part] or [{}]


def _undefined(reason: str, point: dict[str, str]) -> Judgement:
    where = ", ".join(f"{s} = {v}" for s, v in point.items())
    return Judgement(Verdict.UNDECIDED, f"at {where}: {reason}" if where else reason, point, undefined=True)


def _indices(claim: Sequence, point: dict[Any, Any], budget: Budget) -> Iterator[Expr]:
    start = claim.start.subs(point)
    return (start + k for k in range(_TERMS[budget.name]))


def _symbols(point: dict[Any, Any]) -> dict[Symbol, Expr]:
    return {s: v for s, v in point.items() if isinstance(s, Symbol)}


def _case(claim: Claim, member: Any, point: dict[Symbol, Expr], digits: int) -> _Case:
    """Enclose the side that is not stated."""
    try:
        return _Case(member, point, enclose(_definition(claim, point), digits))
    except TheoryError as error:
        return _Case(member, point, None, _infinite(claim, point) or error)


def _infinite(claim: Claim, point: dict[Symbol, Expr]) -> DivergenceError | None:
    """The proof that the expectation is infinite at the point, if there is one."""
    if isinstance(claim, GaussianIdentity):
        try:
            expect(claim.integrand.subs(point), claim.law.subs(point))
        except DivergenceError as error:
            return error
        except TheoryError:
            return None
    return None


def _definition(claim: Claim, point: dict[Symbol, Expr]) -> Expr:
    if isinstance(claim, GaussianIdentity):
        law = claim.law.subs(point)
        return GaussianExpectation(claim.integrand.subs(point), Tuple(*law.variables), law.cov, Tuple(*law.mean))
    if isinstance(claim, FixedPoint):
        return claim.map.subs(claim.variable, claim.value).subs(point)
    return claim.sides()[0].subs(point)


def _compare(claim: Claim, case: _Case, digits: int) -> tuple[bool | None, arb, arb]:
    """Does the claim hold at the case, None while the enclosures are too wide to say, and what was compared."""
    assert case.value is not None
    stated_side = claim.sides()[1] if claim.stated_side is None else claim.stated_side
    stated = real_ball(stated_side.subs(case.point), digits)
    if isinstance(claim, FixedPoint):
        value = enclose(_definition(claim, case.point), digits)
        if not value.overlaps(stated):
            return False, case.value, stated
        if claim.multiplier is not None:
            slope = claim.map.doit().diff(claim.variable).subs(claim.variable, claim.value).subs(case.point)
            multiplier = enclose(claim.multiplier.subs(case.point), digits)
            if not (measured := enclose(slope, digits)).overlaps(multiplier):
                return False, measured, multiplier
        return True, case.value, stated
    if isinstance(claim, Bound):
        if case.value < stated or (not claim.strict and case.value <= stated):
            return True, case.value, stated
        if case.value > stated:
            return False, case.value, stated
        return (True if not claim.strict and _meet(claim, case.point) else None), case.value, stated
    if not case.value.overlaps(stated):
        return False, case.value, stated
    return (True if _narrow(case.value) and _narrow(stated) else None), case.value, stated


def _meet(claim: Bound, point: dict[Symbol, Expr]) -> bool:
    """Are both sides proved to be the same number?  Where a bound is attained no enclosure tells so."""
    left, right = (side.subs(point) for side in claim.sides()[:2])
    return left == right or proves_zero((left - right).doit(), {}, {}) is not None


def _narrow(value: arb) -> bool:
    """Radius at most 1e-20, relative to the value unless that is itself no larger."""
    radius, size = value.rad(), abs(value.mid())
    return bool(radius <= _RADIUS * size) or (bool(size <= _RADIUS) and bool(radius <= _RADIUS))


METHOD = _Certified()

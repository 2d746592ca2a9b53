"""Method `exact`: the derived form and the stated form have the same normal form."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from flint import acb, arb, fmpq
from sympy import Expr, Rational, S, Symbol, log

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.region import Region
from numerics.sides import NotRealError, at_point, real_ball
from numerics.verdict import Grade, Verdict
from theory.balls import ball_function, workprec
from theory.claim import Claim
from theory.claims import (
    DepthAsymptotic,
    ForAll,
    GaussianIdentity,
    HaarIdentity,
    Identity,
    Refutation,
    Sequence,
    WidthLimit,
)
from theory.enclosure import enclose
from theory.errors import TheoryError, UnsupportedError
from theory.hypergeometric import equal_terms
from theory.statement import Statement

__all__ = ["METHOD"]

_MEMBERS = {"quick": 12, "standard": 25, "deep": 60}
_INDICES = 6
_SHARES = 3
_BITS = 150
_TINY = arb(10) ** -30
_DERIVED = (DepthAsymptotic, GaussianIdentity, HaarIdentity, Sequence, WidthLimit)


class _Gathered(NamedTuple):
    derived: Expr | None
    region: Region
    members: list[Any]


class _Exact:
    name = "exact"
    grade = Grade.EXACT
    independent_of = "the typed formula; uses the derivation rules"

    def accepts(self, statement: Statement) -> bool:
        claim = statement.claim
        if isinstance(claim, Identity) or (isinstance(claim, ForAll) and isinstance(claim.first, Identity)):
            return True
        if isinstance(claim, Refutation):
            return statement.derive is not None and isinstance(claim.instance, HaarIdentity)
        return statement.derive is not None and isinstance(claim, _DERIVED)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        derived = statement.derive() if statement.derive is not None else None
        derived = S(derived) if isinstance(derived, int) else derived
        members: list[Any] = []
        if isinstance(statement.claim, ForAll):
            stream = statement.claim.domain.samples(random.Random(seed))
            members = list(itertools.islice(stream, _MEMBERS[budget.name]))
        return _Gathered(derived, Region.of(statement, 3 * budget.points, seed), members)

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if isinstance(claim, ForAll):
            return self._judge_family(claim, gathered)
        if isinstance(claim, Refutation):
            return self._judge_refuted(claim, gathered)
        left, right = claim.sides()[:2] if isinstance(claim, Identity) else (gathered.derived, claim.stated_side)
        if left is None or right is None:
            return Judgement(Verdict.UNDECIDED, "no derived form to compare with")
        if isinstance(claim, Sequence):
            return self._judge_sequence(claim, left, right, gathered.region)
        if isinstance(claim, DepthAsymptotic):
            return self._judge_leading(claim, left, gathered.region)
        return self._judge_sides(left.doit(), right.doit(), gathered.region)

    def _judge_refuted(self, claim: Refutation, gathered: _Gathered) -> Judgement:
        """The derived and the stated side of the false claim, certified apart at its point."""
        at, stated = claim.pinned, claim.instance.stated_side
        assert gathered.derived is not None
        assert stated is not None
        left, right = enclose(gathered.derived.subs(at), 25), enclose(stated.subs(at), 25)
        name = {str(s): str(v) for s, v in at.items()}
        if left.overlaps(right):
            detail = "the refuted claim is not certified false"
            return Judgement(Verdict.FAILS, detail, name, left.str(20), right.str(20), 1)
        return Judgement(Verdict.HOLDS, "certified apart at the named point", name, left.str(20), right.str(20), 1)

    def _judge_family(self, claim: ForAll, gathered: _Gathered) -> Judgement:
        """Every member of the sample; an open member leaves the family open.

        The members share the points out; a proof needs none of them.
        """
        count, region = 0, gathered.region
        for member in gathered.members:
            instance = claim.at(member)
            left, right = instance.sides()[:2]
            seen = region._replace(points=region.points[count % _SHARES :: _SHARES] or region.points)
            found = self._judge_sides(left.doit(), right.doit(), seen)
            if found.verdict is not Verdict.HOLDS:
                return replace(found, detail=f"{member}: {found.detail}")
            count += 1
        return Judgement(Verdict.HOLDS, f"normal form of the difference is zero for {count} members", points=count)

    def _judge_sequence(self, claim: Sequence, left: Expr, right: Expr, region: Region) -> Judgement:
        """Apart at a small index, or equal for every index because the quotients of successive terms are."""
        start = claim.start
        for point in region.points or [{}]:
            for step in range(_INDICES):
                at = {**point, claim.index: start + step}
                try:
                    sides = (left.subs(at).doit(), right.subs(at).doit())
                    apart = _apart(*sides, sides[0] - sides[1], at)
                except TheoryError:
                    continue
                if apart is not None:
                    return apart
        if not start.is_Integer or not equal_terms(left, right, claim.index, int(start)):
            return Judgement(Verdict.UNDECIDED, "the quotients of successive terms are not proved equal")
        return Judgement(Verdict.HOLDS, "equal at the start, and so are the quotients of successive terms", points=1)

    def _judge_leading(self, claim: DepthAsymptotic, derived: Expr, region: Region) -> Judgement:
        """The derived leading term in the index; three indices settle the constant, the exponent and the logarithm."""
        logarithm = (claim.log_coefficient or S.Zero) * log(claim.index) / claim.index
        stated = claim.constant * claim.index**-claim.exponent * (1 + logarithm)
        for index in (1, 2, 4):
            at = {claim.index: index}
            found = self._judge_sides(derived.subs(at).doit(), stated.subs(at).doit(), region)
            if found.verdict is not Verdict.HOLDS:
                break
        return found

    def _judge_sides(self, left: Expr, right: Expr, region: Region) -> Judgement:
        difference = left - right
        if not region.points:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        equal = list(map(_seemingly_zero(difference, region.points[0]), region.points))
        unlike = [point for point, same in zip(region.points, equal, strict=True) if not same]
        alike = [point for point, same in zip(region.points, equal, strict=True) if same]
        apart = _first_apart(left, right, difference, unlike)
        if apart is not None:
            return apart
        how = region.proves_zero(difference)
        if how is None:
            open_ = Judgement(Verdict.UNDECIDED, "the difference is not reduced to zero, nor certified apart")
            return _first_apart(left, right, difference, alike) or open_
        return Judgement(Verdict.HOLDS, how, points=len(region.points))


def _seemingly_zero(difference: Expr, sample: dict[Any, Any]) -> Callable[[dict[Any, Any]], bool]:
    """Does a ball of moderate precision around the difference at a point hold zero?  Not where that takes more."""
    symbols = [s for s in sample if isinstance(s, Symbol)]
    with workprec(_BITS):
        try:
            ball = ball_function(difference, symbols)
        except (UnsupportedError, ZeroDivisionError):
            return lambda point: False

    def zero(point: dict[Any, Any]) -> bool:
        values = [point[s] for s in symbols]
        if not all(isinstance(value, Rational) for value in values):
            return False
        with workprec(_BITS):
            try:
                value = ball([acb(fmpq(int(v.p), int(v.q))) for v in values], False)
            except (UnsupportedError, ZeroDivisionError):
                return False
            return bool(value.is_finite() and value.contains(0) and value.abs_upper() < _TINY)

    return zero


def _first_apart(left: Expr, right: Expr, difference: Expr, points: list[dict[Any, Any]]) -> Judgement | None:
    for point in points:
        try:
            apart = _apart(left, right, difference, point)
        except TheoryError:
            continue
        if apart is not None:
            return apart
    return None


def _apart(left: Expr, right: Expr, difference: Expr, point: dict[Any, Any]) -> Judgement | None:
    """The refutation at a point, if there is one."""
    name = {str(s): str(v) for s, v in point.items()}
    try:
        value = real_ball(at_point(difference, point), 25)
    except NotRealError as error:
        return Judgement(Verdict.FAILS, str(error), name, points=1)
    if value.contains(0):
        return None
    measured, stated = (enclose(at_point(side, point), 20).str(20) for side in (left, right))
    return Judgement(Verdict.FAILS, "derived and stated form are certified apart", name, measured, stated, 1)


METHOD = _Exact()

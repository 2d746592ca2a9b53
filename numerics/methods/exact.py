"""Method `exact`: the derived form and the stated form have the same normal form."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any, NamedTuple

from flint import arb
from sympy import Expr, Ge, Gt, Integer, Le, Lt, Rational, Symbol, oo

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import ForAll, GaussianIdentity, HaarIdentity, Identity, Sequence, WidthLimit
from theory.domains import Integers, Interval
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.gaussian.ordering import Ordering
from theory.normal_form import proves_zero
from theory.statement import Statement

__all__ = ["METHOD"]

_MEMBERS = {"quick": 12, "standard": 25, "deep": 60}
_POINTS = (Integer(0), Integer(1), Integer(-1), Rational(1, 2))


class _Gathered(NamedTuple):
    derived: Expr | None
    sample: dict[Symbol, Expr]
    exact_points: dict[Symbol, list[Expr]]
    ordering: Ordering
    points: list[dict[Symbol, Expr]]
    members: list[Any]


class _Exact:
    name = "exact"
    grade = Grade.EXACT
    independent_of = "the typed formula; uses the derivation rules"

    def accepts(self, statement: Statement) -> bool:
        claim = statement.claim
        if isinstance(claim, Identity) or (isinstance(claim, ForAll) and isinstance(claim.first, Identity)):
            return True
        return statement.derive is not None and isinstance(claim, GaussianIdentity | HaarIdentity | Sequence | WidthLimit)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        derived = statement.derive() if statement.derive is not None else None
        points = [_numbers(p) for p in statement.admissible_points(3 * budget.points, seed)]
        domains = {s: d for s, d in statement.domains.items() if isinstance(s, Symbol)}
        interior = [p for p in points if all(_inside(domains[s], v) for s, v in p.items() if s in domains)]
        facts = [f for s, d in domains.items() for f in _facts(s, d)]
        facts += [c for c in statement.assumptions if isinstance(c, Lt | Le | Gt | Ge)]
        ends = {s: [v for v in _POINTS if d.contains(v)] for s, d in domains.items() if isinstance(d, Interval)}
        members: list[Any] = []
        if isinstance(statement.claim, ForAll):
            stream = statement.claim.domain.samples(random.Random(seed))
            members = list(itertools.islice(stream, _MEMBERS[budget.name]))
        inside = interior or points or [{}]
        return _Gathered(derived, inside[0], ends, Ordering(facts), interior or points, members)

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if isinstance(claim, ForAll):
            return self._judge_family(claim, gathered)
        left, right = claim.sides()[:2] if isinstance(claim, Identity) else (gathered.derived, claim.stated_side)
        if left is None or right is None:
            return Judgement(Verdict.UNDECIDED, "no derived form to compare with")
        return self._judge_sides(left.doit(), right.doit(), gathered)

    def _judge_family(self, claim: ForAll, gathered: _Gathered) -> Judgement:
        """Every member of the sample; an open member leaves the family open."""
        count = 0
        for member in gathered.members:
            instance = claim.at(member)
            left, right = instance.sides()[:2]
            found = self._judge_sides(left.doit(), right.doit(), gathered)
            if found.verdict is not Verdict.HOLDS:
                return replace(found, detail=f"{member}: {found.detail}")
            count += 1
        return Judgement(Verdict.HOLDS, f"normal form of the difference is zero for {count} members", points=count)

    def _judge_sides(self, left: Expr, right: Expr, gathered: _Gathered) -> Judgement:
        difference = left - right
        for point in gathered.points:
            try:
                value = enclose(difference.subs(point), 25)
            except TheoryError:
                continue
            if not value.contains(0):
                sides = [enclose(side.subs(point), 20) for side in (left, right)]
                return Judgement(
                    Verdict.FAILS,
                    "derived and stated form are certified apart",
                    {str(s): str(v) for s, v in point.items()},
                    _show(sides[0]),
                    _show(sides[1]),
                    1,
                )
        if not gathered.points:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        how = proves_zero(difference, gathered.sample, gathered.exact_points, gathered.ordering)
        if how is None:
            return Judgement(Verdict.UNDECIDED, "the difference is not reduced to zero, nor certified apart")
        return Judgement(Verdict.HOLDS, how, points=len(gathered.points))


def _numbers(point: dict[Any, Any]) -> dict[Symbol, Expr]:
    return {s: v for s, v in point.items() if isinstance(s, Symbol)}


def _inside(domain: Any, value: Expr) -> bool:
    return not isinstance(domain, Interval) or value not in (domain.lo, domain.hi)


def _facts(s: Symbol, domain: Any) -> list[Any]:
    if isinstance(domain, Interval | Integers):
        facts = itertools.chain(
            [s - domain.lo >= 0] if domain.lo != -oo else [], [domain.hi - s >= 0] if domain.hi != oo else []
        )
        return [f for f in facts if f not in (True, False)]
    return []


def _show(value: arb) -> str:
    return value.str(20)


METHOD = _Exact()

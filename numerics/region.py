"""The region of a statement, as what a proof may use: interior points, exact points, inequalities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sympy import Expr, Ge, Gt, Integer, Le, Lt, MatrixSymbol, Rational, S, Symbol, oo

from theory.domains import Integers, Interval
from theory.gaussian.ordering import Ordering
from theory.normal_form import proves_zero
from theory.statement import Statement

__all__ = ["Region"]

_EXACT = (Integer(0), Integer(1), Integer(-1), Rational(1, 2))

_SEEN = 4


class Region(NamedTuple):
    """Admissible points of a statement, in the interior of its domains where there are such, and what holds there."""

    points: list[dict[Any, Any]]
    exact_points: dict[Symbol, list[Expr]]
    ordering: Ordering

    @classmethod
    def of(cls, statement: Statement, count: int, seed: int) -> Region:
        """The region of a statement, seen through `count` admissible points."""
        domains = {s: d for s, d in statement.domains.items() if isinstance(s, Symbol)}
        # Ends are among the first points, so that more must be looked at for as many inside.
        points, interior = [], []
        for point in map(_values, statement.admissible_points(_SEEN * count, seed)):
            points.append(point)
            if all(_inside(domains[s], v) for s, v in point.items() if s in domains):
                interior.append(point)
            if len(interior) == count:
                break
        # Strict inequalities would contradict each other on a domain without interior, and prove everything.
        facts = [f for s, d in domains.items() for f in _facts(s, d, strict=bool(interior))]
        facts += [c for c in statement.assumptions if isinstance(c, Lt | Le | Gt | Ge)]
        ends = {s: [v for v in _EXACT if d.contains(v)] for s, d in domains.items() if isinstance(d, Interval)}
        return cls(interior or points[:count], ends, Ordering(facts))

    def proves_zero(self, e: Expr) -> str | None:
        """How the expression is proved zero in the region, or None."""
        sample = _numbers(self.points[0]) if self.points else {}
        return proves_zero(e, sample, self.exact_points, self.ordering)


def _values(point: dict[Any, Any]) -> dict[Any, Any]:
    return {s: v for s, v in point.items() if isinstance(s, Symbol | MatrixSymbol)}


def _numbers(point: dict[Any, Any]) -> dict[Symbol, Expr]:
    return {s: v for s, v in point.items() if isinstance(s, Symbol)}


def _inside(domain: Any, value: Expr) -> bool:
    return not isinstance(domain, Interval) or value not in (domain.lo, domain.hi)


def _facts(s: Symbol, domain: Any, strict: bool) -> Iterator[Any]:
    if not isinstance(domain, Interval | Integers):
        return
    relation = Gt if strict and isinstance(domain, Interval) else Ge
    for gap in (s - domain.lo, domain.hi - s):
        fact = relation(gap, 0) if not gap.has(oo) else S.true
        if fact not in (S.true, S.false):
            yield fact

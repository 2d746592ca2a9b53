"""Certified constants: the closed forms of statements at chosen points, to thirty digits."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr, Symbol

from theory.claims import FixedPoint, ForAll, Refutation
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.statement import Statement

__all__ = ["DIGITS", "Constant", "constants_of"]

DIGITS = 30
_POINTS = 16


class Constant(NamedTuple):
    """A closed form, the point it is taken at, and digits of which every one is certified."""

    identifier: str
    expr: Expr
    point: tuple[tuple[Symbol, Expr], ...]
    digits: str


def constants_of(statement: Statement) -> Constant | None:
    """The stated side of a statement as a number; None where it has none, or is rational there.

    A constant is taken as it is, a function at the first admissible point where it is no rational number.
    """
    claim = statement.claim
    if isinstance(claim, Refutation | ForAll):
        return None
    stated = claim.value if isinstance(claim, FixedPoint) else claim.stated_side
    if stated is None:
        return None
    for point in _points(statement, stated.free_symbols):
        try:
            value = stated.subs(point)
            if value.is_Rational or value.free_symbols:
                continue
            ball = enclose(value, DIGITS + 2)
        except (TheoryError, TypeError):
            continue
        shown = tuple((s, v) for s, v in point.items() if s in stated.free_symbols)
        return Constant(statement.identifier, stated, shown, ball.str(DIGITS, radius=False))
    return None


def _points(statement: Statement, names: set[Symbol]) -> list[dict[Symbol, Expr]]:
    """Admissible points, those first at which no variable has a value that makes a formula collapse."""
    found = [{s: v for s, v in p.items() if isinstance(s, Symbol)} for p in statement.admissible_points(_POINTS)]
    return sorted(found, key=lambda point: any(point.get(s) in (0, 1, -1) for s in names))

"""Test points of a statement: simple ones, where formulas slip, and generic ones, where nothing agrees by accident."""

from __future__ import annotations

from typing import Any

from theory.statement import Statement

__all__ = ["generic_points", "mixed_points"]


def generic_points(statement: Statement, count: int, seed: int) -> list[dict[Any, Any]]:
    """Admissible points with the fewest coordinates 0, 1 or -1, the simplest of them first."""
    return sorted(statement.admissible_points(8 * count, seed), key=_special)[:count]


def mixed_points(statement: Statement, count: int, seed: int) -> list[dict[Any, Any]]:
    """The simplest admissible points, and as many generic ones, which come from the random end of the stream.

    Any fixed list of simple points is the zero set of some polynomial; the seed decides about the others.
    """
    found = list(statement.admissible_points(3 * count, seed))
    simple, rest = found[: (count + 1) // 2], found[(count + 1) // 2 :]
    rest.reverse()
    return simple + sorted(rest, key=_special)[: count // 2]


def _special(point: dict[Any, Any]) -> int:
    """How many coordinates are zero or a unit."""
    return sum(value in (-1, 0, 1) for value in point.values())

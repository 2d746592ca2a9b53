"""Test points of a statement: simple ones, where formulas slip, and generic ones, where nothing agrees by accident."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr

from numerics.sides import at_point, quick_ball
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.statement import Statement

__all__ = ["generic_points", "mixed_points", "separated", "separating_points"]

_DIGITS = 6


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


def separating_points(
    candidates: Sequence[dict[Any, Any]],
    gaps: Sequence[Expr],
    distance: float,
    count: int,
    usable: Callable[[dict[Any, Any]], bool] = lambda point: True,
) -> list[dict[Any, Any]]:
    """The first `count` candidates that are usable, exchanged for others where that separates a wrong form.

    `gaps` are the differences between wrong forms and the right one.  Each of them is at least `distance` in size at
    one of the points, or as large as at any candidate; where `count` points do not do, there are more.

    Examples
    --------
    >>> from sympy import Rational, Symbol
    >>> t = Symbol("t")
    >>> found = [{t: Rational(k, 10)} for k in range(1, 10)]
    >>> separating_points(found, [t**4, 1 - t], 0.3, 2), separating_points(found, [t**9], 0.5, 1)
    ([{t: 1/10}, {t: 4/5}], [{t: 9/10}])
    """
    places = range(len(candidates))
    chosen = list(itertools.islice((p for p in places if usable(candidates[p])), count))
    needed: list[int] = []
    for gap in gaps:
        sizes: dict[int, float] = {}
        for place in (*needed, *chosen, *places):
            sizes[place] = _size(gap, candidates[place])
            if sizes[place] >= distance and usable(candidates[place]):
                needed.append(place)
                break
        else:  # nowhere far enough: where it is farthest
            farthest = sorted(sizes, key=lambda place: -sizes[place])
            needed += itertools.islice((place for place in farthest if usable(candidates[place])), 1)
    needed = list(dict.fromkeys(needed))
    others = [place for place in chosen if place not in needed]
    return [candidates[place] for place in sorted([*needed, *others[: max(0, count - len(needed))]])]


def separated(points: Sequence[dict[Any, Any]], gaps: Sequence[Expr], distance: float) -> bool:
    """Is each difference at least so large at one of the points?"""
    return all(any(_size(gap, point) >= distance for point in points) for gap in gaps)


def _size(gap: Expr, point: dict[Any, Any]) -> float:
    """How far apart at a point, 0 where that has no value."""
    try:
        ball = quick_ball(gap, point, _DIGITS)
        return abs(float((enclose(at_point(gap, point), _DIGITS) if ball is None else ball).mid()))
    except (TheoryError, ArithmeticError, TypeError):
        return 0.0

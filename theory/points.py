"""Admissible points: joint exact test points of several variables, smallest values first.

A domain may depend on other variables through its endpoints.  A shorter answer than asked for is how a
vacuous statement is noticed.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sympy import Expr

from theory.arguments import whole
from theory.errors import DomainError

if TYPE_CHECKING:
    from theory.domains import Domain

__all__ = ["admissible_points", "is_admissible"]


def admissible_points(
    domains: Mapping[Any, Domain],
    assumptions: Iterable[Any] = (),
    count: int = 8,
    seed: int = 0,
    limit: int = 2000,
) -> Iterator[dict[Any, Any]]:
    """Exact points of a product of domains that meet every assumption; their order depends on `seed` only.

    Parameters
    ----------
    domains : mapping of a symbol (a tuple of symbols, a matrix symbol) to its `Domain`.
    assumptions : sympy relations between the symbols; one that is not decided at a point rejects the point.
    count, limit : stop after `count` points, or after `limit` candidates.

    Yields
    ------
    One dictionary from symbol to exact value per point; the entries of a tuple of symbols are listed singly.

    Raises
    ------
    DomainError : the domains depend on each other in a circle, or on a symbol without domain; a count is no integer.

    Examples
    --------
    >>> from sympy.abc import a, b
    >>> from theory.domains import Interval
    >>> for point in admissible_points({a: Interval(0, 1), b: Interval(a, 1)}, [a < b], count=3):
    ...     print(point)
    {a: 0, b: 1}
    {a: 1/10, b: 11/20}
    {a: 0, b: 1/2}
    """
    count, limit = whole("count", count, 0), whole("limit", limit, 0)
    order = _dependency_order(domains)
    streams: dict[Any, tuple[list[Any], Iterator[Any]]] = {}
    found: list[dict[Any, Any]] = []
    conditions = list(assumptions)
    candidates = _index_tuples(len(order), random.Random(f"points/{seed}")) if order else iter([()])
    for indices in itertools.islice(candidates, limit):
        if len(found) >= count:
            return
        point = _point(order, domains, indices, streams, seed)
        # `== True` and not truthiness: an undecided relation has no truth value
        if point is None or point in found or not all(c.subs(point) == True for c in conditions):  # noqa: E712
            continue
        found.append(point)
        yield point


def is_admissible(domains: Mapping[Any, Domain], assumptions: Iterable[Any], point: Mapping[Any, Any]) -> bool:
    """Whether a point is proved to lie in the domains and to meet the assumptions, those of the symbols as well.

    >>> from sympy.abc import a
    >>> from theory.domains import Interval
    >>> is_admissible({a: Interval(0, 1)}, [a > 0], {a: 0})
    False
    """
    for key, domain in domains.items():
        value = tuple(point[s] for s in key) if isinstance(key, tuple) else point[key]
        if domain.instantiate(point).contains(value) is not True:
            return False
    if not all(_respects(symbol, value) for symbol, value in point.items()):
        return False
    # `== True` and not truthiness: an undecided relation has no truth value
    return all(condition.subs(point) == True for condition in assumptions)  # noqa: E712


def _dependency_order(domains: Mapping[Any, Domain]) -> list[Any]:
    """The keys, each after the variables its endpoints depend on."""
    order: list[Any] = []
    known: set[Any] = set()
    waiting = list(domains)
    while waiting:
        ready = [key for key in waiting if domains[key].free_symbols <= known]
        if not ready:
            raise DomainError(f"the domains of {waiting} depend on each other or on undeclared symbols")
        order += ready
        known.update(*(key if isinstance(key, tuple) else (key,) for key in ready))
        waiting = [key for key in waiting if key not in ready]
    return order


def _index_tuples(length: int, rng: random.Random) -> Iterator[tuple[int, ...]]:
    """Index tuples by growing sum; for several variables every third one is random, to leave the corner."""
    graded = (indices for total in itertools.count() for indices in _compositions(total, length))
    for turn in itertools.count():
        if length > 1 and turn % 3 == 2:
            yield tuple(rng.randrange(8 + turn // 4) for _ in range(length))
        else:
            yield next(graded)


def _compositions(total: int, length: int) -> Iterator[tuple[int, ...]]:
    if length == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in _compositions(total - first, length - 1))


def _point(
    order: list[Any],
    domains: Mapping[Any, Domain],
    indices: tuple[int, ...],
    streams: dict[Any, Any],
    seed: int,
) -> dict[Any, Any] | None:
    """The point with the given places in the sample streams, or None if there is none."""
    point: dict[Any, Any] = {}
    for key, index in zip(order, indices, strict=True):
        domain = domains[key].instantiate(point)
        if (key, domain) not in streams:
            streams[key, domain] = ([], domain.samples(random.Random(f"{seed}/{key}/{domain}")))
        values, rest = streams[key, domain]
        values.extend(itertools.islice(rest, max(0, index + 1 - len(values))))
        if index >= len(values):
            return None
        entries = dict(zip(key, values[index], strict=True)) if isinstance(key, tuple) else {key: values[index]}
        if not all(_respects(symbol, value) for symbol, value in entries.items()):
            return None
        point |= entries
    return point


def _respects(symbol: Any, value: Any) -> bool:
    """False if the value contradicts the assumptions the symbol carries (a zero for a positive symbol)."""
    facts = getattr(symbol, "assumptions0", {}) if isinstance(value, Expr) else {}
    return all(getattr(value, f"is_{name}") in (None, truth) for name, truth in facts.items())

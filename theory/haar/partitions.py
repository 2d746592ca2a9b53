"""Integer partitions: the index set of Weingarten functions, characters and cycle types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from math import factorial

from theory.arguments import items
from theory.errors import DomainError

__all__ = ["Partition", "as_partition", "centralizer_order", "contents", "dominates", "partitions"]

Partition = tuple[int, ...]


def as_partition(parts: Iterable[int]) -> Partition:
    """Parts in decreasing order.

    Raises
    ------
    DomainError
        If a part is not a positive integer.

    >>> as_partition([1, 3, 2])
    (3, 2, 1)
    """
    values = items("a partition", parts)
    if any(isinstance(part, bool) or not isinstance(part, int) or part < 1 for part in values):
        raise DomainError(f"the parts of a partition are positive integers; received {values!r}")
    return tuple(sorted(values, reverse=True))


@cache
def partitions(total: int) -> tuple[Partition, ...]:
    """Partitions of `total` in reverse lexicographic order, from `(total,)` to `(1, ..., 1)`.

    >>> partitions(3)
    ((3,), (2, 1), (1, 1, 1))
    """
    return tuple(_descending(total, total))


def _descending(total: int, largest: int) -> Iterator[Partition]:
    if total == 0:
        yield ()
    for head in range(min(total, largest), 0, -1):
        for tail in _descending(total - head, head):
            yield (head, *tail)


def contents(shape: Partition, alpha: int = 1) -> Iterator[int]:
    """Contents `alpha*j - i` of the boxes in row i, column j (from zero) of a Young diagram.

    >>> list(contents((2, 1), alpha=2))
    [0, 2, -1]
    """
    return (alpha * j - i for i, length in enumerate(shape) for j in range(length))


def centralizer_order(cycle_type: Partition) -> int:
    """Number `z` of permutations that commute with one of the given cycle type.

    >>> centralizer_order((2, 1, 1))
    4
    """
    order = 1
    for part, multiplicity in Counter(cycle_type).items():
        order *= part**multiplicity * factorial(multiplicity)
    return order


def dominates(upper: Partition, lower: Partition) -> bool:
    """Dominance order: every partial sum of `upper` is at least that of `lower`.

    >>> dominates((3,), (2, 1)), dominates((3, 3), (4, 1, 1))
    (True, False)
    """
    difference = 0
    for i, part in enumerate(lower):
        difference += (upper[i] if i < len(upper) else 0) - part
        if difference < 0:
            return False
    return True

"""Irreducible characters of the symmetric group by the Murnaghan-Nakayama rule on beta sets."""

from __future__ import annotations

from functools import cache, lru_cache
from math import factorial

from theory.errors import DomainError
from theory.haar.partitions import Partition, partitions

__all__ = ["character", "character_table", "dimension"]


def character(shape: Partition, cycle_type: Partition) -> int:
    """Value of the irreducible character `shape` on permutations of the given cycle type.

    >>> character((2, 1), (3,))
    -1
    """
    if sum(shape) != sum(cycle_type):
        raise DomainError(f"shape and cycle type have the same size; received {shape} and {cycle_type}")
    length = len(shape)
    return _strip_hooks(tuple(part + length - 1 - i for i, part in enumerate(shape)), cycle_type)


@lru_cache(maxsize=200_000)
def _strip_hooks(beta: tuple[int, ...], cycle_type: Partition) -> int:
    """Sum over removals of rim hooks; in a beta set a hook of length r is a step down by r.

    The sign is the parity of the members jumped over.
    """
    if not cycle_type:
        return 1
    hook, rest = cycle_type[0], cycle_type[1:]
    members = set(beta)
    total = 0
    for position, value in enumerate(beta):
        target = value - hook
        if target < 0 or target in members:
            continue
        end = position
        while end + 1 < len(beta) and beta[end + 1] > target:
            end += 1
        moved = (*beta[:position], *beta[position + 1 : end + 1], target, *beta[end + 1 :])
        sign = -1 if (end - position) % 2 else 1
        total += sign * _strip_hooks(moved, rest)
    return total


@cache
def character_table(degree: int) -> dict[Partition, tuple[int, ...]]:
    """Rows: shapes; entries: cycle types in the order of `partitions(degree)`.

    >>> character_table(3)[(2, 1)]
    (-1, 0, 2)
    """
    types = partitions(degree)
    return {shape: tuple(character(shape, mu) for mu in types) for shape in types}


def dimension(shape: Partition) -> int:
    """Dimension of an irreducible representation by the hook length formula.

    >>> dimension((3, 2))
    5
    """
    columns = [sum(1 for part in shape if part > j) for j in range(shape[0])] if shape else []
    hooks = 1
    for i, part in enumerate(shape):
        for j in range(part):
            hooks *= part - j + columns[j] - i - 1
    return factorial(sum(shape)) // hooks

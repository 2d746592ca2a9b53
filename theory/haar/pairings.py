"""Pairings of the factors of a moment, their relative types and their orbits under symmetries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations

from theory.haar.partitions import Partition

__all__ = ["Pairing", "bijections", "orbits", "pairing_count", "pairings", "relative_type"]

Pairing = tuple[int, ...]


def pairing_count(size: int) -> int:
    """`(size - 1)!!`, the number of pairings of an even number of points."""
    count = 1
    for factor in range(size - 1, 0, -2):
        count *= factor
    return count


def pairings(labels: Sequence[object]) -> Iterator[Pairing]:
    """All pairings of the positions that join equal labels only, as tuples of partners.

    >>> list(pairings("aabb"))
    [(1, 0, 3, 2)]
    """
    partner = [-1] * len(labels)

    def extend(first: int) -> Iterator[Pairing]:
        while first < len(labels) and partner[first] >= 0:
            first += 1
        if first == len(labels):
            yield tuple(partner)
            return
        for second in range(first + 1, len(labels)):
            if partner[second] < 0 and labels[second] == labels[first]:
                partner[first], partner[second] = second, first
                yield from extend(first + 1)
                partner[first] = partner[second] = -1

    return extend(0)


def bijections(starred: Sequence[bool]) -> Iterator[Pairing]:
    """All pairings of the plain positions with the starred ones."""
    plain = [i for i, star in enumerate(starred) if not star]
    other = [i for i, star in enumerate(starred) if star]
    if len(plain) != len(other):
        return
    for order in permutations(other):
        partner = [0] * len(starred)
        for a, b in zip(plain, order, strict=True):
            partner[a], partner[b] = b, a
        yield tuple(partner)


def relative_type(p: Pairing, q: Pairing) -> Partition:
    """Half lengths of the cycles of the union of two pairings.

    >>> relative_type((1, 0, 3, 2), (3, 2, 1, 0))
    (2,)
    """
    seen = bytearray(len(p))
    parts = []
    for start in range(len(p)):
        if seen[start]:
            continue
        length, here = 0, start
        while not seen[here]:
            middle = p[here]
            seen[here] = seen[middle] = 1
            here = q[middle]
            length += 1
        parts.append(length)
    parts.sort(reverse=True)
    return interned(tuple(parts))


@cache
def interned(parts: Partition) -> Partition:
    """One object per partition, so that dictionaries compare by identity first."""
    return parts


def orbits(items: Sequence[Pairing], generators: Sequence[tuple[int, ...]]) -> list[tuple[Pairing, int]]:
    """Representatives and sizes of the orbits under relabelling of the points by the generators."""
    left = set(items)
    result = []
    for item in items:
        if item not in left:
            continue
        left.discard(item)
        stack, size = [item], 0
        while stack:
            current = stack.pop()
            size += 1
            for g in generators:
                image = [0] * len(g)
                for a, b in enumerate(current):
                    image[g[a]] = g[b]
                moved = tuple(image)
                if moved in left:
                    left.discard(moved)
                    stack.append(moved)
        result.append((item, size))
    return result

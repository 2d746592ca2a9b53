"""Counting pairs of pairings by type, as decompositions of a bipartite multigraph into closed walks.

`E exp(tr J'O)` is a sum of Weingarten functions times power sums of `J J'`, and `p_m(J J')` counts closed
walks in the bipartite graph of rows and columns.  So the number of pairs (row pairing, column pairing) of
each coset type in a monomial is the number of ways to decompose its multigraph of entries into closed walks.
Peeling off the walk through one chosen edge gives a recursion over sub-multigraphs; pairings are never
enumerated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial

from theory.haar.partitions import Partition

__all__ = ["Link", "WalkGraph", "orthogonal_graph", "symplectic_graph", "unitary_graph"]

Link = Mapping[int, tuple[int, int]]
PART_BITS = 8


@dataclass(frozen=True)
class Edge:
    """An entry with its power; `out` edges are walked row to column, `back` edges column to row."""

    row: int
    column: int
    power: int
    out: bool
    back: bool


class WalkGraph:
    """The multigraph of a monomial and the rules by which walks continue.

    Parameters
    ----------
    edges : the entries; for O and Sp each is walked in both directions, for U matrices out, conjugates back
    row_link, column_link : vertex -> (partner, sign), the form that contracts indices; identity for O and U
    """

    def __init__(self, edges: Sequence[Edge], row_link: Link | None = None, column_link: Link | None = None) -> None:
        self.edges = tuple(edges)
        self.width = max((edge.power for edge in edges), default=0).bit_length() + 1
        self.row_link, self.column_link = row_link, column_link
        self.units = tuple(1 << (self.width * i) for i in range(len(self.edges)))
        self.guard = sum(unit << (self.width - 1) for unit in self.units)
        self.mask = (1 << (self.width - 1)) - 1

    @cached_property
    def full(self) -> int:
        """The whole multigraph as one integer, a bit field per edge."""
        return sum(edge.power * unit for edge, unit in zip(self.edges, self.units, strict=True))

    def counts(self) -> dict[Partition, int]:
        """Number of pairs of pairings (signed for Sp) per type; empty if no pair exists."""
        self._solved: dict[int, dict[int, int]] = {0: {0: 1}}
        self._factorials: dict[int, int] = {}
        self._walks: dict[int, list[tuple[int, int, int]]] = {}
        packed = self._decompositions(self.full)
        return {unpack(key): count for key, count in packed.items() if count}

    def _powers_factorial(self, state: int) -> int:
        known = self._factorials.get(state)
        if known is None:
            known, rest = 1, state
            while rest:
                known *= factorial(rest & self.mask)
                rest >>= self.width
            self._factorials[state] = known
        return known

    def _decompositions(self, state: int) -> dict[int, int]:
        """Counts per type (packed) of the sub-multigraph `state`, equal factors taken as distinct."""
        known = self._solved.get(state)
        if known is not None:
            return known
        first = next(i for i, edge in enumerate(self.edges) if edge.out and (state >> (self.width * i)) & self.mask)
        multiplicity = (state >> (self.width * first)) & self.mask
        own, guarded = self._powers_factorial(state), state | self.guard
        result: dict[int, int] = {}
        for walk, part, ways in self._closed_walks(first):
            if (guarded - walk) & self.guard != self.guard:
                continue
            rest = state - walk
            weight = ways * (own // (multiplicity * self._powers_factorial(rest)))
            unit = 1 << (PART_BITS * (part - 1))
            for key, count in self._decompositions(rest).items():
                result[key + unit] = result.get(key + unit, 0) + weight * count
        self._solved[state] = result
        return result

    def _closed_walks(self, first: int) -> list[tuple[int, int, int]]:
        """(edge multiset, length in pairs, number) of the closed walks that start with edge `first`.

        Only edges from `first` on are used: the earlier ones are gone when this edge is peeled.
        """
        known = self._walks.get(first)
        if known is not None:
            return known
        start, bound = self.edges[first], self.full >> (self.width * first) << (self.width * first)
        bound |= sum(u * e.power for e, u in zip(self.edges[:first], self.units, strict=False) if not e.out)
        back: dict[int, list[tuple[int, int]]] = {}
        out: dict[int, list[tuple[int, int]]] = {}
        for i, edge in enumerate(self.edges):
            if edge.back and (i >= first or not edge.out):
                back.setdefault(edge.column, []).append((self.units[i], edge.row))
            if edge.out and i >= first:
                out.setdefault(edge.row, []).append((self.units[i], edge.column))
        guarded = bound | self.guard
        found: list[tuple[int, int, int]] = []
        layer: dict[tuple[int, int], int] = {(self.units[first], start.column): 1}
        part = 0
        while layer:
            part += 1
            rows: dict[tuple[int, int], int] = {}
            for (used, column), ways in layer.items():
                target, sign = self.column_link[column] if self.column_link else (column, 1)
                for unit, row in back.get(target, ()):
                    now = used + unit
                    if (guarded - now) & self.guard == self.guard:
                        partner, flip = self.row_link[row] if self.row_link else (row, 1)
                        rows[now, partner] = rows.get((now, partner), 0) + ways * sign * flip
            layer = {}
            for (used, row), ways in rows.items():
                if row == start.row and ways:
                    found.append((used, part, ways))
                for unit, column in out.get(row, ()):
                    now = used + unit
                    if (guarded - now) & self.guard == self.guard:
                        layer[now, column] = layer.get((now, column), 0) + ways
        self._walks[first] = found
        return found


def unpack(key: int) -> Partition:
    """Partition from its packed multiplicities."""
    parts, part = [], 1
    while key:
        parts += [part] * (key & ((1 << PART_BITS) - 1))
        key >>= PART_BITS
        part += 1
    return tuple(reversed(parts))


def orthogonal_graph(powers: Sequence[Sequence[int]]) -> WalkGraph:
    """The graph of `prod O_ij^(a_ij)`.

    >>> orthogonal_graph(((2, 0), (0, 2))).counts()
    {(1, 1): 1}
    """
    return WalkGraph([Edge(i, j, a, True, True) for i, row in enumerate(powers) for j, a in enumerate(row) if a])


def unitary_graph(powers: Sequence[Sequence[int]], conjugates: Sequence[Sequence[int]]) -> WalkGraph:
    """The graph of `prod U_ij^(a_ij) conj(U_ij)^(b_ij)`."""
    edges = [Edge(i, j, a, True, False) for i, row in enumerate(powers) for j, a in enumerate(row) if a]
    edges += [Edge(i, j, b, False, True) for i, row in enumerate(conjugates) for j, b in enumerate(row) if b]
    return WalkGraph(edges)


def symplectic_graph(cells: Mapping[tuple[int, int], int], row_link: Link, column_link: Link) -> WalkGraph:
    """The graph of `prod S_ij^(a_ij)` with indices contracted by the symplectic form."""
    return WalkGraph([Edge(i, j, a, True, True) for (i, j), a in sorted(cells.items())], row_link, column_link)

r"""Duals with slow closed forms at many pairs: Chebyshev tables in the angle and in the logarithms of both variances.

The angle is cut into parts that halve towards 0 and $\pi$, where duals of kinked activations are not smooth; a part
is kept only if its table meets the function between the nodes.  Next to the ends, and where variances are spread too
wide, the function itself is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.loops.table_rows import OCTAVES, count_parts, table_rows

__all__ = ["AngleTables"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Values = Callable[[Array, Array, Array], Array]
_TERMS = 22  # of the angle
_NODES = (3, 5, 8, 12, 16, 24)  # of a variance
_GRID = 8  # parts of a spread on whose grid a box lies
_WORTH = 2000  # pairs in a part that are worth a table
_FINEST = 40  # binary digits of a spread of variances
_SMALL = 1e-14  # of the scale: what a table may miss
_HOPE = 30.0  # times what may be missed, is worth a try
_CHECKS = 24
_KEPT = 512


class _Box(NamedTuple):
    """Logarithms of variances between `low` and `low + width`."""

    low: float
    width: float

    @classmethod
    def around(cls, q: Array) -> _Box:
        """A box on a grid that later layers share; of no width for a single variance."""
        low, high = float(np.log(q.min())), float(np.log(q.max()))
        if low == high:
            return cls(low, 0.0)
        unit = 2.0 ** np.ceil(np.log2(max(high - low, 2.0**-_FINEST))) / _GRID
        start = np.floor(low / unit)
        return cls(float(start * unit), float((np.floor(high / unit) + 1 - start) * unit))

    def basis(self, q: Array, n: int) -> Array:
        """Chebyshev polynomials (variance, degree) at the variances."""
        if not self.width:
            return np.ones((len(q), 1))
        place = np.clip(2.0 * (np.log(q) - self.low) / self.width - 1.0, -1.0, 1.0)
        return np.cos(np.arccos(place)[:, None] * np.arange(n))

    def variances(self, places: Array) -> Array:
        return np.exp(self.low + self.width * (places + 1.0) / 2.0)


class AngleTables:
    """Tables of the symmetric function (rho, q1, q2) -> values, of size at most `scale(q1) scale(q2)`."""

    def __init__(self, values: Values, scale: Callable[[Array], Array]) -> None:
        self.values, self.scale = values, scale
        self.tables: dict[tuple[_Box, int], Array | None] = {}

    def __call__(self, rho: Array, q: Array, i: Index, j: Index) -> Array:
        """Values at the pairs (i, j) of variances q."""
        counts = np.zeros(2 * OCTAVES, np.int64)
        count_parts(rho, counts)
        box = _Box.around(q)
        slots = np.full(2 * OCTAVES, -1)
        found: list[Array] = []
        for part in np.flatnonzero(counts):
            table = self._table(box, int(part), int(counts[part]))
            if table is not None:
                slots[part] = len(found)
                found.append(table)
        if not found:
            return self.values(rho, q[i], q[j])
        n = max(table.shape[0] for table in found)
        tables = np.zeros((len(found), n, n, _TERMS))
        for whole, table in zip(tables, found, strict=True):
            whole[: len(table), : len(table)] = table
        result, left = np.empty_like(rho), np.empty(len(rho), np.int64)
        missing = table_rows(rho, i, j, box.basis(q, n), slots, tables, result, left)
        if missing:
            rest = left[:missing]
            result[rest] = self.values(rho[rest], q[i[rest]], q[j[rest]])
        return result

    def _table(self, box: _Box, part: int, count: int) -> Array | None:
        key = (box, part)
        if key not in self.tables:
            if count < _WORTH:
                return None
            if len(self.tables) >= _KEPT:
                self.tables.clear()
            self.tables[key] = self._made(box, part)
        return self.tables[key]

    def _made(self, box: _Box, part: int) -> Array | None:
        tried: list[tuple[int, float]] = []
        waiting = list(_NODES) if box.width else [1]
        while waiting:
            n = waiting.pop(0)
            table = self._transformed(box, part, n)
            gap = self._gap(table, box, part)
            if gap <= _SMALL:
                return table
            if tried:
                # Gaps fall geometrically: numbers of nodes that cannot be enough are passed over.
                rate = (gap / tried[-1][1]) ** (1.0 / (n - tried[-1][0]))
                waiting = [m for m in waiting if gap * rate ** (m - n) <= _HOPE * _SMALL]
            tried.append((n, gap))
        return None

    def _transformed(self, box: _Box, part: int, n: int) -> Array:
        """Coefficients (n, n, term)."""
        nodes, transform = _chebyshev(n)
        angles, angle_transform = _chebyshev(_TERMS)
        q = box.variances(nodes)
        a, b = np.triu_indices(n)
        rho = np.cos(_angles(part, angles))
        columns = (np.tile(rho, len(a)), np.repeat(q[a], _TERMS), np.repeat(q[b], _TERMS))
        grid = np.empty((n, n, _TERMS))
        grid[a, b] = grid[b, a] = self.values(*columns).reshape(-1, _TERMS)
        return np.ascontiguousarray(np.einsum("abt,ia,jb,kt->ijk", grid, transform, transform, angle_transform))

    def _gap(self, table: Array, box: _Box, part: int) -> float:
        """Largest distance of the table from the function between its nodes, relative to the scale."""
        generator = np.random.default_rng(part)
        places = generator.uniform(-1.0, 1.0, (3, _CHECKS))
        # The corners, where nodes are farthest, and equal variances, where thresholds coincide.
        places[:, :8] = [[(-1.0) ** (n >> bit) for n in range(8)] for bit in range(3)]
        places[2, 8:12] = places[1, 8:12]
        rho, first, second = np.cos(_angles(part, places[0])), *(box.variances(p) for p in places[1:])
        x = np.cos(np.arccos(places[0])[:, None] * np.arange(_TERMS))
        n = len(table)
        found = np.einsum("ijk,pi,pj,pk->p", table, box.basis(first, n), box.basis(second, n), x)
        gap = np.abs(found - self.values(rho, first, second)) / (self.scale(first) * self.scale(second))
        return float(gap.max())


def _chebyshev(n: int) -> tuple[Array, Array]:
    """Nodes in [-1, 1], and the matrix from values there to coefficients."""
    odd = 2 * np.arange(n) + 1
    transform = 2.0 / n * np.cos(np.pi * (np.outer(np.arange(n), odd) % (4 * n)) / (2 * n))
    transform[0] /= 2.0
    return np.cos(np.pi * odd / (2 * n)), transform


def _angles(part: int, places: Array) -> Array:
    """Angles of a part at places in [-1, 1]."""
    t = np.pi / 2 * (places + 3.0) / 4.0 * 0.5 ** (part % OCTAVES)
    return np.pi - t if part >= OCTAVES else t

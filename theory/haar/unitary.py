"""Moments of the entries of a Haar unitary matrix and their conjugates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import prod

from theory.errors import UnsupportedError
from theory.haar.dirichlet import unit_sphere
from theory.haar.moment import Moment, vanishing, weingarten_moment
from theory.haar.monomials import Cells, Matrix
from theory.haar.orthogonal import MAXIMAL_COST
from theory.haar.partitions import Partition
from theory.haar.unitary_columns import unitary_column_moment
from theory.haar.walks import unitary_graph
from theory.haar.weingarten import MAXIMAL_DEGREE

__all__ = ["power_matrices", "unitary_moment", "walk_rule", "walk_seconds"]


def unitary_moment(powers: Cells, conjugates: Cells) -> Moment:
    """`E prod U_ij^(a_ij) conj(U_ij)^(b_ij)`, exact at every n for which the entries exist.

    Raises
    ------
    UnsupportedError
        Beyond the largest Weingarten table, or the limit on time.
    """
    rows: dict[int, int] = {}
    columns: dict[int, int] = {}
    most = 0
    for cells, step in ((powers, 1), (conjugates, -1)):
        for (i, j), power in cells.items():
            rows[i] = rows.get(i, 0) + step * power
            columns[j] = columns.get(j, 0) + step * power
        if step == 1:
            most = max(*rows.values(), *columns.values()) if rows else 0
    for name, sums in (("row", rows), ("column", columns)):
        for index, total in sums.items():
            if total:
                return vanishing(f"unequal powers in {name} {index}: a phase on it keeps the law")
    if len(rows) < 2 or len(columns) < 2:
        return Moment(unit_sphere(powers.values()), "one line: uniform on the complex sphere")
    if most == 1:
        return weingarten_moment("U", {permutation_type(powers, conjugates): 1}, len(rows))
    return matrix_moment(*canonical_pair(*power_matrices(powers, conjugates)))


def permutation_type(left: Iterable[tuple[int, int]], right: Iterable[tuple[int, int]]) -> Partition:
    """Cycle type of the permutation of rows that two sets of cells with one cell per line define.

    >>> permutation_type([(1, 1), (2, 2), (3, 3)], [(1, 2), (2, 1), (3, 3)])
    (2, 1)
    """
    forward, backward = dict(iter(left)), {j: i for i, j in right}
    lengths = []
    while forward:
        row, length = next(iter(forward)), 0
        while row in forward:
            row = backward[forward.pop(row)]
            length += 1
        lengths.append(length)
    return tuple(sorted(lengths, reverse=True))


def power_matrices(powers: Cells, conjugates: Cells) -> tuple[Matrix, Matrix]:
    """Exponents of entries and of conjugates over the rows and columns in use."""
    rows = sorted({i for i, _ in (*powers, *conjugates)})
    columns = sorted({j for _, j in (*powers, *conjugates)})
    left = tuple(tuple(powers.get((i, j), 0) for j in columns) for i in rows)
    right = tuple(tuple(conjugates.get((i, j), 0) for j in columns) for i in rows)
    return left, right


def flipped(matrix: Matrix) -> Matrix:
    """Transpose."""
    return tuple(zip(*matrix, strict=True))


def canonical_pair(left: Matrix, right: Matrix) -> tuple[Matrix, Matrix]:
    """Rows and columns sorted by their powers, so that relabelled monomials mostly meet in the cache."""
    pairs = [list(zip(a, b, strict=True)) for a, b in zip(left, right, strict=True)]
    for _ in range(2):
        pairs.sort(key=lambda row: (sorted(row, reverse=True), row), reverse=True)
        columns = sorted(zip(*pairs, strict=True), key=lambda c: (sorted(c, reverse=True), c), reverse=True)
        pairs = [list(row) for row in zip(*columns, strict=True)]
    return tuple(tuple(a for a, _ in row) for row in pairs), tuple(tuple(b for _, b in row) for row in pairs)


@lru_cache(maxsize=20_000)
def matrix_moment(left: Matrix, right: Matrix) -> Moment:
    """The cheaper rule: Gram-Schmidt over few columns, or the Weingarten sum."""
    if len(left) < len(left[0]):
        return matrix_moment(flipped(left), flipped(right))
    costs = {"columns": column_seconds(left, right), "walks": walk_seconds(left, right)}
    rule = min(costs, key=costs.__getitem__)
    if costs[rule] > MAXIMAL_COST:
        raise UnsupportedError(
            f"{sum(map(sum, left))} factors and conjugates in {len(left)} rows and {len(left[0])} columns: "
            f"the cheaper rule ({rule}) is estimated at {costs[rule]:.0e} s, the limit is {MAXIMAL_COST:g} "
            "s; lower the powers or use fewer rows or columns"
        )
    return column_rule(left, right) if rule == "columns" else walk_rule(left, right)


def column_rule(left: Matrix, right: Matrix) -> Moment:
    """Gram-Schmidt over the columns."""
    return Moment(unitary_column_moment(left, right), f"Gram-Schmidt over {len(left[0])} columns")


def walk_rule(left: Matrix, right: Matrix) -> Moment:
    """Weingarten sum with pairs of permutations counted as closed walks."""
    return weingarten_moment("U", unitary_graph(left, right).counts(), len(left[0]))


def column_seconds(left: Matrix, right: Matrix) -> float:
    """Estimated time of `column_rule`."""
    columns = len(left[0])
    sizes = [sum(row[c] for row in left) + 1 for c in range(columns)]
    return 3e-6 * len(left) * prod(sizes[c] ** (2 * c) for c in range(1, columns))


def walk_seconds(left: Matrix, right: Matrix) -> float:
    """Estimated time of `walk_rule`: balanced sub-multigraphs, squared for the transitions, and the table."""
    degree = sum(map(sum, left))
    if degree > MAXIMAL_DEGREE:
        return float("inf")
    lines = len(left) + len(left[0]) - 1
    states = prod(a + 1 for matrix in (left, right) for row in matrix for a in row) / 2**lines
    return 2e-5 * states + 1e-7 * states**2 + 3e-8 * degree**5

"""Moments of the entries of a Haar unitary matrix and their conjugates."""

from __future__ import annotations

from functools import lru_cache
from math import prod

from theory.errors import UnsupportedError
from theory.haar.dirichlet import unit_sphere
from theory.haar.moment import Moment, vanishing, weingarten_moment
from theory.haar.monomials import Cells, Matrix
from theory.haar.orthogonal import MAXIMAL_COST
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
    left, right = power_matrices(powers, conjugates)
    for name, one, other in (("row", left, right), ("column", flipped(left), flipped(right))):
        for position, (a, b) in enumerate(zip(one, other, strict=True)):
            if sum(a) != sum(b):
                return vanishing(
                    f"unequal powers in {name} {position + 1} of the monomial: a phase on it keeps the law"
                )
    if len(left) <= 1 or len(left[0]) <= 1:
        return Moment(unit_sphere(powers.values()), "one line: uniform on the complex sphere")
    return matrix_moment(*canonical_pair(left, right))


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
    return weingarten_moment("U", unitary_graph(left, right).counts())


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
    return 2e-5 * states + 1e-7 * states**2 + 3e-7 * degree**5

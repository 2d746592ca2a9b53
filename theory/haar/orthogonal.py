"""Moments of the entries of a Haar orthogonal matrix."""

from __future__ import annotations

from functools import lru_cache
from math import prod

from theory.errors import UnsupportedError
from theory.haar.columns import column_cost, column_moment, two_column_moment
from theory.haar.dirichlet import real_sphere
from theory.haar.moment import Moment, vanishing, weingarten_moment
from theory.haar.monomials import Cells, Matrix, canonical, cycle_lengths, exponent_matrix
from theory.haar.walks import orthogonal_graph
from theory.haar.weingarten import MAXIMAL_DEGREE

__all__ = ["MAXIMAL_COST", "orthogonal_moment"]

MAXIMAL_COST = 30.0


def orthogonal_moment(cells: Cells) -> Moment:
    """`E prod O_ij^(a_ij)`, exact at every n for which the entries exist.

    Raises
    ------
    UnsupportedError
        If every rule is estimated to take longer than `MAXIMAL_COST` seconds.
    """
    rows: dict[int, int] = {}
    columns: dict[int, int] = {}
    for (i, j), power in cells.items():
        rows[i] = rows.get(i, 0) + power
        columns[j] = columns.get(j, 0) + power
    for name, sums in (("row", rows), ("column", columns)):
        for index, total in sums.items():
            if total & 1:
                return vanishing(f"odd power in {name} {index}: changing the sign of that line keeps the law")
    if len(rows) < 2 or len(columns) < 2:
        return Moment(real_sphere(cells.values()), "one line: uniform on the sphere")
    if max(rows.values()) == max(columns.values()) == 2:
        kind = cycle_lengths(cells)
        return weingarten_moment("O", {kind: 1}, len(rows))
    return matrix_moment(canonical(exponent_matrix(cells)))


@lru_cache(maxsize=20_000)
def matrix_moment(powers: Matrix) -> Moment:
    """The cheapest rule for a canonical exponent matrix."""
    if len(powers[0]) == 2:
        return column_rule(powers)
    costs = {"columns": column_seconds(powers), "walks": walk_seconds(powers)}
    rule = min(costs, key=costs.__getitem__)
    if costs[rule] > MAXIMAL_COST:
        raise UnsupportedError(
            f"degree {sum(map(sum, powers))} in {len(powers)} rows and {len(powers[0])} columns: the cheaper "
            f"rule ({rule}) is estimated at {costs[rule]:.0e} s, the limit is {MAXIMAL_COST:g} s; lower the "
            "powers or use fewer rows or columns"
        )
    return column_rule(powers) if rule == "columns" else walk_rule(powers)


def column_rule(powers: Matrix) -> Moment:
    """Gram-Schmidt over the columns."""
    moment = two_column_moment if len(powers[0]) == 2 else column_moment
    return Moment(moment(powers), f"Gram-Schmidt over {len(powers[0])} columns")


def walk_rule(powers: Matrix) -> Moment:
    """Weingarten sum with pairs of pairings counted as closed walks."""
    return weingarten_moment("O", orthogonal_graph(powers).counts(), len(powers[0]))


def column_seconds(powers: Matrix) -> float:
    """Estimated time of `column_rule` for three columns or more."""
    return 1.5e-6 * column_cost(powers)


def walk_seconds(powers: Matrix) -> float:
    """Estimated time of `walk_rule`: even sub-multigraphs, squared for the transitions, and the table."""
    degree = sum(map(sum, powers)) // 2
    if degree > MAXIMAL_DEGREE:
        return float("inf")
    lines = len(powers) + len(powers[0]) - 1
    states = prod(a + 1 for row in powers for a in row) / 2**lines
    return 2e-5 * states + 1e-7 * states**2 + 3e-8 * degree**5

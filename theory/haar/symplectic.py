"""Moments of the entries of a Haar matrix of the compact symplectic group, of size 2n x 2n.

Indices come in pairs `(i, 0)`, `(i, 1)`, standing for i and i + n, joined by the form `[[0, I], [-I, 0]]`.
The group is dual to O(-2n): pairings join partners with the sign of the form.
"""

from __future__ import annotations

from functools import lru_cache
from math import factorial, prod

from flint import fmpq_poly

from theory.errors import UnsupportedError
from theory.haar.dirichlet import rising_poles
from theory.haar.moment import Moment, vanishing, weingarten_moment
from theory.haar.monomials import Cells
from theory.haar.orthogonal import MAXIMAL_COST
from theory.haar.rational import RationalFunction
from theory.haar.walks import symplectic_graph
from theory.haar.weingarten import MAXIMAL_DEGREE

__all__ = ["conjugate_cell", "symplectic_moment"]

Cell = tuple[int, int]


def vertex(index: int, half: int) -> int:
    """Number of an index; partners differ in the last bit."""
    return 2 * index + half


def conjugate_cell(cell: Cell) -> tuple[Cell, int]:
    """`conj(S_ij) = sign * S_i'j'` with the partners i', j' of i, j."""
    row, column = cell
    return (row ^ 1, column ^ 1), 1 if (row ^ column) & 1 == 0 else -1


def symplectic_moment(cells: Cells) -> Moment:
    """`E prod S_ij^(a_ij)` as a function of -2n; cells carry vertex numbers.

    Raises
    ------
    UnsupportedError
        Beyond the largest Weingarten table, or the limit on time.
    """
    if sum(cells.values()) % 2:
        return vanishing("odd degree: -1 is in the group")
    for position, name in ((0, "row"), (1, "column")):
        balance: dict[int, int] = {}
        for cell, power in cells.items():
            index = cell[position]
            balance[index >> 1] = balance.get(index >> 1, 0) + (power if index & 1 == 0 else -power)
        if any(balance.values()):
            return vanishing(f"unequal powers in a {name} and its partner: a phase on them keeps the law")
    lines = len({i >> 1 for i, _ in cells}), len({j >> 1 for _, j in cells})
    return line_moment(cells, lines[0] > 1) if min(lines) < 2 else cell_moment(tuple(sorted(cells.items())))


def line_moment(cells: Cells, by_column: bool) -> Moment:
    """One column and its partner, or one row: the column is uniform on the complex sphere of C^2n.

    Entries of the partner are conjugates of the column with a sign, so the mean is
    `prod a! / (2n (2n + 1) ... (2n + k - 1))` for equal powers a of entries and conjugates.
    """
    entries: dict[int, int] = {}
    conjugates: dict[int, int] = {}
    sign, degree = 1, 0
    for (i, j), power in cells.items():
        along, across = (i, j) if by_column else (j, i)
        if across & 1:
            along ^= 1
            sign *= (-1) ** (power * (along & 1 == 1))
            conjugates[along] = conjugates.get(along, 0) + power
        else:
            entries[along] = entries.get(along, 0) + power
        degree += power
    if entries != conjugates:
        return vanishing("unequal powers of an entry and its conjugate: a phase on its row keeps the law")
    half = degree // 2
    weight = (-1) ** half * sign * prod(factorial(a) for a in entries.values())
    return Moment(RationalFunction(fmpq_poly([weight]), rising_poles(0, half, -1)), "one line: uniform on the sphere")


@lru_cache(maxsize=20_000)
def cell_moment(cells: tuple[tuple[Cell, int], ...]) -> Moment:
    """Weingarten sum with signed closed walks."""
    degree = sum(power for _, power in cells) // 2
    rows = {i for (i, _), _ in cells}
    columns = {j for (_, j), _ in cells}
    states = prod(power + 1 for _, power in cells) // 2 ** max(len(rows) + len(columns) - 2, 0)
    if degree > MAXIMAL_DEGREE or 2e-5 * states + 1e-7 * states**2 > MAXIMAL_COST:
        raise UnsupportedError(
            f"symplectic moments go up to degree {2 * MAXIMAL_DEGREE} and about {MAXIMAL_COST:g} s; received "
            f"degree {2 * degree} with about {states:.0e} intermediate monomials; lower the powers"
        )
    column_link = {j: (j ^ 1, 1 if j & 1 == 0 else -1) for j in columns}
    row_link = {i: (i ^ 1, 1 if i & 1 == 1 else -1) for i in rows}
    graph = symplectic_graph(dict(cells), row_link, column_link)
    return weingarten_moment("Sp", graph.counts())

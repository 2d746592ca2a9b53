"""Moments of the entries of a uniform permutation matrix, plain and centred."""

from __future__ import annotations

from functools import lru_cache

from flint import fmpq_poly

from theory.errors import UnsupportedError
from theory.haar.dirichlet import rising_poles
from theory.haar.moment import Moment, vanishing
from theory.haar.monomials import Cells, Matrix, canonical, exponent_matrix
from theory.haar.rational import RationalFunction, linear_product

__all__ = ["centered_moment", "permutation_moment"]

MAXIMAL_COLUMNS = 16


def permutation_moment(cells: Cells) -> Moment:
    """`1/(n (n - 1) ... (n - m + 1))` for m cells in different rows and columns, else 0."""
    count = len(cells)
    if len({i for i, _ in cells}) < count or len({j for _, j in cells}) < count:
        return vanishing("two cells in one line: a permutation has a single 1 there")
    value = RationalFunction(fmpq_poly([1]), rising_poles(0, count, -1))
    return Moment(value, f"{count} cells of a permutation fixed")


def centered_moment(cells: Cells) -> Moment:
    """`E prod (P_ij - 1/n)^(a_ij)`, by the expansion over the cells that are 1.

    Raises
    ------
    UnsupportedError
        If more than `MAXIMAL_COLUMNS` rows and columns are involved.
    """
    if not cells:
        return Moment(RationalFunction.constant(1), "empty product")
    return matrix_moment(canonical(exponent_matrix(cells)))


@lru_cache(maxsize=20_000)
def matrix_moment(powers: Matrix) -> Moment:
    """Sum over placements of ones, row by row; the state is the set of columns in use."""
    if len(powers[0]) > MAXIMAL_COLUMNS:
        raise UnsupportedError(
            f"centred permutation moments go up to {MAXIMAL_COLUMNS} rows or columns; received {len(powers)} "
            f"rows and {len(powers[0])} columns, about 2^{len(powers[0])} states; use fewer lines"
        )
    states: dict[int, fmpq_poly] = {0: fmpq_poly([1])}
    for row in powers:
        absent = (-1) ** sum(row)
        grown = {used: weight * absent for used, weight in states.items()}
        for j, power in enumerate(row):
            if not power:
                continue
            # n^a times (1 - 1/n)^a - (-1/n)^a, the other cells of the row being -1/n
            present = (fmpq_poly([-1, 1]) ** power - (-1) ** power) * (-1) ** (sum(row) - power)
            for used, weight in states.items():
                if not used >> j & 1:
                    key = used | 1 << j
                    grown[key] = grown.get(key, fmpq_poly()) + weight * present
        states = grown
    top = min(len(powers), len(powers[0]))
    numerator = fmpq_poly()
    for used, weight in states.items():
        placed = used.bit_count()
        numerator += weight * linear_product(rising_poles(-placed, top - placed, -1))
    poles = rising_poles(0, top, -1)
    poles[0] += sum(map(sum, powers))
    return Moment(RationalFunction(numerator, poles).reduced(), "sum over the cells that are 1")

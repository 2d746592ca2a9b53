"""Canonical exponent matrices: permutations of rows and columns and transposition keep a moment."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

__all__ = ["Cells", "Matrix", "canonical", "exponent_matrix", "odd_index"]

Cells = Mapping[tuple[int, int], int]
Matrix = tuple[tuple[int, ...], ...]

EXHAUSTIVE = 4


def exponent_matrix(cells: Cells) -> Matrix:
    """Exponents as a matrix without empty rows and columns.

    >>> exponent_matrix({(2, 5): 1, (2, 7): 3, (4, 7): 2})
    ((1, 3), (0, 2))
    """
    rows = sorted({i for i, _ in cells})
    columns = sorted({j for _, j in cells})
    return tuple(tuple(cells.get((i, j), 0) for j in columns) for i in rows)


def odd_index(powers: Matrix) -> str | None:
    """Name of a row or column with an odd sum, which makes the orthogonal moment vanish by a sign change."""
    for i, row in enumerate(powers):
        if sum(row) % 2:
            return f"row {i + 1}"
    for j, column in enumerate(zip(*powers, strict=True)):
        if sum(column) % 2:
            return f"column {j + 1}"
    return None


def transposed(powers: Matrix) -> Matrix:
    """Columns as rows."""
    return tuple(zip(*powers, strict=True))


def canonical(powers: Matrix) -> Matrix:
    """A representative of the class, with at least as many rows as columns.

    Exact up to `EXHAUSTIVE` columns; for larger matrices rows and columns are sorted by invariants, which may
    leave two representatives of one class (a lost saving, never a wrong value).

    >>> canonical(((0, 2, 0), (2, 0, 4))) == canonical(((4, 0), (0, 2), (2, 0)))
    True
    """
    if len(powers) < len(powers[0]):
        return canonical_rows(transposed(powers))
    if len(powers) > len(powers[0]):
        return canonical_rows(powers)
    return max(canonical_rows(powers), canonical_rows(transposed(powers)))


def canonical_rows(powers: Matrix) -> Matrix:
    """The largest matrix under permutations of rows and columns."""
    columns = transposed(powers)
    if len(columns) <= EXHAUSTIVE:
        return max(tuple(sorted(zip(*order, strict=True), reverse=True)) for order in set(permutations(columns)))
    for _ in range(3):
        columns = transposed(tuple(sorted(transposed(columns), key=signature, reverse=True)))
        columns = tuple(sorted(columns, key=signature, reverse=True))
    return transposed(columns)


def signature(vector: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Sorted entries first, so that equal contents come together; the entries break ties."""
    return tuple(sorted(vector, reverse=True)), vector

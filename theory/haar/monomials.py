"""Canonical exponent matrices: permutations of rows and columns and transposition keep a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, groupby, permutations, product
from math import factorial, prod

from theory.haar.partitions import Partition

__all__ = ["Cells", "Matrix", "canonical", "cycle_lengths", "exponent_matrix"]

Cells = Mapping[tuple[int, int], int]
Matrix = tuple[tuple[int, ...], ...]

EXHAUSTIVE = 120


def exponent_matrix(cells: Cells) -> Matrix:
    """Exponents as a matrix without empty rows and columns.

    >>> exponent_matrix({(2, 5): 1, (2, 7): 3, (4, 7): 2})
    ((1, 3), (0, 2))
    """
    rows = sorted({i for i, _ in cells})
    columns = sorted({j for _, j in cells})
    return tuple(tuple(cells.get((i, j), 0) for j in columns) for i in rows)


def cycle_lengths(cells: Iterable[tuple[int, int]]) -> Partition:
    """Sizes of the cycles of a graph of rows and columns in which every line is met twice, in decreasing order.

    >>> cycle_lengths([(1, 1), (1, 2), (2, 1), (2, 2), (5, 5)])
    (2, 1)
    """
    neighbours: dict[int, list[int]] = {}
    users: dict[int, list[int]] = {}
    for i, j in cells:
        neighbours.setdefault(i, []).append(j)
        users.setdefault(j, []).append(i)
    lengths = []
    while neighbours:
        stack, length = [next(iter(neighbours))], 0
        while stack:
            columns = neighbours.pop(stack.pop(), None)
            if columns is not None:
                length += 1
                for j in columns:
                    stack += users[j]
        lengths.append(length)
    lengths.sort(reverse=True)
    return tuple(lengths)


def transposed(powers: Matrix) -> Matrix:
    """Columns as rows."""
    return tuple(zip(*powers, strict=True))


def canonical(powers: Matrix) -> Matrix:
    """A representative of the class, with at least as many rows as columns.

    Blocks that share no row and no column may be exchanged, and transposed each on its own: the moment counts closed
    walks, and a walk stays in its block.  Exact for blocks with few columns of equal content; otherwise rows and
    columns are sorted by invariants, which may leave two representatives of one class (a lost saving, never a wrong
    value).

    >>> canonical(((0, 2, 0), (2, 0, 4))) == canonical(((4, 0), (0, 2), (2, 0)))
    True
    """
    if min(len(powers), len(powers[0])) == 2:
        return canonical_pair(powers)
    blocks = sorted((canonical_block(block) for block in connected_blocks(powers)), reverse=True)
    if len(blocks) == 1:
        return blocks[0]
    width, start, rows = sum(len(block[0]) for block in blocks), 0, []
    for block in blocks:
        end = width - start - len(block[0])
        rows += [(0,) * start + row + (0,) * end for row in block]
        start += len(block[0])
    return tuple(rows)


def canonical_pair(powers: Matrix) -> Matrix:
    """The representative of two rows or two columns."""
    rows = powers if len(powers[0]) == 2 else transposed(powers)
    found: list[list[tuple[int, ...]]] = [sorted(rows, reverse=True), sorted([(b, a) for a, b in rows], reverse=True)]
    if len(rows) == 2:
        (a, b), (c, d) = rows
        found += [sorted([(a, c), (b, d)], reverse=True), sorted([(c, a), (d, b)], reverse=True)]
    return tuple(max(found))


def connected_blocks(powers: Matrix) -> list[Matrix]:
    """The blocks of a matrix whose rows and columns are suitably ordered."""
    left, blocks = list(range(len(powers))), []
    while left:
        rows = [left.pop(0)]
        columns = {j for j, a in enumerate(powers[rows[0]]) if a}
        while met := [i for i in left if any(powers[i][j] for j in columns)]:
            rows += met
            left = [i for i in left if i not in met]
            columns.update(j for i in met for j, a in enumerate(powers[i]) if a)
        order = sorted(columns)
        if not order:
            continue  # an empty row is no factor
        blocks.append(tuple([tuple([powers[i][j] for j in order]) for i in rows]))
    return blocks


def canonical_block(powers: Matrix) -> Matrix:
    """The representative of one block."""
    if len(powers) < len(powers[0]):
        return canonical_rows(transposed(powers))
    if len(powers) > len(powers[0]):
        return canonical_rows(powers)
    return powers if len(powers) == 1 else max(canonical_rows(powers), canonical_rows(transposed(powers)))


def canonical_rows(powers: Matrix) -> Matrix:
    """The largest matrix under permutations of rows and columns, columns of larger content first."""
    columns = sorted(transposed(powers), key=signature, reverse=True)
    groups = [list(group) for _, group in groupby(columns, key=content)]
    if prod(factorial(len(group)) for group in groups) <= EXHAUSTIVE:
        orders = product(*[set(permutations(group)) for group in groups])
        return max(tuple(sorted(zip(*chain(*order), strict=True), reverse=True)) for order in orders)
    for _ in range(3):
        columns = list(transposed(tuple(sorted(transposed(tuple(columns)), key=signature, reverse=True))))
        columns.sort(key=signature, reverse=True)
    return transposed(tuple(columns))


def content(vector: tuple[int, ...]) -> tuple[int, ...]:
    """The entries without their places."""
    return tuple(sorted(vector, reverse=True))


def signature(vector: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Sorted entries first, so that equal contents come together; the entries break ties."""
    return content(vector), vector

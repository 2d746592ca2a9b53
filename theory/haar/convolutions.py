"""Orthogonal convolutions: how close to an isometry a circular convolution with given sizes can be."""

from __future__ import annotations

from itertools import product

from flint import arb
from sympy import Expr

from theory.enclosed import Enclosed
from theory.errors import DomainError

__all__ = ["ConvolutionDefect", "best_known_kernel", "defect_bounds", "kernel_positions"]

Sizes = tuple[int, int, int, int, int]


class ConvolutionDefect(Enclosed):
    """Least `|A A' - 1|^2` over kernels (`|A' A - 1|^2` for a tall A), A a circular convolution in one dimension.

    The arguments are (M, C, k, S, N): M channels out, C in, kernel length k, stride S, N positions out; A has M N rows
    and C S N columns, and maps the input position S p + t of channel c with weight `K[m, c, t]` to the position p of m.
    It is zero if and only if an orthogonal convolution of these sizes exists.

    Numbers are enclosed from both sides without a formula: a matching of rows to columns bounds the rank of every such
    A, and so the number of unit defects from below; an explicit kernel bounds the defect from above.

    Source: achour2022existence.

    >>> from theory.enclosure import enclose
    >>> enclose(ConvolutionDefect(3, 2, 1, 2, 4), 10).str(radius=False)
    '4.00000000000000'
    """

    nargs = (5,)
    is_real = True

    def _enclose(self) -> arb:
        lower, upper = defect_bounds(checked_sizes(self.args))
        return arb(lower).union(arb(upper))


def checked_sizes(arguments: tuple[Expr, ...]) -> Sizes:
    """Positive integers with a kernel that fits on the circle.

    Raises
    ------
    DomainError
        For symbols, fractions, sizes below 1, or k > S N.
    """
    if not all(a.is_Integer and a >= 1 for a in arguments):
        raise DomainError(f"the sizes of a convolution are positive integers; received {arguments}; substitute numbers")
    outputs, inputs, length, stride, positions = map(int, arguments)
    if length > stride * positions:
        raise DomainError(f"a kernel fits on the circle, k <= S N; received k = {length}, S N = {stride * positions}")
    return outputs, inputs, length, stride, positions


def kernel_positions(sizes: Sizes) -> list[tuple[int, int, int, int, int]]:
    """Entries of the matrix: row, column, and the entry (m, c, t) of the kernel that stands there."""
    outputs, inputs, length, stride, positions = sizes
    width = stride * positions
    cells = product(range(outputs), range(positions), range(inputs), range(length))
    return [(m * positions + p, c * width + (stride * p + t) % width, m, c, t) for m, p, c, t in cells]


def defect_bounds(sizes: Sizes) -> tuple[int, int]:
    """Certified bounds of the least defect."""
    outputs, inputs, _, stride, positions = sizes
    rows, columns = outputs * positions, inputs * stride * positions
    entries = kernel_positions(sizes)
    neighbours: dict[int, list[int]] = {}
    for row, column, *_ in entries:
        neighbours.setdefault(row, []).append(column)
    lower = min(rows, columns) - matching_size(neighbours)
    kernel = best_known_kernel(sizes)
    lines: dict[int, dict[int, int]] = {i: {} for i in range(min(rows, columns))}
    for row, column, *weight in entries:
        if tuple(weight) in kernel:
            line, across = (row, column) if rows <= columns else (column, row)
            lines[line][across] = lines[line].get(across, 0) + 1
    upper = 0
    for i, left in lines.items():
        for j, right in lines.items():
            inner = sum(value * right.get(across, 0) for across, value in left.items())
            upper += (inner - (i == j)) ** 2
    return lower, upper


def best_known_kernel(sizes: Sizes) -> set[tuple[int, int, int]]:
    """Places of ones: every output channel copies an input channel at an offset, no two the same modulo the stride."""
    outputs, inputs, length, stride, _ = sizes
    offsets = [(c, t) for t in range(min(length, stride)) for c in range(inputs)]
    return {(m, c, t) for m, (c, t) in zip(range(outputs), offsets, strict=False)}


def matching_size(neighbours: dict[int, list[int]]) -> int:
    """Largest number of rows that can be given different columns; no matrix with these entries has a higher rank."""
    owner: dict[int, int] = {}

    def place(row: int, tried: set[int]) -> bool:
        for column in neighbours[row]:
            if column not in tried:
                tried.add(column)
                if column not in owner or place(owner[column], tried):
                    owner[column] = row
                    return True
        return False

    return sum(place(row, set()) for row in neighbours)

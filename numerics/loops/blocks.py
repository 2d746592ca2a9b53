"""Blocks of neurons: the first columns of arrays with a row per input, small enough for the nearest cache."""

from typing import Any

import numpy as np

from numerics.loops.jit import fused, part, reduction

# Neurons drawn, transformed and added up together.
BLOCK = 256


@fused
def copy_vector(source: Any, target: Any) -> None:
    """target[:] = source.  Assigning a slice compiles the text of an error about shapes, for seconds."""
    for i in range(source.size):
        target[i] = source[i]


@fused
def copy_matrix(source: Any, target: Any) -> None:
    """target[:a, :b] = source of shape (a, b)."""
    for a in range(source.shape[0]):
        for b in range(source.shape[1]):
            target[a, b] = source[a, b]


@part
def draw(generator: Any, buffer: Any, rows: int, count: int) -> None:
    """Standard normals into buffer[:rows, :count], row by row."""
    for k in range(rows):
        row = buffer[k, :count]
        for i in range(count):
            row[i] = generator.standard_normal()


@fused
def add_combination(factors: Any, rank: int, source: Any, low: int, target: Any, count: int) -> None:
    """target += factors[:, :rank] @ source[low : low + rank], on the first `count` columns."""
    for a in range(target.shape[0]):
        row = target[a, :count]
        for k in range(rank):
            factor, other = factors[a, k], source[low + k, :count]
            for i in range(count):
                row[i] += factor * other[i]


@reduction
def inner(left: Any, right: Any) -> float:
    """Inner product of two vectors."""
    total = 0.0
    for i in range(left.size):
        total += left[i] * right[i]
    return total


@reduction
def fourth_moment(values: Any) -> float:
    """Sum of fourth powers."""
    total = 0.0
    for i in range(values.size):
        square = values[i] * values[i]
        total += square * square
    return total


@reduction
def total_of(values: Any) -> float:
    """Sum of a vector."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


@part
def add_gram(gram: Any, block: Any, rows: int, count: int) -> None:
    """gram += B B' of B = block[:rows, :count], lower triangle."""
    for a in range(rows):
        for b in range(a + 1):
            gram[a, b] += inner(block[a, :count], block[b, :count])


@part
def add_cross(gram: Any, left: Any, right: Any, low: int, count: int) -> None:
    """gram += left @ right[low : low + m].T on the first `count` columns; gram is m x m."""
    for a in range(gram.shape[0]):
        for b in range(gram.shape[0]):
            gram[a, b] += inner(left[a, :count], right[low + b, :count])


@part
def finish_gram(gram: Any, factor: float) -> None:
    """Multiplies a lower triangle by `factor` and mirrors it."""
    for a in range(gram.shape[0]):
        for b in range(a + 1):
            gram[a, b] *= factor
            gram[b, a] = gram[a, b]


@fused
def scale(block: Any, factor: float, count: int) -> None:
    """Multiplies a block by a number."""
    for a in range(block.shape[0]):
        row = block[a, :count]
        for i in range(count):
            row[i] *= factor


@fused
def standardise(block: Any, centre: Any, inverse: Any, count: int) -> None:
    """(x - centre) inverse, row by row."""
    for a in range(block.shape[0]):
        row, c, s = block[a, :count], centre[a], inverse[a]
        for i in range(count):
            row[i] = (row[i] - c) * s


@fused
def standardise_columns(block: Any, centered: bool, scratch: Any, count: int) -> None:
    """Batch normalisation: every column of the block to mean square one, its mean removed if `centered`.

    A column without spread, up to rounding, becomes not-a-number.
    """
    inputs = block.shape[0]
    mean, square, total = scratch[0, :count], scratch[1, :count], scratch[2, :count]
    for i in range(count):
        mean[i] = square[i] = total[i] = 0.0
    if centered:
        for a in range(inputs):
            row = block[a, :count]
            for i in range(count):
                mean[i] += row[i]
        for i in range(count):
            mean[i] /= inputs
    for a in range(inputs):
        row = block[a, :count]
        for i in range(count):
            total[i] += row[i] * row[i]
            row[i] -= mean[i]
            square[i] += row[i] * row[i]
    noise = (16.0 * inputs * np.finfo(np.float64).eps) ** 2
    for i in range(count):
        square[i] = np.nan if square[i] <= noise * total[i] else np.sqrt(inputs / square[i])
    for a in range(inputs):
        row = block[a, :count]
        for i in range(count):
            row[i] *= square[i]

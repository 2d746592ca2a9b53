"""Functions of a correlation and two variances from Chebyshev tables, row by row of a matrix of pairs."""

from typing import Any

import numpy as np

from numerics.loops.elementary import fast_acos
from numerics.loops.jit import fused, kernel

OCTAVES = 6  # parts of the angle between pi/2 and an end, each half as long as the one before
HALF_PI = 1.5707963267948966


@fused
def part_of(rho: float) -> tuple[int, float]:
    """Part of the angle, OCTAVES more beyond a right angle, and the place in it in [-1, 1]; -1 next to the ends."""
    angle = fast_acos(rho)
    beyond = angle > HALF_PI
    t = (2.0 * HALF_PI - angle if beyond else angle) / HALF_PI
    part, scale = 0, 1.0
    while part < OCTAVES and 2.0 * t * scale < 1.0:
        scale *= 2.0
        part += 1
    if part == OCTAVES:
        return -1, 0.0
    return part + (OCTAVES if beyond else 0), 4.0 * t * scale - 3.0


@kernel
def count_parts(rho: Any, counts: Any) -> None:
    """Numbers of correlations in the parts."""
    for p in range(rho.shape[0]):
        part, _ = part_of(rho[p])
        if part >= 0:
            counts[part] += 1


@kernel
def table_rows(rho: Any, first: Any, second: Any, basis: Any, slots: Any, tables: Any, result: Any, left: Any) -> int:
    """Values at the pairs; returns how many have no table, whose places go to `left`.

    `basis` (input, n) holds Chebyshev polynomials of the inputs, `tables` (slot, n, n, degree + 1) coefficients, and
    `slots` the slot of every part, -1 where it has none.
    """
    number, n, degrees = tables.shape[0], tables.shape[1], tables.shape[3]
    row, terms = np.empty((number, n, degrees)), np.empty(degrees)
    current, missing = -1, 0
    for p in range(rho.shape[0]):
        part, x = part_of(rho[p])
        slot = slots[part] if part >= 0 else -1
        if slot < 0:
            left[missing] = p
            missing += 1
            continue
        if first[p] != current:
            current = first[p]
            for s in range(number):
                for b in range(n):
                    for k in range(degrees):
                        row[s, b, k] = 0.0
                    for a in range(n):
                        weight = basis[current, a]
                        for k in range(degrees):
                            row[s, b, k] += weight * tables[s, a, b, k]
        for k in range(degrees):
            terms[k] = 0.0
        for b in range(n):
            weight = basis[second[p], b]
            for k in range(degrees):
                terms[k] += weight * row[slot, b, k]
        high, low = 0.0, 0.0
        for k in range(degrees - 1, 0, -1):
            high, low = terms[k] + 2.0 * x * high - low, high
        result[p] = terms[0] + x * high - low
    return missing

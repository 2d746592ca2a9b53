"""One layer of pairs of inputs by Hermite series, row by row."""

from typing import Any

import numpy as np

from numerics.loops.jit import fused, kernel
from numerics.loops.layer_tape import BLOCK

STEP = 8  # terms taken together; numbers of terms are multiples of it


@fused
def eight_terms(total: Any, rho: Any, own: Any, table: Any, i: int, low: int, k: int, count: int) -> None:
    """Horner's rule over the terms k, ..., k + 7 of sum_k own[k, i] table[k, j] rho_j^k."""
    a0, a1, a2, a3 = own[k, i], own[k + 1, i], own[k + 2, i], own[k + 3, i]
    a4, a5, a6, a7 = own[k + 4, i], own[k + 5, i], own[k + 6, i], own[k + 7, i]
    for j in range(count):
        r, n = rho[j], low + j
        value = total[j] * r + a7 * table[k + 7, n]
        value = value * r + a6 * table[k + 6, n]
        value = value * r + a5 * table[k + 5, n]
        value = value * r + a4 * table[k + 4, n]
        value = value * r + a3 * table[k + 3, n]
        value = value * r + a2 * table[k + 2, n]
        value = value * r + a1 * table[k + 1, n]
        total[j] = value * r + a0 * table[k, n]


@kernel
def series_rows(
    dual: Any,
    slope: Any,
    rests: Any,
    roots: Any,
    C_W: float,
    C_b: float,
    first: int,
    stride: int,
    nngp: Any,
    ntk: Any,
) -> None:
    """Next layer of the pairs (i, j > i), i = first, first + stride, ..., above the diagonals of the matrices.

    `dual` and `slope` hold the coefficients (term, input).  `rests` holds, for every STEP terms, the largest share of
    the sum of squares beyond them over the error allowed: a block takes as many terms as its correlations need.
    """
    rho, value, derived = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    for i in range(first, nngp.shape[0] - 1, stride):
        for low in range(i + 1, nngp.shape[0], BLOCK):
            count = min(BLOCK, nngp.shape[0] - low)
            largest = 0.0
            for j in range(count):
                r = nngp[i, low + j] / (roots[i] * roots[low + j])
                r = 1.0 if r > 1.0 else r
                r = -1.0 if r < -1.0 else r
                rho[j] = r
                value[j] = 0.0
                derived[j] = 0.0
                largest = max(largest, abs(r))
            part, power, factor = 1, largest**STEP, largest**STEP
            while part < rests.shape[0] - 1 and rests[part] * power > 1.0:
                part += 1
                power *= factor
            for k in range(STEP * (part - 1), -1, -STEP):
                eight_terms(value, rho, dual, dual, i, low, k, count)
                eight_terms(derived, rho, slope, slope, i, low, k, count)
            for j in range(count):
                nngp[i, low + j] = C_W * value[j] + C_b
            for j in range(count):
                ntk[i, low + j] = nngp[i, low + j] + C_W * derived[j] * ntk[i, low + j]

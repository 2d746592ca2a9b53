"""One Gaussian layer in law: the Gram matrices of `width` neurons on m inputs, without a weight matrix.

The rows of the pre-activations are independent N(0, S), S the m x m covariance; drawing them costs
width * m^2 and memory m^2, and is exact in distribution at every width.
"""

from typing import Any

import numpy as np

from numerics.loops.activation import activation
from numerics.loops.jit import kernel
from numerics.loops.pivoted_factor import pivoted_factor


@kernel
def factor(covariance: Any, columns: Any) -> int:
    """`pivoted_factor` without its pivots."""
    return pivoted_factor(covariance, columns, np.empty(covariance.shape[0], np.int64))


@kernel
def gram_layer(generator: Any, columns: Any, rank: int, width: int, before: Any, after: Any) -> None:
    """Gram matrices (1/n) sum h h' into `before` and (1/n) sum phi(h) phi(h)' into `after`, shape (m, m).

    h = columns[:, :rank] @ z with z standard normal, drawn neuron by neuron.  Two inputs of full rank take a
    path of their own that keeps everything in registers and gives the same bits.
    """
    size = columns.shape[0]
    before.fill(0.0)
    after.fill(0.0)
    if size == 2 and rank == 2:
        c00, c10, c11 = columns[0, 0], columns[1, 0], columns[1, 1]
        b00 = b10 = b11 = a00 = a10 = a11 = 0.0
        for _ in range(width):
            z0 = generator.standard_normal()
            z1 = generator.standard_normal()
            h0, h1 = c00 * z0, c10 * z0 + c11 * z1
            f0, f1 = activation(h0), activation(h1)
            b00 += h0 * h0
            b10 += h1 * h0
            b11 += h1 * h1
            a00 += f0 * f0
            a10 += f1 * f0
            a11 += f1 * f1
        before[0, 0], before[1, 0], before[1, 1] = b00, b10, b11
        after[0, 0], after[1, 0], after[1, 1] = a00, a10, a11
    else:
        normals, row, value = np.zeros(rank), np.zeros(size), np.zeros(size)
        for _ in range(width):
            for k in range(rank):
                normals[k] = generator.standard_normal()
            for i in range(size):
                total = 0.0
                for k in range(rank):
                    total += columns[i, k] * normals[k]
                row[i] = total
                value[i] = activation(total)
            for i in range(size):
                for j in range(i + 1):
                    before[i, j] += row[i] * row[j]
                    after[i, j] += value[i] * value[j]
    for i in range(size):
        for j in range(i + 1):
            before[i, j] /= width
            after[i, j] /= width
            before[j, i] = before[i, j]
            after[j, i] = after[i, j]

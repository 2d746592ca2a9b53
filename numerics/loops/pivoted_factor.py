"""Pivoted Cholesky factor of a covariance of any rank, and the conditional means that it gives."""

from typing import Any

import numpy as np

from numerics.loops.jit import kernel


@kernel
def pivoted_factor(covariance: Any, columns: Any, pivots: Any) -> int:
    """Pivoted Cholesky factor: S = columns[:, :r] @ columns[:, :r].T; returns the rank r.

    Row pivots[k] of `columns` has its last entry in column k.  Nothing is added to the diagonal.  A residual entry
    (i, j) below 16 m eps sqrt(S_ii S_jj) is rounding and counts as zero, so equal or opposite inputs keep equal or
    opposite rows exactly.  Pivots are chosen by the residual share of the own variance, which makes the rank
    independent of the scales of the inputs.
    """
    size = covariance.shape[0]
    noise = 16.0 * size * np.finfo(np.float64).eps
    residual = covariance.copy()
    used = np.zeros(size, np.bool_)
    columns.fill(0.0)
    for rank in range(size):
        pivot, largest = -1, 0.0
        for i in range(size):
            if not used[i] and residual[i, i] > largest * covariance[i, i]:
                pivot, largest = i, residual[i, i] / covariance[i, i]
        if pivot < 0:
            return rank
        root = np.sqrt(residual[pivot, pivot])
        for i in range(size):
            if not used[i]:
                columns[i, rank] = residual[i, pivot] / root
        used[pivot] = True
        pivots[rank] = pivot
        for i in range(size):
            for j in range(size):
                entry = residual[i, j] - columns[i, rank] * columns[j, rank]
                residual[i, j] = (
                    0.0 if abs(entry) <= noise * np.sqrt(covariance[i, i]) * np.sqrt(covariance[j, j]) else entry
                )
    return size


@kernel
def solve_pivots(columns: Any, pivots: Any, rank: int, right: Any) -> None:
    """Replaces `right`, shape (m, p), by S^- right: S restricted to its pivots is inverted, the rest is zero."""
    size, width = right.shape
    solution = np.zeros((rank, width))
    for k in range(rank):
        for j in range(width):
            total = right[pivots[k], j]
            for i in range(k):
                total -= columns[pivots[k], i] * solution[i, j]
            solution[k, j] = total / columns[pivots[k], k]
    for k in range(rank - 1, -1, -1):
        for j in range(width):
            total = solution[k, j]
            for i in range(k + 1, rank):
                total -= columns[pivots[i], k] * solution[i, j]
            solution[k, j] = total / columns[pivots[k], k]
    for i in range(size):
        for j in range(width):
            right[i, j] = 0.0
    for k in range(rank):
        for j in range(width):
            right[pivots[k], j] = solution[k, j]


@kernel
def log_determinants(matrices: Any, results: Any) -> None:
    """Logarithms of the determinants of covariances, shape (count, m, m); -inf below full rank."""
    size = matrices.shape[1]
    columns, pivots = np.empty((size, size)), np.empty(size, np.int64)
    for i in range(matrices.shape[0]):
        rank = pivoted_factor(matrices[i], columns, pivots)
        results[i] = -np.inf if rank < size else 0.0
        for k in range(rank):
            results[i] += 2.0 * np.log(columns[pivots[k], k])

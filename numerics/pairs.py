"""Pairs of rows of data: scalar products, squared distances and squared lengths of sums, without cancellation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["PairKernels", "Pairs", "assembled"]

Array = NDArray[np.float64]
_CANCELS = 1e-2  # below this share of the lengths, a squared distance is computed from differences
_CHUNK = 1 << 22
_BLOCK = 1 << 13


class PairKernels(NamedTuple):
    """Variances (m,) and covariances of pairs, and the same of tangent kernels, None where there are none."""

    variances: Array
    covariances: Array
    own: Array | None
    cross: Array | None


@dataclass(frozen=True)
class Pairs:
    """Layer 1 of m inputs: variances (m,), covariances of the pairs i < j, squared distances, squared sums."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    variances: Array
    covariances: Array
    distances: Array
    sums: Array

    def blocks(self) -> Iterator[Pairs]:
        """The pairs in blocks that fit the cache; at least one, also without pairs."""
        for low in range(0, max(1, len(self.first)), _BLOCK):
            part = slice(low, low + _BLOCK)
            first, second = self.first[part], self.second[part]
            yield Pairs(first, second, self.variances, self.covariances[part], self.distances[part], self.sums[part])

    @classmethod
    def of_data(cls, rows: Array, C_W: float, C_b: float) -> Pairs:
        """Pre-activations of the rows, at weight and bias variances."""
        m, d = rows.shape
        first, second = np.triu_indices(m, 1)
        with np.errstate(over="ignore", invalid="ignore"):
            lengths = np.einsum("ij,ij->i", rows, rows)
            products = (rows @ rows.T)[first, second]
            both = lengths[first] + lengths[second]
            distances, sums = both - 2 * products, both + 2 * products
        for values, sign in ((distances, -1.0), (sums, 1.0)):
            close = np.flatnonzero(values <= _CANCELS * both)
            for part in np.array_split(close, 1 + close.size * d // _CHUNK):
                values[part] = np.sum((rows[first[part]] + sign * rows[second[part]]) ** 2, axis=1)
        # Opposite rows have correlation -1 exactly.
        opposite = np.flatnonzero(sums == 0)
        products[opposite] = -lengths[first[opposite]]
        scale = C_W / d
        return cls(
            first,
            second,
            scale * lengths + C_b,
            scale * products + C_b,
            scale * np.maximum(distances, 0.0),
            scale * np.maximum(sums, 0.0) + 4 * C_b,
        )


def assembled(pairs: Pairs, diagonal: Array, blocks: list[Array]) -> Array:
    """Symmetric matrix from its diagonal and its entries at the blocks of pairs."""
    above = np.concatenate(blocks)
    matrix = np.diag(diagonal)
    matrix[pairs.first, pairs.second] = above
    matrix[pairs.second, pairs.first] = above
    return matrix

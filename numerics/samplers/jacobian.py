r"""Jacobian $\partial h^L/\partial x^0$ of a drawn network at its first input, and its singular values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, svds

from numerics.samplers.layer import Layer

__all__ = ["jacobian", "jacobian_row", "largest_singular_value", "singular_values"]

Array = NDArray[np.float64]


def jacobian(layers: Sequence[Layer]) -> Array:
    """Jacobian, shape (width, d)."""
    return _forward(layers, np.eye(layers[0].weights.shape[1]))


def jacobian_row(layers: Sequence[Layer]) -> Array:
    """Sum of the rows of the Jacobian, shape (d,): one product per matrix, to see whether it is finite."""
    return _transposed(layers, np.ones((layers[-1].weights.shape[0], 1)))[:, 0]


def singular_values(layers: Sequence[Layer]) -> Array:
    """All singular values of the Jacobian in decreasing order, shape (min(width, d),)."""
    return np.asarray(np.linalg.svd(jacobian(layers), compute_uv=False), dtype=np.float64)


def largest_singular_value(layers: Sequence[Layer], seed: int = 0) -> float:
    """Spectral norm of the Jacobian by Lanczos iteration: products with vectors only, no product of matrices.

    Agrees with `singular_values` to about 1e-10 relative; costs some twenty passes through the network.
    """
    rows, columns = layers[-1].weights.shape[0], layers[0].weights.shape[1]
    if min(rows, columns) == 1:
        return float(np.linalg.norm(jacobian(layers)))
    operator = LinearOperator(
        (rows, columns),
        matvec=lambda vector: _forward(layers, np.reshape(vector, (-1, 1)))[:, 0],
        rmatvec=lambda vector: _transposed(layers, np.reshape(vector, (-1, 1)))[:, 0],
        dtype=np.float64,
    )
    start = np.random.default_rng(seed).standard_normal(min(rows, columns))
    return float(svds(operator, k=1, v0=start, return_singular_vectors=False)[0])


def _forward(layers: Sequence[Layer], directions: Array) -> Array:
    for layer in layers[:-1]:
        directions = layer.tangent(directions)
    return layers[-1].weights @ directions


def _transposed(layers: Sequence[Layer], directions: Array) -> Array:
    directions = layers[-1].weights.T @ directions
    for layer in layers[-2::-1]:
        directions = layer.tangent_transposed(directions)
    return directions

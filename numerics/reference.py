"""Slow, obvious twins of the kernels: plain numpy, one line per sentence of the definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["direct_network", "gram_chain", "gram_layer", "law_chain", "pivoted_factor"]

Array = NDArray[np.float64]
Activation = Callable[[float], float]


def pivoted_factor(covariance: Array) -> Array:
    """Columns L, shape (m, rank), with covariance = L L'; a pivot has the largest share of its variance left.

    >>> pivoted_factor(np.array([[4.0, -2.0], [-2.0, 1.0]])).tolist()
    [[2.0], [-1.0]]
    """
    variances = np.diag(covariance)
    noise = 16 * len(covariance) * np.finfo(float).eps * np.outer(np.sqrt(variances), np.sqrt(variances))
    residual, left = covariance.copy(), list(range(len(covariance)))
    columns: list[Array] = []
    while True:
        left = [i for i in left if residual[i, i] > 0]
        if not left:
            return np.array(columns).T.reshape(len(covariance), len(columns))
        pivot = max(left, key=lambda i: residual[i, i] / variances[i])
        column = np.zeros(len(covariance))
        column[left] = residual[left, pivot] / np.sqrt(residual[pivot, pivot])
        left.remove(pivot)
        columns.append(column)
        residual = residual - np.outer(column, column)
        residual[np.abs(residual) <= noise] = 0


def gram_layer(phi: Activation, generator: np.random.Generator, covariance: Array, width: int) -> tuple[Array, Array]:
    """Gram matrices (1/n) sum h h' and (1/n) sum phi(h) phi(h)' of n = width draws h ~ N(0, covariance)."""
    columns = pivoted_factor(covariance)
    before, after = np.zeros_like(covariance), np.zeros_like(covariance)
    for _ in range(width):
        normals = [generator.standard_normal() for _ in range(columns.shape[1])]
        row = np.array([sum(c * z for c, z in zip(line, normals, strict=True)) for line in columns])
        value = np.array([phi(h) for h in row])
        before += np.outer(row, row)
        after += np.outer(value, value)
    return before / width, after / width


def gram_chain(
    phi: Activation,
    generator: np.random.Generator,
    covariance: Array,
    widths: Sequence[int],
    weight_variance: float,
    bias_variance: float,
) -> list[tuple[Array, Array]]:
    """Gram matrices of the layers of one network in law: covariance of layer l + 1 is C_W G_l + C_b."""
    layers = []
    for width in widths:
        layers.append(gram_layer(phi, generator, covariance, width))
        covariance = weight_variance * layers[-1][1] + bias_variance
    return layers


def direct_network(
    phi: Callable[[Array], Array],
    generator: np.random.Generator,
    inputs: Array,
    widths: Sequence[int],
    weight_variance: float,
    bias_variance: float,
) -> list[tuple[Array, Array]]:
    """Gram matrices of the layers of one network whose weights are drawn: h = W x + b, x -> phi(h).

    `inputs` has shape (m, d); Var W_ij = C_W / fan_in and Var b_i = C_b in every layer, the first included.
    """
    layers, signal = [], np.asarray(inputs, dtype=np.float64).T
    for width in widths:
        fan_in = len(signal)
        weights = generator.standard_normal((width, fan_in)) * np.sqrt(weight_variance / fan_in)
        biases = generator.standard_normal((width, 1)) * np.sqrt(bias_variance)
        hidden = weights @ signal + biases
        signal = phi(hidden)
        layers.append((hidden.T @ hidden / width, signal.T @ signal / width))
    return layers


def law_chain(
    phi: Callable[[Array], Array],
    generator: np.random.Generator,
    covariance: Array,
    width: int,
    depth: int,
    weight_variance: float,
    bias_variance: float,
    block: int = 256,
) -> list[tuple[Array, Array]]:
    """Gram matrices of the layers of one network, the normals drawn in blocks of neurons, one variable at a time."""
    layers = []
    for _ in range(depth):
        columns = pivoted_factor(covariance)
        counts = [min(block, width - start) for start in range(0, width, block)]
        normals = [generator.standard_normal((columns.shape[1], count)) for count in counts]
        hidden = columns @ np.concatenate(normals, axis=1)
        signal = phi(hidden)
        layers.append((hidden @ hidden.T / width, signal @ signal.T / width))
        covariance = weight_variance * layers[-1][1] + bias_variance
    return layers

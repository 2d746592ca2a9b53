"""What a simulation accepts: widths, and the data or the covariance that the first layer starts from."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.arguments import real_array
from theory.arguments import whole
from theory.errors import DomainError
from theory.network import NetworkSpec

__all__ = ["check_normalization", "covariance_of", "first_signal", "width_list"]

Array = NDArray[np.float64]

# Variances below it lose digits to the subnormal numbers.
SMALLEST = 1e-290


def width_list(widths: Any) -> tuple[tuple[int, ...], bool]:
    """The widths, and whether they were given as several."""
    try:
        index(widths)
        several = False
    except TypeError:
        several = isinstance(widths, Iterable) and not isinstance(widths, str)
    sizes = tuple(whole("width", width) for width in (widths if several else (widths,)))
    if not sizes:
        raise DomainError("a simulation needs a width; received none")
    return sizes, several


def first_signal(spec: NetworkSpec, inputs: ArrayLike | None, gram: ArrayLike | None) -> tuple[Array | None, Array]:
    """The data, if given, and the covariance of the first pre-activations."""
    if (inputs is None) == (gram is None):
        raise DomainError("a network is simulated on inputs= (m, d) or gram= (m, m), one of them")
    if inputs is None:
        return None, covariance_of(gram)
    data = real_array("inputs", inputs)
    if data.ndim != 2 or not data.size or not np.isfinite(data).all():
        raise DomainError(f"inputs are a finite array (m, d), one input per row; received shape {data.shape}")
    variance = float(spec.C_W)
    with np.errstate(over="ignore", under="ignore"):
        products = (data @ data.T) / data.shape[1]
        covariance = variance * products
    for part in (products, covariance if variance > 0 else products):
        sizes = np.diag(part)
        if not np.isfinite(part).all() or (data.any(axis=1) & (sizes < SMALLEST)).any():
            sizes = np.abs(data).max(axis=1)
            raise DomainError(
                f"the mean squares of the inputs stay in the range of a double, with C_W and without; received inputs "
                f"up to {sizes.max():.3g} and down to {sizes.min():.3g}, C_W = {variance:.3g}: give them in other units"
            )
    return data, covariance + float(spec.C_b)


def covariance_of(gram: ArrayLike | None) -> Array:
    """`gram` as a contiguous array, if its pivoted factor reproduces it: symmetric and positive semi-definite."""
    from numerics.loops.pivoted_factor import pivoted_factor

    matrix = real_array("a Gram matrix", gram)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise DomainError(f"a Gram matrix is square; received shape {matrix.shape}")
    variances = np.diag(matrix)
    if not np.isfinite(matrix).all() or (variances < 0).any():
        raise DomainError(f"a Gram matrix is finite with a non-negative diagonal; received {matrix.tolist()}")
    if ((variances > 0) & (variances < SMALLEST)).any():
        raise DomainError(
            f"the variances of a Gram matrix are 0 or at least {SMALLEST:g}; received {variances.tolist()}: "
            "give it in other units"
        )
    columns = np.empty_like(matrix)
    rank = pivoted_factor(matrix, columns, np.empty(len(matrix), np.int64))
    scale = np.sqrt(variances)
    error = np.abs(columns[:, :rank] @ columns[:, :rank].T - matrix)
    if not (error <= 1e-12 * len(matrix) * np.outer(scale, scale)).all():
        raise DomainError(f"a Gram matrix is symmetric and positive semi-definite; received {matrix.tolist()}")
    return matrix


def check_normalization(spec: NetworkSpec, size: int, width: int) -> None:
    """Raises DomainError where a normalization has nothing to average over: one input, or one neuron."""
    rule = spec.normalization
    if rule is not None and rule.kind == "batch" and size < 2:
        raise DomainError("batch normalization needs at least two inputs; received one")
    if rule is not None and rule.kind == "layer" and rule.centered and width < 2:
        raise DomainError("layer normalization of one neuron has no variance; received width = 1")

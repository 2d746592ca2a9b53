"""Simulation of wide random networks, exact in law at every finite width."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from numerics.codegen import kernel_module
from numerics.streams import stream
from theory.errors import DomainError

__all__ = ["NonFiniteError", "gram_samples"]

# Neurons per layer and stream: about a millisecond of work, enough to hide the cost of starting a stream.
BLOCK = 2**16


class NonFiniteError(DomainError):
    """A Gram matrix that overflowed, at a 1-based `layer` of a `replica`."""

    def __init__(self, replica: int, layer: int) -> None:
        self.replica, self.layer = replica, layer
        super().__init__(
            f"activations must stay finite; layer {layer} of replica {replica} overflowed: "
            "fewer layers, smaller variances, or a bounded statistic"
        )


def gram_samples(
    phi: sp.Expr,
    x: sp.Symbol,
    gram: ArrayLike,
    widths: int | Sequence[int],
    depth: int,
    replicas: int,
    seed: int = 0,
    identifier: str = "",
    C_W: float = 1.0,
    C_b: float = 0.0,
    *,
    first: int = 0,
    preactivations: bool = False,
) -> NDArray[np.float64]:
    """Gram matrices of a Gaussian network, shape (replicas, depth, m, m), drawn from their exact law.

    Layer 1 has pre-activation covariance S_1 = gram; G_l = (1/n_l) sum_i phi(h_i) phi(h_i)' over the n_l
    neurons of layer l, and S_(l+1) = C_W G_l + C_b.  Entry [r, l - 1] is G_l, or (1/n_l) sum_i h_i h_i' if
    `preactivations`.  No weight matrix is drawn; equal or opposite inputs stay so exactly.

    Parameters
    ----------
    phi, x : Expr, Symbol
        The activation x -> phi; no other symbols.
    gram : array, shape (m, m)
        Covariance of the pre-activations of layer 1, positive semi-definite of any rank:
        C_W X X'/d + C_b for data, [[1, rho], [rho, 1]] for E[phi(U) phi(V)].
    widths : int or sequence of int
        Width of every layer, or one per layer.
    depth, replicas, first : int
        Layers of neurons; replicas first, ..., first + replicas - 1.  A replica's value depends on its number
        and on the other arguments, never on how the replicas are split over calls.
    seed, identifier : int, str
        Name the random stream.
    C_W, C_b : float
        Weight and bias variance between layers, not negative.

    Raises
    ------
    DomainError
        If `gram` is not a covariance, or a number is outside its range.
    NonFiniteError
        If a Gram matrix overflows.
    UnsupportedError
        If `phi` has no form in generated code.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> G = gram_samples(sp.Max(x, 0), x, [[1, 0.5], [0.5, 1]], widths=10_000, depth=2, replicas=3, C_W=2.0)
    >>> G.shape, round(float(G[:, 0, 0, 0].mean()), 1)
    ((3, 2, 2, 2), 0.5)
    """
    for name, value, least in (("depth", depth, 1), ("replicas", replicas, 1), ("first", first, 0)):
        if index(value) < least:
            raise DomainError(f"{name} must be an integer, at least {least}; received {value!r}")
    layers = [index(widths)] * depth if isinstance(widths, int | np.integer) else [index(n) for n in widths]
    if len(layers) != depth or min(layers) < 1:
        raise DomainError(f"one positive width per layer is needed, {depth} in all; received {widths!r}")
    if not (0 <= C_W < np.inf and 0 <= C_b < np.inf):
        raise DomainError(f"variances are finite and not negative; received C_W = {C_W}, C_b = {C_b}")
    module = kernel_module("gram_chain", phi, x)
    covariance = _covariance(gram, module.factor)
    key = identifier if len(set(layers)) == 1 else f"{identifier}|{layers}"
    size = max(1, BLOCK // max(layers))
    results = np.empty((replicas, depth, *covariance.shape))
    for block in range(first // size, (first + replicas - 1) // size + 1):
        start, stop = max(first, block * size), min(first + replicas, (block + 1) * size)
        # A block is always drawn from its beginning, so that its replicas do not depend on `first`.
        shape = (stop - block * size, depth, *covariance.shape)
        before, after = np.empty(shape), np.empty(shape)
        generator = stream(key, layers[0], block, seed)
        bad = module.gram_chain(generator, covariance, np.array(layers), float(C_W), float(C_b), before, after)
        if bad >= 0:
            raise NonFiniteError(block * size + bad // depth, bad % depth + 1)
        chosen = before if preactivations else after
        results[start - first : stop - first] = chosen[start - block * size :]
    return results


def _covariance(gram: ArrayLike, factor: object) -> NDArray[np.float64]:
    """`gram` as a contiguous array, if the factor reproduces it: symmetric and positive semi-definite."""
    matrix = np.array(gram, dtype=np.float64, order="C")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise DomainError(f"a Gram matrix is square; received shape {matrix.shape}")
    if not np.isfinite(matrix).all() or (np.diag(matrix) < 0).any():
        raise DomainError(f"a Gram matrix is finite with a non-negative diagonal; received {matrix.tolist()}")
    columns = np.empty_like(matrix)
    rank = factor(matrix, columns)  # type: ignore[operator]
    scale = np.sqrt(np.diag(matrix))
    error = np.abs(columns[:, :rank] @ columns[:, :rank].T - matrix)
    if not (error <= 1e-12 * len(matrix) * np.outer(scale, scale)).all():
        raise DomainError(f"a Gram matrix is symmetric and positive semi-definite; received {matrix.tolist()}")
    return matrix

r"""Layers of chosen pairs of inputs by their distances, for pairs that a chaotic network takes apart.

Where a covariance is rounded, the distance of nearly equal inputs is lost, and a chaotic network magnifies what is
left.  Carried along instead are $q_1$, $q_2 - q_1$ and

$$ D = q_1 + q_2 - 2 q_{12}, \qquad S = q_1 + q_2 + 2 q_{12}, $$

all with relative accuracy: in every layer they are sums of non-negative terms, and of terms of the skip.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.layer_rules import LayerRules
from theory.network import NetworkSpec

__all__ = ["Block", "GapLayers", "Gaps", "PairDuals"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


class Gaps(NamedTuple):
    """Pairs of one layer: variances of both, the second less the first, sin^2 and cos^2 of half the angle."""

    first: Array
    second: Array
    change: Array
    half: Array
    rest: Array


class Block(NamedTuple):
    """Mean squares E f(U)^2, E f(V)^2, their change; means, their change; E(f(U) -+ f(V))^2; duals of f'.

    `slopes` holds the mean squares of the derivative and its dual, None where the activation jumps.
    """

    square: Array
    change: Array
    mean: Array
    mean_change: Array
    near: Array
    far: Array
    slopes: tuple[Array, Array, Array] | None


class PairDuals(Protocol):
    """What a way to compute a layer offers; `centered` takes the mean off the activation before squares."""

    def block(self, gaps: Gaps, centered: bool) -> Block: ...


class _Gram(NamedTuple):
    """A Gram matrix of two inputs: entry of the first, change to the second, squared distance, squared sum."""

    square: Array
    change: Array
    near: Array
    far: Array

    def combined(self, a: float, other: _Gram, b: float) -> _Gram:
        return _Gram(*(a * x + b * y for x, y in zip(self, other, strict=True)))


class GapLayers(LayerRules):
    """The recursion of `numerics.pair_layers` in distances."""

    def __init__(self, net: NetworkSpec, duals: PairDuals) -> None:
        super().__init__(net)
        self.duals = duals

    def run(self, rows: Array, i: Index, j: Index, depth: int) -> tuple[Array, Array | None]:
        """Covariances and tangent kernels of the pairs (i, j) of rows in layer `depth`."""
        x, y = rows[i], rows[j]
        apart, together = y - x, y + x
        data = [
            np.einsum("pk,pk->p", a, b) for a, b in ((x, x), (apart, together), (apart, apart), (together, together))
        ]
        state = self._weighted(_Gram(*(value / rows.shape[1] for value in data)))
        own = [state.square, state.square + state.change]
        theta: list[Array] | None = [*own, (state.far - state.near) / 4]
        gram: _Gram | None = None
        tangent: list[Array] | None = None
        zero = np.zeros(len(i))
        # Means of the coordinates behind a layer, and what the second input has more.
        means = (zero, zero)
        for layer in range(1, depth):
            block = self._block(state)
            branch, strength = (1.0, 0.0) if layer == 1 else (self.branch, self.strength)
            new = _Gram(block.square, block.change, block.near, block.far)
            new = new.combined(branch**2, gram if gram is not None else new, strength**2)
            if self.identity:
                (m, dm), (M, dM) = (block.mean, block.mean_change), means
                mixed = 2 * branch * strength
                cross = _Gram(m * M, dm * M + (m + dm) * dM, dm * dM, (2 * m + dm) * (2 * M + dM))
                new = new.combined(1.0, cross, mixed)
                means = branch * m + strength * M, branch * dm + strength * dM
            if theta is not None and block.slopes is not None:
                inner = [branch**2 * slope * old for slope, old in zip(block.slopes, theta, strict=True)]
                if tangent is not None and strength:
                    inner = [a + strength**2 * b for a, b in zip(inner, tangent, strict=True)]
                tangent = inner
            else:
                tangent = None
            gram = new
            state = self._weighted(gram)
            if tangent is None:
                theta = None
            else:
                values = (state.square, state.square + state.change, (state.far - state.near) / 4)
                theta = [value + self.C_W * t for value, t in zip(values, tangent, strict=True)]
        return (state.far - state.near) / 4, None if theta is None else theta[2]

    def _weighted(self, gram: _Gram) -> _Gram:
        """Pre-activations from the Gram matrix of what enters a layer."""
        C_W, C_b = self.C_W, self.C_b
        return _Gram(C_W * gram.square + C_b, C_W * gram.change, C_W * gram.near, C_W * gram.far + 4 * C_b)

    def _block(self, state: _Gram) -> Block:
        half, rest, scale = _angle(state)
        first, second, change = state.square, state.square + state.change, state.change
        if self.before:
            ones, change = np.ones_like(first), np.zeros_like(first)
            block = self.duals.block(Gaps(ones, ones, change, half, rest), False)
            if block.slopes is not None:
                slopes = [s / q for s, q in zip(block.slopes, (first, second, scale), strict=True)]
                block = block._replace(slopes=(slopes[0], slopes[1], slopes[2]))
            return block
        block = self.duals.block(Gaps(first, second, change, half, rest), self.centered)
        if not self.after:
            return block
        half, rest, scale = _angle(_Gram(block.square, block.change, block.near, block.far))
        square = block.square, block.square + block.change
        root = np.sqrt(square[0]), np.sqrt(square[1])
        ones, zeros = np.ones_like(half), np.zeros_like(half)
        slopes_after = None
        if block.slopes is not None:
            one, two, both = (s / q for s, q in zip(block.slopes, (*square, scale), strict=True))
            slopes_after = one, two, both
        mean = mean_change = zeros
        if not self.centered:
            longer = block.change / (root[0] + root[1])
            mean = block.mean / root[0]
            mean_change = (block.mean_change * root[0] - block.mean * longer) / scale
        return Block(ones, zeros, mean, mean_change, 4 * half, 4 * rest, slopes_after)


def _angle(gram: _Gram) -> tuple[Array, Array, Array]:
    """sin^2 and cos^2 of half the angle of two vectors, and the product of their lengths."""
    a, b = np.sqrt(gram.square), np.sqrt(gram.square + gram.change)
    longer = gram.change / (a + b)
    scale = a * b
    half = np.clip((gram.near - longer**2) / (4 * scale), 0.0, 1.0)
    rest = np.clip((gram.far - longer**2) / (4 * scale), 0.0, 1.0)
    return np.where(half <= 0.5, half, 1 - rest), np.where(half <= 0.5, 1 - half, rest), scale

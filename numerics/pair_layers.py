"""Layers of a general network, with covariances of pairs: the recursion with skips and normalisations."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from numerics.closed_duals import ClosedDuals
from numerics.layer_rules import LayerRules
from numerics.pairs import PairKernels, Pairs
from numerics.series_duals import SeriesDuals
from theory.activations import Activation
from theory.errors import DivergenceError, DomainError
from theory.network import NetworkSpec

__all__ = ["PairLayers"]

Array = NDArray[np.float64]
_Both = tuple[Array, Array]


@lru_cache(maxsize=64)
def _duals(phi: Activation) -> ClosedDuals | SeriesDuals:
    """Derived once for all networks of the activation."""
    return ClosedDuals.of(phi) or SeriesDuals(phi)


class PairLayers(LayerRules):
    """Recursion of `theory.propagation.iteration` on arrays: diagonals (m,) and pairs i < j."""

    def __init__(self, net: NetworkSpec) -> None:
        super().__init__(net)
        self.net = net
        self.duals = _duals(net.phi)

    def run(self, start: Pairs, depth: int) -> PairKernels:
        """Layer `depth`."""
        C_W, C_b = self.C_W, self.C_b
        i, j = start.first, start.second
        q, cross = start.variances, start.covariances
        theta: _Both | None = (q, cross) if self.net.parameterization == "ntk" else None
        gram: _Both | None = None
        tangent: _Both | None = None
        means = np.zeros(len(q))
        for layer in range(1, depth):
            if not (np.isfinite(q).all() and np.isfinite(cross).all()):
                raise DivergenceError(f"a variance of layer {layer} is not a finite number in double precision")
            blocks, slopes, mean = self._block(q, cross, i, j, layer)
            branch, strength = (1.0, 0.0) if layer == 1 else (self.branch, self.strength)
            values = [branch**2 * block for block in blocks]
            inner = None
            if theta is not None and slopes is not None:
                inner = [branch**2 * slope * old for slope, old in zip(slopes, theta, strict=True)]
            if gram is not None and strength:
                values = [new + strength**2 * old for new, old in zip(values, gram, strict=True)]
                if inner is not None and tangent is not None:
                    inner = [new + strength**2 * old for new, old in zip(inner, tangent, strict=True)]
            if self.identity and mean is not None:
                mixed = branch * strength
                values[0] = values[0] + 2 * mixed * mean * means
                values[1] = values[1] + mixed * (mean[i] * means[j] + mean[j] * means[i])
                means = branch * mean + strength * means
            gram = values[0], values[1]
            tangent = None if inner is None else (inner[0], inner[1])
            q, cross = C_W * gram[0] + C_b, C_W * gram[1] + C_b
            theta = None if tangent is None else (q + C_W * tangent[0], cross + C_W * tangent[1])
        return PairKernels(q, cross, *(theta or (None, None)))

    def _block(
        self, q: Array, cross: Array, i: NDArray[np.intp], j: NDArray[np.intp], layer: int
    ) -> tuple[_Both, _Both | None, Array | None]:
        """Gram entries of the block, duals of its derivative, and means, of inputs and pairs."""
        duals, zero = self.duals, q == 0
        if (self.before or self.after) and zero.any() and (self.before or duals.at_zero() == 0):
            raise DomainError(f"a normalization needs positive variances; an input has variance 0 in layer {layer}")
        # The product of two variances may leave the range where that of their roots does not.
        deviation = np.sqrt(q)
        scale = deviation[i] * deviation[j]
        rho = np.clip(cross / np.where(scale > 0, scale, 1.0), -1.0, 1.0)
        inner = np.ones_like(q) if self.before else np.where(zero, 1.0, q)
        try:
            square, slope_square, pair, slope, mean = duals.values(rho, inner, i, j, self.identity or self.centered)
        except DivergenceError as error:
            raise DivergenceError(f"in layer {layer}: {error}") from None
        if zero.any():
            # The derivative multiplies a tangent kernel that vanishes with the variance.
            at_zero = duals.at_zero()
            means = duals.means(inner) if at_zero else np.zeros_like(q)
            means = np.where(zero, at_zero, means)
            square = np.where(zero, at_zero**2, square)
            pair = np.where(zero[i] | zero[j], means[i] * means[j], pair)
            mean = None if mean is None else np.where(zero, at_zero, mean)
        if self.before and slope is not None and slope_square is not None:
            slope_square, slope = slope_square / q, slope / scale
        if self.after:
            square, slope_square, pair, slope, mean = self._normalized(square, slope_square, pair, slope, mean, i, j)
        slopes = None if slope is None or slope_square is None else (slope_square, slope)
        return (square, pair), slopes, mean if self.identity else None

    def _normalized(
        self,
        square: Array,
        slope_square: Array | None,
        pair: Array,
        slope: Array | None,
        mean: Array | None,
        i: NDArray[np.intp],
        j: NDArray[np.intp],
    ) -> tuple[Array, Array | None, Array, Array | None, Array | None]:
        if self.centered and mean is not None:
            square, pair = square - mean**2, pair - mean[i] * mean[j]
        root = np.sqrt(square)
        if not (square > 0).all():
            raise DomainError("a normalization needs a positive variance of the activation; it has none here")
        scale = root[i] * root[j]
        if slope is not None and slope_square is not None:
            slope_square, slope = slope_square / square, slope / scale
        if mean is not None:
            mean = np.zeros_like(mean) if self.centered else mean / root
        return np.ones_like(square), slope_square, pair / scale, slope, mean

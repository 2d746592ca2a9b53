"""One layer of a drawn network and the two directions of its derivative."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from numerics.samplers.normalizers import Normalized

__all__ = ["Layer"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    r"""Layer $x = \beta\,N_a(\varphi(N_b(h))) + r\,P x'$, $h = W x' + b$, with everything it computed.

    Arrays have shape (neurons, inputs), or (replicas, neurons, inputs) for a batch of networks.  `slope` holds phi'
    where it was applied, if derivatives are wanted; `before`, `after` the normalisations; `strength` is 0 without a
    skip, `projection` None for P = 1.
    """

    weights: Array
    h: Array
    slope: Array | None
    before: Normalized | None
    after: Normalized | None
    branch: float
    strength: float
    projection: Array | None
    x: Array

    def replica(self, place: int) -> Layer:
        """One network of a batch."""
        return replace(
            self,
            weights=self.weights[place],
            h=self.h[place],
            slope=None if self.slope is None else self.slope[place],
            before=None if self.before is None else self.before.replica(place),
            after=None if self.after is None else self.after.replica(place),
            projection=None if self.projection is None else self.projection[place],
            x=self.x[place],
        )

    def backward(self, upstream: Array) -> tuple[Array, Array]:
        r"""$\partial F/\partial h$ and $\partial F/\partial x'$ from $\partial F/\partial x$."""
        delta = self.branch * upstream
        if self.after is not None:
            delta = self.after.derivative(delta)
        delta = self._slope() * delta
        if self.before is not None:
            delta = self.before.derivative(delta)
        below = self.weights.mT @ delta
        if self.strength:
            below += self.strength * (upstream if self.projection is None else self.projection.mT @ upstream)
        return delta, below

    def tangent(self, direction: Array) -> Array:
        r"""Derivative of x at the first input along directions of x', shapes (neurons, directions)."""
        value = self.weights @ direction
        if self.before is not None:
            value = self.before.first().derivative(value[:, None])[:, 0]
        value = self._slope()[:, :1] * value
        if self.after is not None:
            value = self.after.first().derivative(value[:, None])[:, 0]
        value = self.branch * value
        if self.strength:
            value += self.strength * (direction if self.projection is None else self.projection @ direction)
        return value

    def tangent_transposed(self, direction: Array) -> Array:
        """Transpose of `tangent`, from directions of x to directions of x'."""
        value = self.branch * direction
        if self.after is not None:
            value = self.after.first().derivative(value[:, None])[:, 0]
        value = self._slope()[:, :1] * value
        if self.before is not None:
            value = self.before.first().derivative(value[:, None])[:, 0]
        value = self.weights.T @ value
        if self.strength:
            value += self.strength * (direction if self.projection is None else self.projection.T @ direction)
        return value

    def _slope(self) -> Array:
        if self.slope is None:
            raise ValueError("the layer was computed without the slopes of its activation")
        return self.slope

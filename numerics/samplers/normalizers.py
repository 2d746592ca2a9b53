"""Normalisations of a layer with their derivatives, on arrays of shape (..., neurons, inputs)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from theory.layers import Normalization

__all__ = ["Normalized", "normalize"]

Array = NDArray[np.float64]


class Normalized(NamedTuple):
    r"""Normalised values $y = (h - m)/s$ and what the derivative needs.

    The means m and scales $s = \sqrt{\overline{(h - m)^2}}$ are taken along `axis`: -2 (neurons) or -1 (inputs).
    """

    values: Array
    scale: Array
    axis: int
    centered: bool

    def derivative(self, direction: Array) -> Array:
        r"""Jacobian times a direction, $(t - \overline{t} - y\,\overline{y t})/s$; the Jacobian is symmetric.

        `direction` has the shape of `values`, with any number of further axes at the end.
        """
        if self.values.shape[self.axis] == (2 if self.centered else 1):
            # The values are -1 and 1: what the formula gives is rounding.
            return np.zeros_like(direction)
        further = direction.ndim - self.values.ndim
        axis, more = self.axis - further, (..., *[None] * further)
        values, scale = self.values[more], self.scale[more]
        tangent = direction - direction.mean(axis=axis, keepdims=True) if self.centered else direction
        return (tangent - values * (values * direction).mean(axis=axis, keepdims=True)) / scale

    def first(self) -> Normalized:
        """The normalisation of the first input alone, for those over the neurons."""
        return self._replace(values=self.values[..., :1], scale=self.scale[..., :1])

    def replica(self, place: int) -> Normalized:
        """One entry of the leading axis."""
        return self._replace(values=self.values[place], scale=self.scale[place])


def normalize(rule: Normalization, h: Array) -> Normalized:
    """`h`, shape (..., neurons, inputs), to unit mean square; not-a-number where all agree up to rounding."""
    axis = -1 if rule.kind == "batch" else -2
    centered = h - h.mean(axis=axis, keepdims=True) if rule.centered else h
    # Scaled by the largest entry, so that a square neither overflows nor underflows.
    largest = np.abs(centered).max(axis=axis, keepdims=True)
    rounding = 16 * h.shape[-1] * np.finfo(np.float64).eps if axis == -1 else 1e-14
    noise = rounding * np.abs(h).max(axis=axis, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.where(largest <= noise, np.nan, centered) / largest
        root = np.sqrt((unit * unit).mean(axis=axis, keepdims=True))
        return Normalized(unit / root, root * largest, axis, rule.centered)

"""What a sampler returns, and what it reports when a network leaves the range of a double."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import DomainError

__all__ = ["Array", "NonFiniteError", "Record"]

Array = NDArray[np.float64]


class NonFiniteError(DomainError):
    """A network whose signal left the range of a double, at a 1-based `layer` of a `replica`."""

    def __init__(self, replica: int, layer: int, what: str = "overflowed") -> None:
        self.replica, self.layer, self.what = replica, layer, what
        super().__init__(
            f"activations must stay finite; layer {layer} of replica {replica} {what}: "
            "fewer layers, other variances, a normalization, or a bounded statistic"
        )

    def __reduce__(self) -> tuple[type, tuple[int, int, str]]:
        return type(self), (self.replica, self.layer, self.what)


@dataclass(frozen=True)
class Record:
    r"""Averages over the neurons of every layer (axis 1, layer $\ell$ at index $\ell - 1$) of R replicas (axis 0).

    Parameters
    ----------
    before, after : shape (R, L, m, m), $\frac1n\sum_i h_i h_i'$ and $\frac1n\sum_i x_i x_i'$; x is the output of
        the layer, normalisation and skip included.
    mean, fourth : shape (R, L, m), $\frac1n\sum_i x_i$ and $\frac1n\sum_i h_i^4$.
    delta : shape (R, L, m, m), $\sum_i \delta_i \delta_i'$ with $\delta^\ell = \partial h^L_1/\partial h^\ell$.
    scales : shape (R, L, 3), binary exponents: h, x and delta are to be multiplied by 2^scales; None means zero.
    loss : shape (R, L), Frobenius norms of the gradients of a loss in the weights.
    singular_values : shape (R, k), of the input-output Jacobian at the first input, in decreasing order.
    spectral_norm : shape (R,), the largest of them.
    """

    before: Array
    after: Array
    mean: Array
    fourth: Array
    delta: Array | None = None
    loss: Array | None = None
    scales: NDArray[np.int64] | None = None
    singular_values: Array | None = None
    spectral_norm: Array | None = None

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> Record:
        """Record of named arrays; others are left out."""
        return cls(**{field.name: arrays[field.name] for field in fields(cls) if field.name in arrays})

    def exponent(self, which: int) -> NDArray[np.int64]:
        """Exponents of h (0), x (1) or delta (2), shape (R, L)."""
        shape = self.before.shape[:2]
        return np.zeros(shape, np.int64) if self.scales is None else self.scales[..., which]

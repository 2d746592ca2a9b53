r"""Layers of nearly equal or opposite inputs by Hermite series, for analytic activations.

With $c_k = c_k(q_1)$, $d_k = c_k(q_2)$ and $\rho = \cos\theta$

$$ E(\varphi(U) \mp \varphi(V))^2 = \sum_k \big[(d_k - c_k)^2 + 2 c_k d_k (1 \mp \rho^k)\big], $$

where $1 - |\rho|^k$ comes from the gap, and the differences of the coefficients at nearly equal variances from their
differential equation $2\,dc_k/d\log q = k c_k + \sqrt{(k+1)(k+2)}\,c_{k+2}$.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.codegen import CompiledFunction
from numerics.gap_layers import Block, Gaps
from numerics.series_duals import ACCURACY, TERMS, SeriesDuals, coefficients, relative_tails
from theory.errors import PrecisionError

__all__ = ["GapSeries"]

Array = NDArray[np.float64]
_CLOSE = 1e-3  # difference of the logarithms of variances below which the differential equation is used
_ORDER = 5
_PAIRS = 2048  # at a time
_LAST = 1e-18  # of the mean square: the last quarter of the terms together


class GapSeries:
    """Blocks of pairs from the series of the activation and of its derivative."""

    def __init__(self, duals: SeriesDuals) -> None:
        self.functions = duals.functions
        self.start = 0

    def block(self, gaps: Gaps, centered: bool) -> Block:
        """The layer of the pairs.

        Raises
        ------
        PrecisionError
            if the series does not reach its accuracy.
        """
        parts = [
            self._part(Gaps(*(values[low : low + _PAIRS] for values in gaps)), centered)
            for low in range(0, len(gaps.first), _PAIRS)
        ]
        square, change, mean, moved, near, far, *slopes = (
            np.concatenate(values) for values in zip(*parts, strict=True)
        )
        return Block(square, change, mean, moved, near, far, (slopes[0], slopes[1], slopes[2]))

    def _part(self, gaps: Gaps, centered: bool) -> tuple[Array, ...]:
        distinct, place = np.unique(np.concatenate([gaps.first, gaps.second]), return_inverse=True)
        c, s = self._tables(distinct)
        a, b = place[: len(gaps.first)], place[len(gaps.first) :]
        first, slope = c[a], s[a]
        near_log = np.log1p(gaps.change / gaps.first)
        moved = _moved(first, near_log)
        far_apart = np.abs(near_log) > _CLOSE
        change = np.where(far_apart[:, None], c[b] - first, moved)
        mean, mean_change = first[:, 0].copy(), change[:, 0].copy()
        if centered:
            first[:, 0] = change[:, 0] = 0.0
        second = first + change
        k = np.arange(first.shape[1])
        less = np.minimum(gaps.half, gaps.rest)
        # 1 - |rho|^k
        gone = -np.expm1(k * np.log1p(-2.0 * less)[:, None])
        turned = (gaps.half > gaps.rest)[:, None] & (k % 2 == 1)
        product, squared = 2.0 * first * second, np.sum(change * change, axis=1)
        near = squared + np.sum(product * np.where(turned, 2.0 - gone, gone), axis=1)
        far = squared + np.sum(product * np.where(turned, gone, 2.0 - gone), axis=1)
        power = np.where(turned, gone - 1.0, 1.0 - gone)
        square = np.sum(first * first, axis=1)
        moments = (slope * slope).sum(axis=1), (s[b] * s[b]).sum(axis=1), np.sum(slope * s[b] * power, axis=1)
        return square, np.sum(change * (first + second), axis=1), mean, mean_change, near, far, *moments

    def _tables(self, q: Array) -> tuple[Array, Array]:
        """Coefficients (variance, k) of the activation and of its derivative, as many as accuracy needs."""
        for place in range(self.start, len(TERMS)):
            found = [_complete(function, q, TERMS[place]) for function in self.functions]
            if found[0] is not None and found[1] is not None:
                # Later layers and other pairs need about as many.
                self.start = max(place - 1, 0)
                return found[0], found[1]
        raise PrecisionError(
            f"the Hermite series did not reach {ACCURACY:g} with {TERMS[-1]} terms (variances up to {q.max():.3g}); "
            "use theory.propagation.iteration.iterate with digits"
        )


def _complete(function: CompiledFunction, q: Array, terms: int) -> Array | None:
    c, square = coefficients(function, q, terms)
    last = c[:, -(terms // 4) :]
    complete = (np.sum(last * last, axis=1) <= _LAST * square) & (relative_tails(c, square) ** 2 <= ACCURACY)
    return c if complete.all() else None


def _moved(c: Array, t: Array) -> Array:
    """Change of the coefficients when the logarithm of the variance grows by t: the first terms of Taylor's series."""
    k = np.arange(c.shape[1])
    raised = np.sqrt((k[:-2] + 1.0) * (k[:-2] + 2.0))
    term, total = c, np.zeros_like(c)
    for n in range(1, _ORDER + 1):
        derived = k * term
        derived[:, :-2] += raised * term[:, 2:]
        term = derived * (t / (2.0 * n))[:, None]
        total = total + term
    return total

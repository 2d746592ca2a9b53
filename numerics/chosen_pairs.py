r"""The pairs of inputs whose kernels a network magnifies the rounding of, and their kernels by distances.

The tangent kernel tells them: $\Theta^L = \sum_l S^l \prod_{k \ge l} C_W \dot S^k$ is also what the errors of the
layers come to in the last one, if that of layer l is $S^l$.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from numerics.closed_duals import ClosedDuals
from numerics.gap_layers import GapLayers
from numerics.gap_series import GapSeries
from numerics.gap_tapes import GapTapes
from numerics.loops.kernel_layers import magnified_pairs
from numerics.series_duals import SeriesDuals
from theory.errors import PrecisionError, UnsupportedError
from theory.network import NetworkSpec

__all__ = ["ChosenPairs"]

Array = NDArray[np.float64]
_PER_LAYER = 4  # how much a layer may add to the magnification; a network that is not chaotic adds one
_FINE = 1e-13  # 1 - |rho| from which closed forms in pairs of doubles need no balls
_JUMP = 1e-3  # 1 - |rho| below which a jump, whose map has an infinite slope, magnifies rounding


class ChosenPairs:
    """Pairs of a network, and their layers by distances."""

    def __init__(self, net: NetworkSpec, duals: ClosedDuals | SeriesDuals) -> None:
        self.net, self.duals = net, duals

    def refine(self, rows: Array, depth: int, nngp: Array, ntk: Array | None) -> None:
        """Put the kernels of the pairs that need it in place.

        Raises
        ------
        PrecisionError
            where neither a series nor closed forms settle them.
        """
        i, j = self._magnified(depth, nngp, ntk) if ntk is not None else self._close(rows)
        if not i.size:
            return
        cross, tangent = self._layers(rows, i, j, depth)
        nngp[i, j] = nngp[j, i] = cross
        if ntk is not None and tangent is not None:
            ntk[i, j] = ntk[j, i] = tangent

    def _magnified(self, depth: int, nngp: Array, ntk: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        limit = float(_PER_LAYER * depth)
        variances, tangents = nngp.diagonal(), ntk.diagonal()
        i = j = np.empty(0, np.intp)
        # A tangent kernel is largest on its diagonal.
        if (tangents > limit * variances).any():
            roots = np.sqrt(limit * variances)
            count = magnified_pairs(roots, ntk, i, j)
            if count:
                i, j = np.empty(count, np.intp), np.empty(count, np.intp)
                magnified_pairs(roots, ntk, i, j)
        return i, j

    def _close(self, rows: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        cross = float(self.net.C_W) / rows.shape[1] * rows.dot(rows.T) + float(self.net.C_b)
        root = np.sqrt(cross.diagonal())
        i, j = np.nonzero(np.abs(cross) > (1 - _JUMP) * np.outer(root, root))
        above = i < j
        return i[above], j[above]

    def _layers(self, rows: Array, i: NDArray[np.intp], j: NDArray[np.intp], depth: int) -> tuple[Array, Array | None]:
        x, y = rows[i], rows[j]
        lengths, products = np.sum(x * x + y * y, axis=1), 2 * np.sum(x * y, axis=1)
        fine = bool((np.abs(products) < (1 - _FINE) * lengths).all())
        failure = PrecisionError(
            f"the network magnifies the rounding of {i.size} pairs of nearly equal or opposite inputs, and "
            f"{self.net.phi.expr} has no form that keeps their distances: "
            "use theory.propagation.iteration.iterate with digits"
        )
        for way in (self._tapes, self._series) if fine else (self._series, self._tapes):
            if way is not None:
                try:
                    with np.errstate(all="ignore"):
                        return GapLayers(self.net, way).run(rows, i, j, depth)
                except PrecisionError as error:
                    failure = error
        raise failure

    @cached_property
    def _series(self) -> GapSeries | None:
        try:
            return GapSeries(self.duals if isinstance(self.duals, SeriesDuals) else SeriesDuals(self.duals.phi))
        except UnsupportedError:
            return None

    @cached_property
    def _tapes(self) -> GapTapes | None:
        try:
            return GapTapes(self.duals) if isinstance(self.duals, ClosedDuals) else None
        except UnsupportedError:
            return None

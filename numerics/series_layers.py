r"""All layers of a plain network whose activation has Hermite series only.

The coefficients $c_k(q)$ are smooth in the variance: they come from panels that all layers and later calls share;
where panels do not reach their accuracy, they are computed at Chebyshev points of $\log q$ and interpolated to the
variances of the inputs, which is checked at two of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.codegen import CompiledFunction
from numerics.coefficient_panels import Coefficients, shares
from numerics.loops.kernel_layers import first_layer
from numerics.loops.series_rows import STEP, series_rows
from numerics.row_threads import over_rows
from numerics.series_duals import ACCURACY, TERMS, SeriesDuals, coefficients, relative_tails
from theory.errors import DivergenceError, PrecisionError
from theory.network import NetworkSpec

__all__ = ["SeriesLayers"]

Array = NDArray[np.float64]
_POINTS = (6, 10, 16, 24)
_SMALL = 1e-15  # of the root of the mean square: what the error of an interpolated coefficient may be
_CUT = 1e-15  # of the scale: what a block of pairs leaves out


class SeriesLayers:
    """Recursion of a network without skip and normalisation."""

    def __init__(self, net: NetworkSpec, duals: SeriesDuals) -> None:
        self.C_W, self.C_b = float(net.C_W), float(net.C_b)
        self.functions, self.panels = duals.functions, duals.panels

    def run(self, rows: Array, depth: int) -> tuple[Array, Array] | None:
        """Layer `depth` of the rows of data; None where an input has variance 0.

        Raises
        ------
        PrecisionError
            if the series does not reach its accuracy.
        """
        nngp = rows.dot(rows.T)
        first_layer(rows, self.C_W / rows.shape[1], self.C_b, nngp)
        with np.errstate(all="ignore"):
            return self._layers(nngp, depth)

    def _layers(self, nngp: Array, depth: int) -> tuple[Array, Array] | None:
        ntk = nngp.copy()
        diagonal = np.diag_indices(len(nngp))
        start = 0
        for layer in range(1, depth):
            q = nngp[diagonal]
            if not np.isfinite(q).all():
                raise DivergenceError(f"a variance of layer {layer} is not a finite number in double precision")
            if not (q > 0).all():
                return None
            roots = np.sqrt(q)
            found = self.panels(q)
            if found is None or not _enough(found, nngp, roots):
                found, start = self._direct(q, _correlations(nngp, roots), start)
            self._pairs(found, roots, nngp, ntk)
            own = self.C_W * found.squares[0] + self.C_b
            ntk[diagonal] = own + self.C_W * found.squares[1] * ntk[diagonal]
            nngp[diagonal] = own
        for values in (nngp, ntk):
            below = np.tril_indices(len(values), -1)
            values[below] = values.T[below]
        return nngp, ntk

    def _pairs(self, found: Coefficients, roots: Array, nngp: Array, ntk: Array) -> None:
        """The next layer above the diagonals."""
        rests = found.rests / _CUT
        settings = (*found.tables, rests, roots, self.C_W, self.C_b)
        over_rows(lambda first, stride: series_rows(*settings, first, stride, nngp, ntk), nngp.size * len(rests) * STEP)

    def _direct(self, q: Array, rho: Array, start: int) -> tuple[Coefficients, int]:
        """The coefficients without panels, as many as the correlations need, and where to start next time."""
        for place in range(start, len(TERMS)):
            terms = TERMS[place]
            found = [_interpolated(function, q, terms) for function in self.functions]
            tails = [relative_tails(c, square) for c, square in found]
            if all(_suffices(tail, rho, terms) for tail in tails):
                break
        else:
            raise PrecisionError(
                f"the Hermite series did not reach {ACCURACY:g} with {TERMS[-1]} terms (variances up to {q.max():.3g}, "
                f"correlations up to {np.abs(rho).max():.6f}); use theory.propagation.iteration.iterate with digits"
            )
        tables = np.ascontiguousarray(np.stack([c.T for c, _ in found]))
        return Coefficients(tables, np.stack([square for _, square in found]), shares(found, tails)), place


def _enough(found: Coefficients, nngp: Array, roots: Array) -> bool:
    """Whether the correlations need no more terms."""
    beyond = float(found.rests[-1])
    return beyond <= ACCURACY or beyond * float(_correlations(nngp, roots).max()) ** found.tables.shape[1] <= ACCURACY


def _correlations(nngp: Array, roots: Array) -> Array:
    """Absolute correlations above the diagonal; the rest is 0."""
    return np.triu(np.minimum(np.abs(nngp / np.outer(roots, roots)), 1.0), 1)


def _suffices(tail: Array, rho: Array, terms: int) -> bool:
    if np.max(tail) ** 2 * float(rho.max()) ** terms <= ACCURACY:
        return True
    return bool((np.outer(tail, tail) * rho**terms <= ACCURACY).all())


def _interpolated(function: CompiledFunction, q: Array, terms: int) -> tuple[Array, Array]:
    """The coefficients (variance, k) and the mean squares."""
    low, high = np.log(q.min()), np.log(q.max())
    for points in _POINTS:
        if 2 * points >= len(q):
            break
        odd = 2 * np.arange(points) + 1
        nodes = np.exp(0.5 * (low + high) + 0.5 * (high - low) * np.cos(np.pi * odd / (2 * points)))
        c, square = coefficients(function, np.concatenate([nodes, q[[0, len(q) // 2]]]), terms)
        whole = np.column_stack([c, square])
        transform = 2.0 / points * np.cos(np.pi * np.outer(np.arange(points), odd) / (2 * points))
        transform[0] /= 2.0
        place = (2.0 * np.log(q) - low - high) / (high - low) if high > low else np.zeros_like(q)
        basis = np.cos(np.arange(points)[:, None] * np.arccos(np.clip(place, -1.0, 1.0)))
        series = transform @ whole[:points]
        result = basis.T @ series
        size = float(np.sqrt(square.min()))
        # The mean square counts in its own unit.
        size_of = np.append(np.full(terms, size), size * size)
        exact = whole[points:]
        gaps = np.abs(result[[0, len(q) // 2]] - exact).max(axis=0), np.abs(series[-2:]).max(axis=0)
        if (gaps[0] <= 8 * _SMALL * size_of).all() and (gaps[1] <= _SMALL * size_of).all():
            return result[:, :-1], result[:, -1]
    return coefficients(function, q, terms)

r"""Hermite coefficients of an activation and its derivative at many variances, from tables that later layers share.

The coefficients are smooth in $\log q$: on each of its panels they are kept as Chebyshev series, which must meet the
coefficients themselves between the nodes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.codegen import CompiledFunction
from numerics.loops.panel_rows import panel_rows
from numerics.loops.series_rows import STEP
from numerics.series_duals import ACCURACY, TERMS, coefficients, relative_tails
from theory.errors import PrecisionError

__all__ = ["CoefficientPanels", "Coefficients", "shares"]

Array = NDArray[np.float64]
_WIDTH = 0.375
_NODES = 16
_CHECKS = np.array([-1.0, -0.37, 0.61, 1.0])
_SMALL = 1e-15  # of the root of the mean square: what the last terms of a panel may be
_TERMS = tuple(terms for terms in TERMS if terms <= 256)
_SPAN = 64  # panels at most from the lowest to the highest


class Coefficients(NamedTuple):
    """Coefficients (function, term, variance), mean squares (function, variance), shares of squares beyond terms.

    The last share is that of the terms left out, 0 where they are known to be nothing.
    """

    tables: Array
    squares: Array
    rests: Array


class CoefficientPanels:
    """Panels of the coefficients of functions, made when a variance asks for them."""

    def __init__(self, functions: list[CompiledFunction]) -> None:
        self.functions = functions
        self.panels: dict[int, tuple[Array, Array] | None] = {}
        self.stacked: tuple[int, Array, Array] | None = None

    def __call__(self, q: Array) -> Coefficients | None:
        """Everything a layer of inputs of variances q needs; None where a panel does not reach its accuracy."""
        asked = {int(p) for p in np.floor(np.log(q) / _WIDTH)}
        new = asked - self.panels.keys()
        for p in new:
            self.panels[p] = self._panel(p)
        if new:
            self.stacked = self._stack()
        if self.stacked is None or any(self.panels[p] is None for p in asked):
            return None
        first, tables, rests = self.stacked
        out = np.empty((tables.shape[2], tables.shape[3] - 1, len(q)))
        squares, share = np.empty((tables.shape[2], len(q))), np.zeros(rests.shape[1])
        panel_rows(q, first * _WIDTH, _WIDTH, tables, rests, out, squares, share)
        return Coefficients(out, squares, share)

    def _stack(self) -> tuple[int, Array, Array] | None:
        """First panel, all panels as one array of series, and of rests; missing ones are not-a-number."""
        made = {p: panel for p, panel in self.panels.items() if panel is not None}
        if not made or max(made) - min(made) >= _SPAN:
            return None
        first, count = min(made), max(made) - min(made) + 1
        terms = max(table.shape[2] for table, _ in made.values()) - 1
        tables = np.full((count, _NODES, len(self.functions), terms + 1), np.nan)
        rests = np.zeros((count, terms // STEP + 1))
        # Only panels of all terms leave any out.
        for p, (table, rest) in made.items():
            place = tables[p - first]
            place[...] = 0.0
            place[:, :, : table.shape[2] - 1] = table[:, :, :-1]
            place[:, :, -1] = table[:, :, -1]
            rests[p - first, : len(rest)] = rest
        return first, tables, rests

    def _panel(self, p: int) -> tuple[Array, Array] | None:
        odd = 2 * np.arange(_NODES) + 1
        nodes = np.concatenate([np.cos(np.pi * odd / (2 * _NODES)), _CHECKS])
        q = np.exp(_WIDTH * (p + (nodes + 1.0) / 2.0))
        try:
            for terms in _TERMS:
                found = [coefficients(function, q, terms) for function in self.functions]
                tails = [relative_tails(c, square) for c, square in found]
                if all((tail**2 <= ACCURACY).all() for tail in tails):
                    break
        except PrecisionError:
            return None
        values = np.stack([np.column_stack([c, square]) for c, square in found], axis=1)
        # A coefficient counts relative to the root of the mean square, that in its own unit.
        sizes = np.sqrt(np.stack([square for _, square in found], axis=1))[:, :, None]
        units = np.concatenate([np.repeat(sizes, terms, axis=2), sizes**2], axis=2)
        transform = 2.0 / _NODES * np.cos(np.pi * np.outer(np.arange(_NODES), odd) / (2 * _NODES))
        transform[0] /= 2.0
        series = np.einsum("an,nfk->afk", transform, values[:_NODES])
        basis = np.cos(np.arccos(_CHECKS)[:, None] * np.arange(_NODES))
        gaps = np.abs(np.einsum("ca,afk->cfk", basis, series) - values[_NODES:])
        if (gaps > 8 * _SMALL * units[_NODES:]).any() or (np.abs(series[-2:]) > _SMALL * units.min(axis=0)).any():
            return None
        return series, shares(found, tails)


def shares(found: list[tuple[Array, Array]], tails: list[Array]) -> Array:
    """Largest shares of the mean squares beyond every STEP of the coefficients (variance, term)."""
    parts = []
    for (c, square), tail in zip(found, tails, strict=True):
        blocks = (c * c).reshape(len(c), -1, STEP).sum(axis=2) / square[:, None]
        beyond = np.cumsum(blocks[:, ::-1], axis=1)[:, ::-1]
        parts.append(np.column_stack([beyond, np.zeros(len(c))]) + (tail**2)[:, None])
    result: Array = np.concatenate(parts).max(axis=0)
    return result

"""Hermite coefficients of many variances from Chebyshev tables over panels of the logarithm of the variance."""

import math
from typing import Any

import numpy as np

from numerics.loops.jit import kernel


@kernel
def panel_rows(q: Any, low: float, width: float, tables: Any, rests: Any, out: Any, squares: Any, share: Any) -> None:
    """Coefficients `out` (function, term, input) and mean squares (function, input); `share` is raised to the rests.

    Panel p of `tables` (panel, node, function, term) covers logarithms from low + p width on; the last term is the
    mean square.  Every variance lies in a panel.
    """
    nodes, functions, terms = tables.shape[1], tables.shape[2], tables.shape[3] - 1
    found, seen = np.empty((functions, terms + 1)), np.zeros(tables.shape[0], np.bool_)
    for i in range(q.shape[0]):
        place = (math.log(q[i]) - low) / width
        p = min(max(int(place), 0), tables.shape[0] - 1)
        x = 2.0 * (place - p) - 1.0
        seen[p] = True
        found[:] = 0.0
        before, current = x, 1.0
        for a in range(nodes):
            for f in range(functions):
                row, table = found[f], tables[p, a, f]
                for k in range(terms + 1):
                    row[k] += current * table[k]
            before, current = current, (x if a == 0 else 2.0 * x * current - before)
        for f in range(functions):
            for k in range(terms):
                out[f, k, i] = found[f, k]
            squares[f, i] = found[f, terms]
    for p in range(tables.shape[0]):
        if seen[p]:
            for b in range(share.shape[0]):
                share[b] = max(share[b], rests[p, b])

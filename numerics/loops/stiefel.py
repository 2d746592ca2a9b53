"""Rows of a Haar-distributed frame, from normals that are drawn twice instead of kept."""

from typing import Any

import numpy as np

from numerics.loops.blocks import BLOCK, add_gram, draw, inner
from numerics.loops.jit import part


@part
def frame_lower(generator: Any, rows: int, rank: int, drawn: int, buffer: Any, lower: Any) -> None:
    """Lower L with Z'Z = L L' for `rows` x `rank` normals Z, so that Z L^-T is a Haar frame.

    Every row of the stream holds `drawn` >= rank normals.  A tall Z is well conditioned and its Gram is enough;
    else Z is kept, at most 4 rank^2 numbers, and orthogonalised, each vector projected twice.
    """
    lower.fill(0.0)
    tall = rows >= 4 * rank
    kept = np.empty((0, 0)) if tall else np.empty((rank, rows))
    for start in range(0, rows, BLOCK):
        count = min(BLOCK, rows - start)
        draw(generator, buffer, drawn, count)
        if tall:
            add_gram(lower, buffer, rank, count)
        else:
            for k in range(rank):
                for i in range(count):
                    kept[k, start + i] = buffer[k, i]
    if tall:
        for c in range(rank):
            for r in range(c, rank):
                total = lower[r, c]
                for k in range(c):
                    total -= lower[r, k] * lower[c, k]
                lower[r, c] = np.sqrt(total) if r == c else total / lower[c, c]
        return
    for c in range(rank):
        for _ in range(2):
            for b in range(c):
                overlap = inner(kept[b], kept[c])
                lower[c, b] += overlap
                for i in range(rows):
                    kept[c, i] -= overlap * kept[b, i]
        lower[c, c] = np.sqrt(inner(kept[c], kept[c]))
        for i in range(rows):
            kept[c, i] /= lower[c, c]


@part
def frame_columns(columns: Any, rank: int, lower: Any, factor: float) -> None:
    """Replaces C = columns[:, :rank] by factor C L^-1: rows z of normals give rows C L^-1 z of a frame times C'."""
    for a in range(columns.shape[0]):
        for k in range(rank - 1, -1, -1):
            total = columns[a, k] * factor
            for j in range(k + 1, rank):
                total -= columns[a, j] * lower[j, k]
            columns[a, k] = total / lower[k, k]

"""Numba kernels that draw Haar-distributed frames by Gram-Schmidt on normal vectors."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["real_frames", "unitary_frames"]


@njit(cache=True, nogil=True)
def real_frames(generator: np.random.Generator, count: int, rows: int, columns: int) -> np.ndarray:
    """`count` real frames of shape (rows, columns) with orthonormal columns, `rows >= columns`.

    Gram-Schmidt keeps the norms positive, which is the sign rule that makes the factor Haar.  Each vector is
    projected twice: once is not enough for orthogonality to machine precision.
    """
    frames = np.empty((count, columns, rows))
    for draw in range(count):
        frame = frames[draw]
        for c in range(columns):
            vector = frame[c]
            for i in range(rows):
                vector[i] = generator.standard_normal()
            for _ in range(2):
                for b in range(c):
                    overlap = 0.0
                    for i in range(rows):
                        overlap += frame[b, i] * vector[i]
                    for i in range(rows):
                        vector[i] -= overlap * frame[b, i]
            norm = 0.0
            for i in range(rows):
                norm += vector[i] * vector[i]
            vector /= np.sqrt(norm)
    return frames


@njit(cache=True, nogil=True)
def unitary_frames(
    generator: np.random.Generator, count: int, rows: int, columns: int, quaternionic: bool
) -> np.ndarray:
    """`count` complex frames; if quaternionic, each column is followed by its partner.

    The partner of `(a, b)` is `(-conj b, conj a)`.  A quaternionic frame has 2 `columns` vectors: number 2c
    and its partner 2c + 1.
    """
    step = 2 if quaternionic else 1
    half = rows // 2
    frames = np.empty((count, columns * step, rows), dtype=np.complex128)
    for draw in range(count):
        frame = frames[draw]
        for c in range(columns):
            vector = frame[c * step]
            for i in range(rows):
                real = generator.standard_normal()
                vector[i] = real + 1j * generator.standard_normal()
            for _ in range(2):
                for b in range(c * step):
                    overlap = 0.0 + 0.0j
                    for i in range(rows):
                        overlap += np.conj(frame[b, i]) * vector[i]
                    for i in range(rows):
                        vector[i] -= overlap * frame[b, i]
            norm = 0.0
            for i in range(rows):
                norm += vector[i].real ** 2 + vector[i].imag ** 2
            vector /= np.sqrt(norm)
            if quaternionic:
                partner = frame[c * step + 1]
                for i in range(half):
                    partner[i] = -np.conj(vector[half + i])
                    partner[half + i] = np.conj(vector[i])
    return frames

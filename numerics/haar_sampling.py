"""Random matrices distributed by the Haar measure, and frames of their first columns.

A frame has exactly the law of the first columns of the full matrix and costs `rows * columns^2` instead of
`rows^3`.  The orthogonal factor of a Gaussian matrix is Haar only with positive diagonal of the triangular
factor; LAPACK does not ensure that.
"""

from __future__ import annotations

import numpy as np

from numerics.loops.haar import real_frames, unitary_frames
from theory.errors import DomainError, UnknownNameError

__all__ = ["haar_frames", "haar_matrices", "permutation_matrices", "sphere_vectors"]

LARGE = 48


def haar_frames(kind: str, rows: int, columns: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """First `columns` columns of `count` independent Haar matrices.

    Parameters
    ----------
    kind : "O" real, "U" complex
    rows, columns : shape of a frame, `1 <= columns <= rows`
    count : number of frames
    generator : source of randomness, `numpy.random.Generator`

    Returns
    -------
    Array (count, rows, columns), float64 or complex128; the columns are orthonormal.

    Raises
    ------
    UnknownNameError
        For another kind.
    DomainError
        If the shape is impossible.

    >>> frames = haar_frames("O", 5, 2, 3, np.random.default_rng(0))
    >>> bool(np.allclose(frames.transpose(0, 2, 1) @ frames, np.eye(2)))
    True
    """
    if kind not in ("O", "U"):
        raise UnknownNameError("group with frames", kind, ["O", "U"])
    if not 1 <= columns <= rows or count < 0:
        raise DomainError(
            f"a frame has 1 <= columns <= rows and a count from 0; received rows = {rows}, "
            f"columns = {columns}, count = {count}"
        )
    if columns <= LARGE:
        draw = (
            real_frames(generator, count, rows, columns)
            if kind == "O"
            else unitary_frames(generator, count, rows, columns, False)
        )
        return draw.transpose(0, 2, 1)
    gaussian = generator.standard_normal((count, rows, columns))
    if kind == "U":
        gaussian = gaussian + 1j * generator.standard_normal((count, rows, columns))
    factor, triangle = np.linalg.qr(gaussian)
    diagonal = np.diagonal(triangle, axis1=1, axis2=2)
    return factor * (diagonal / np.abs(diagonal))[:, None, :]


def haar_matrices(kind: str, n: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """`count` independent matrices of the group.

    Parameters
    ----------
    kind : "O", "U", "Sp" (size 2n, form [[0, I], [-I, 0]]), "S" permutations, "S0" permutations minus 1/n
    n : dimension
    count, generator : as in `haar_frames`

    >>> p = haar_matrices("S", 4, 2, np.random.default_rng(0))
    >>> bool((p.sum(axis=1) == 1).all() and (p.sum(axis=2) == 1).all())
    True
    """
    if n < 1:
        raise DomainError(f"a dimension is a positive integer; received {n}")
    if kind in ("O", "U"):
        return haar_frames(kind, n, n, count, generator)
    if kind == "Sp":
        vectors = unitary_frames(generator, count, 2 * n, n, True)
        return np.concatenate([vectors[:, 0::2], vectors[:, 1::2]], axis=1).transpose(0, 2, 1)
    if kind in ("S", "S0"):
        matrices = permutation_matrices(n, count, generator)
        return matrices if kind == "S" else matrices - 1.0 / n
    raise UnknownNameError("group", kind, ["O", "U", "Sp", "S", "S0"])


def permutation_matrices(n: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """Uniform permutation matrices (count, n, n)."""
    order = generator.permuted(np.broadcast_to(np.arange(n), (count, n)), axis=1)
    return (order[:, :, None] == np.arange(n)).astype(np.float64)


def sphere_vectors(n: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """Unit vectors (count, n), uniform on the real sphere."""
    return haar_frames("O", n, 1, count, generator)[:, :, 0]

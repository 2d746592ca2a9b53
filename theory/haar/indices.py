"""Row and column indices of a Haar matrix: which exist, and from which dimension on."""

from __future__ import annotations

import operator

from sympy import Expr, Integer, sympify

from theory.errors import DomainError
from theory.haar.symplectic import vertex

__all__ = ["checked_index", "index_vertex"]


def checked_index(index: object, kind: str, n: int | Expr) -> int | Expr:
    """An index from 1 that exists in dimension n; for symplectic matrices also `n + i`.

    Raises
    ------
    DomainError
        For an index that is not an integer from 1, or beyond a numeric size.
    """
    size = 2 * n if kind == "Sp" else n
    if kind == "Sp" and isinstance(index, Expr) and isinstance(n, Expr):
        offset = index - n
        if isinstance(offset, Integer) and offset >= 1:
            return index
    try:
        value = int(index) if isinstance(index, Integer) else operator.index(index)  # type: ignore[arg-type]
    except TypeError:
        hint = " or n + integer" if kind == "Sp" else ""
        raise DomainError(f"indices are integers from 1{hint}; received {index!r}") from None
    if isinstance(index, bool) or value < 1 or (isinstance(size, int) and value > size):
        upper = f" to {size}" if isinstance(size, int) else ""
        raise DomainError(
            f"indices run from 1{upper} in dimension {size}; received {index!r}; such an entry does not exist"
        )
    return value


def index_vertex(index: int | Expr, n: int | Expr) -> int:
    """Vertex number of a symplectic index, see `theory.haar.symplectic`."""
    if isinstance(index, int):
        return vertex(index - n, 1) if isinstance(n, int) and index > n else vertex(index, 0)
    return vertex(int(sympify(index) - n), 1)

"""Blocks of Haar matrices: truncations and Stiefel frames with symbolic sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sympy import Expr, MatrixSymbol, S
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.arguments import text
from theory.errors import DomainError
from theory.haar.average import Average, as_scalar, fixed_matrices
from theory.haar.dimensions import Dimension, checked_dimension
from theory.haar.expansion import Expansion, expansion
from theory.haar.traces import TraceContext, trace_average

if TYPE_CHECKING:
    from theory.haar.group import Haar

__all__ = ["Block"]


class Block:
    """The upper left block of a Haar orthogonal or unitary matrix, of shape (rows, columns).

    With `rows = n` or `columns = n` it is a Stiefel frame: orthonormal columns or rows.

    Parameters
    ----------
    group : the Haar matrix
    rows, columns : symbols, expressions or positive integers, at most n
    name : letter of the block

    Raises
    ------
    DomainError
        If a numeric size exceeds a numeric n, or the group is not O or U.

    Examples
    --------
    >>> from sympy import symbols
    >>> from theory.haar.group import Haar
    >>> n, r, c = symbols("n r c", integer=True, positive=True)
    >>> T = Haar("O", n).block(r, c)
    >>> T.mean_trace(T.matrix * T.matrix.T)
    c*r/n
    """

    def __init__(self, group: Haar, rows: Dimension, columns: Dimension, name: str = "T") -> None:
        if group.kind not in ("O", "U"):
            raise DomainError(f"blocks are taken of O and U; received {group!r}")
        self.group, self.name = group, text("the letter of a block", name)
        self.rows = S(checked_dimension(rows, "rows"))
        self.columns = S(checked_dimension(columns, "columns"))
        for size in (self.rows, self.columns):
            if (S(group.n) - size).is_negative:
                raise DomainError(f"a block fits into its matrix; received size {size} in dimension {group.n}")

    def __repr__(self) -> str:
        return f"{self.group!r}.block({self.rows}, {self.columns})"

    @property
    def matrix(self) -> MatrixSymbol:
        """The block as a sympy `MatrixSymbol`."""
        return MatrixSymbol(self.name, self.rows, self.columns)

    def averaged(self, expr: Expr, symmetric: Iterable[MatrixExpr] = ()) -> Average:
        """Expectation before it is printed."""
        context = TraceContext(self.group.kind, self.group.n, self.matrix, self.rows, self.columns)
        return trace_average(context, as_scalar(expr), frozenset(fixed_matrices(symmetric)))

    def mean(self, expr: Expr, *, symmetric: Iterable[MatrixExpr] = ()) -> Expr:
        """Expectation of a polynomial in traces of words of the block and fixed matrices."""
        return self.averaged(expr, symmetric).combination.expr()

    def mean_trace(self, word: Expr, *, symmetric: Iterable[MatrixExpr] = ()) -> Expr:
        """`E tr(word)`; a product of traces is taken as it stands."""
        return self.mean(word, symmetric=symmetric)

    def validity(self, expr: Expr) -> Boolean:
        """Condition on n, rows and columns under which `mean(expr)` is the expectation."""
        return self.averaged(expr).condition

    def expand(self, expr: Expr, order: int, *, symmetric: Iterable[MatrixExpr] = ()) -> Expansion:
        """Expectation in powers of 1/n at fixed block sizes."""
        return expansion(self.averaged(expr, symmetric).combination, order)

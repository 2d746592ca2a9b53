"""Functions of a Haar matrix evaluated on many draws at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import (
    Abs,
    Add,
    Expr,
    Identity,
    MatAdd,
    MatMul,
    MatPow,
    Mul,
    Pow,
    S,
    Symbol,
    Trace,
    conjugate,
    exp,
    im,
    log,
    re,
)
from sympy.matrices.expressions import Adjoint, MatrixSymbol, Transpose

from numerics.haar_sampling import haar_frames, haar_matrices
from theory.errors import DomainError, UnsupportedError
from theory.haar.entries import MatrixEntry
from theory.haar.quadratic_forms import RowForm

__all__ = ["HaarIntegrand"]

_ELEMENTWISE: dict[Any, Any] = {Abs: np.abs, conjugate: np.conj, re: np.real, im: np.imag, log: np.log, exp: np.exp}


class HaarIntegrand:
    """A random variable of one Haar matrix, or of a block of one, at a numeric dimension.

    For "O" and "U" only the columns that occur are drawn, as a frame with the exact law.

    Parameters
    ----------
    integrand : expression in entries, forms of rows, and traces of words of the matrix
    group : `theory.haar.group.Haar`, or a block of one
    point : values of the dimensions, of free symbols and of fixed matrices

    Raises
    ------
    DomainError
        If a dimension has no value, or an entry does not exist at that dimension.

    >>> from theory.haar.group import Haar
    >>> n = Symbol("n", integer=True, positive=True)
    >>> O = Haar("O", n)
    >>> values = HaarIntegrand(O[1, 1]**2 + O[2, 1]**2, O, {n: 2}).draw(np.random.default_rng(0), 3)
    >>> bool(np.allclose(values, 1))
    True
    """

    def __init__(self, integrand: Expr, group: Any, point: Mapping[Any, Any]) -> None:
        whole = getattr(group, "group", group)
        self.integrand, self.matrix, self.kind = integrand, group.matrix, whole.kind
        self.point = {symbol: S(value) for symbol, value in point.items()}
        self.n = self._integer(whole.n)
        self.shape = tuple(self._integer(size) for size in self.matrix.shape)
        entries = [e for e in integrand.atoms(MatrixEntry) if e.key == whole.key]
        self.cells = {e: (self._integer(e.row) - 1, self._integer(e.column) - 1) for e in entries}
        forms = [f for f in integrand.atoms(RowForm) if f.key == whole.key]
        size = 2 * self.n if self.kind == "Sp" else self.n
        rows = [i + 1 for i, _ in self.cells.values()] + [i for f in forms for i in (f.row, f.column)]
        columns = [j + 1 for _, j in self.cells.values()]
        if max([*rows, *columns, *self.shape], default=1) > size:
            raise DomainError(f"{integrand} needs a larger matrix than {size} x {size}; raise the lower end of n")
        whole_rows = size if forms else 0
        cut = self.shape if integrand.has(self.matrix) else (0, 0)
        self.window = max([1, *rows, cut[0]]), max([1, *columns, whole_rows, cut[1]])

    @property
    def cost(self) -> int:
        """Numbers drawn per sample."""
        return self.n * (min(self.window) if self.kind in ("O", "U") else self.n)

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Real parts of `count` independent values."""
        values = _Evaluation(self, self._matrices(generator, count)).scalar(self.integrand)
        return np.broadcast_to(np.real(values), (count,)).astype(np.float64)

    def _matrices(self, generator: np.random.Generator, count: int) -> np.ndarray:
        rows, columns = self.window
        if self.kind not in ("O", "U"):
            return haar_matrices(self.kind, self.n, count, generator)
        # The transpose of a Haar matrix is Haar, so the shorter side is drawn as columns.
        if rows < columns:
            return haar_frames(self.kind, self.n, rows, count, generator).transpose(0, 2, 1)
        return haar_frames(self.kind, self.n, columns, count, generator)

    def _integer(self, value: Any) -> int:
        number = S(value).subs({s: v for s, v in self.point.items() if isinstance(s, Symbol)})
        if not number.is_Integer:
            raise DomainError(f"drawing needs a number for {value}; received {number}; give it a value in the point")
        return int(number)


class _Evaluation:
    """One pass over an expression; equal subexpressions are computed once."""

    def __init__(self, owner: HaarIntegrand, draws: np.ndarray) -> None:
        self.owner, self.draws = owner, draws
        self.known: dict[Expr, Any] = {}

    def scalar(self, e: Expr) -> Any:
        if e not in self.known:
            self.known[e] = self._scalar(e)
        return self.known[e]

    def _scalar(self, e: Expr) -> Any:
        if e in self.owner.cells:
            row, column = self.owner.cells[e]
            return self.draws[:, row, column]
        if isinstance(e, RowForm):
            return self._form(e)
        if e in self.owner.point:
            return self.scalar(self.owner.point[e])
        if e.is_number:
            return float(e) if e.is_real else complex(e)
        if isinstance(e, Add):
            return sum(self.scalar(a) for a in e.args)
        if isinstance(e, Mul):
            return _product([self.scalar(a) for a in e.args])
        if isinstance(e, Pow):
            return self._power(e)
        if type(e) in _ELEMENTWISE:
            return _ELEMENTWISE[type(e)](self.scalar(e.args[0]))
        if isinstance(e, Trace):
            return np.trace(self.word(e.arg), axis1=-2, axis2=-1)
        raise UnsupportedError(f"drawing does not know {e}; write it with entries, traces, powers, log and exp")

    def _power(self, e: Pow) -> Any:
        base = self.scalar(e.base)
        if e.exp.is_Integer and 0 < e.exp <= 64:
            return _integer_power(base, int(e.exp))
        return np.power(base, self.scalar(e.exp))

    def _form(self, form: RowForm) -> np.ndarray:
        left, right = self.draws[:, form.row - 1, :], self.draws[:, form.column - 1, :]
        return np.einsum("si,ij,sj->s", left, self.word(form.matrix), np.conj(right), optimize=True)

    def word(self, e: Any) -> Any:
        """A matrix expression as an array, with or without the axis of the draws."""
        if e == self.owner.matrix:
            rows, columns = self.owner.shape
            return self.draws[:, :rows, :columns]
        if isinstance(e, MatrixSymbol):
            value = next((v for s, v in self.owner.point.items() if s == e), None)
            if value is None:
                raise DomainError(f"drawing needs a value of the matrix {e}; give it a domain")
            return np.array(value.tolist(), dtype=np.float64)
        if isinstance(e, Transpose):
            return np.swapaxes(self.word(e.arg), -1, -2)
        if isinstance(e, Adjoint):
            return np.conj(np.swapaxes(self.word(e.arg), -1, -2))
        if isinstance(e, MatMul):
            factor, matrices = e.as_coeff_matrices()
            product = self.word(matrices[0])
            for matrix in matrices[1:]:
                product = product @ self.word(matrix)
            return product * self.scalar(factor)
        if isinstance(e, MatAdd):
            return sum(self.word(a) for a in e.args)
        if isinstance(e, MatPow) and e.exp.is_Integer and e.exp > 0:
            return np.linalg.matrix_power(self.word(e.base), int(e.exp))
        if isinstance(e, Identity):
            return np.eye(self.owner._integer(e.rows))
        raise UnsupportedError(f"drawing does not know the matrix {e}; write words in products and powers")


def _product(factors: list[Any]) -> Any:
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def _integer_power(base: Any, power: int) -> Any:
    """By squaring: numpy's general power is an order slower."""
    result, square = None, base
    while power:
        if power & 1:
            result = square if result is None else result * square
        power >>= 1
        if power:
            square = square * square
    return result

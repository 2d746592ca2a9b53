"""A Haar-distributed random matrix: its entries, and expectations of polynomials in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations as orderings
from typing import Any

from sympy import Add, Expr, MatrixSymbol, Mul, S, Trace
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.arguments import items, known_name, text
from theory.errors import DomainError, UnsupportedError
from theory.haar.average import Average, as_scalar, fixed_matrices
from theory.haar.cumulants import joint_cumulant
from theory.haar.derivation import Expectation, HaarDerivation, HaarStep
from theory.haar.dimensions import Dimension, checked_dimension
from theory.haar.entries import GroupKey, MatrixEntry
from theory.haar.entry_mean import entry_average
from theory.haar.expansion import Expansion, expansion
from theory.haar.frames import Block
from theory.haar.indices import checked_index
from theory.haar.permutation_traces import permutation_trace_average
from theory.haar.products import product_mean
from theory.haar.quadratic_forms import RowForm, form_average
from theory.haar.traces import square_context, trace_average

__all__ = ["Haar"]

KINDS = ("O", "U", "Sp", "S", "S0")


class Haar:
    r"""A random matrix distributed by the Haar measure.

    Parameters
    ----------
    kind : "O" orthogonal, "U" unitary, "Sp" compact symplectic (2n x 2n, form [[0, I], [-I, 0]]),
        "S" uniform permutation matrix, "S0" the same minus its mean 1/n
    n : symbol, expression or positive integer
    name : letter of the entries, to tell independent matrices apart; by default the kind

    Raises
    ------
    UnknownNameError
        For another kind.
    DomainError
        If n is not a positive integer or an expression that can be one.

    Examples
    --------
    >>> from sympy import MatrixSymbol, Symbol, conjugate
    >>> n = Symbol("n", integer=True, positive=True)
    >>> O = Haar("O", n)
    >>> O.mean(O[1, 1]**2 * O[2, 2]**2)
    (n + 1)/(n*(n - 1)*(n + 2))
    >>> O.validity(O[1, 1]**2 * O[2, 2]**2)
    n >= 2
    >>> U = Haar("U", 2)
    >>> U.mean(U[1, 1] * conjugate(U[1, 1]))
    1/2

    Sources: collins2006integration, collins2009some.
    """

    def __init__(self, kind: str, n: Dimension, name: str | None = None) -> None:
        self.kind = known_name("group", kind, KINDS)
        self.n = checked_dimension(n)
        self.name = text("the letter of a matrix", kind if name is None else name)
        self.key = GroupKey(kind, self.n, self.name)

    def __repr__(self) -> str:
        return str(self.key)

    @property
    def size(self) -> Expr:
        """Number of rows of the matrix: n, or 2n for `"Sp"`."""
        return S(2 * self.n if self.kind == "Sp" else self.n)

    @property
    def matrix(self) -> MatrixSymbol:
        """The random matrix as a sympy `MatrixSymbol`, for traces of words."""
        return MatrixSymbol(self.name, self.size, self.size)

    def __getitem__(self, index: tuple[Any, Any]) -> MatrixEntry:
        if not isinstance(index, tuple) or len(index) != 2:
            raise DomainError(f"an entry has a row and a column, as in {self.name}[1, 2]; received {index!r}")
        row, column = (checked_index(i, self.kind, self.n) for i in index)
        return MatrixEntry(self.key, row, column)

    def minor(self, rows: Sequence[int], columns: Sequence[int]) -> Expr:
        """Determinant of a submatrix, a polynomial in the entries.

        >>> from sympy import Symbol
        >>> O = Haar("O", Symbol("n"))
        >>> O.mean(O.minor([1, 2], [1, 2])**2)
        2/(n*(n - 1))
        """
        left, right = items("the rows of a minor", rows), items("the columns of a minor", columns)
        if len(left) != len(right) or not left:
            raise DomainError(f"a minor takes as many rows as columns; received {list(left)} and {list(right)}")
        terms = []
        for order in orderings(range(len(right))):
            inversions = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order)))
            terms.append(Mul((-1) ** inversions, *[self[left[i], right[j]] for i, j in enumerate(order)]))
        return Add(*terms)

    def form(self, row: int, matrix: MatrixExpr, other: int | None = None) -> Expr:
        """The quadratic form `w_i' C w_j` of two rows as a random variable, C symmetric; j is i if left out.

        For `"U"` the second row is conjugated.

        >>> from sympy import symbols
        >>> n = symbols("n", integer=True, positive=True)
        >>> O, C = Haar("O", n), MatrixSymbol("C", n, n)
        >>> O.mean(O.form(1, C, 2)**2)
        Trace(C**2)/((n - 1)*(n + 2)) - Trace(C)**2/(n*(n - 1)*(n + 2))
        """
        if self.kind not in ("O", "U"):
            raise UnsupportedError(f"quadratic forms are for O and U; received {self!r}; expand them in entries")
        second = row if other is None else other
        i, j = (checked_index(index, self.kind, self.n) for index in (row, second))
        return RowForm(self.key, int(i), matrix, int(j))

    def block(self, rows: Dimension, columns: Dimension, name: str = "T") -> Block:
        """The upper left block, with symbolic sizes; a Stiefel frame if one size is n."""
        return Block(self, rows, columns, name)

    def mean(self, expr: Expr, *, symmetric: Iterable[MatrixExpr] = ()) -> Expr:
        """Expectation of a polynomial in entries, row forms or traces of words.

        Parameters
        ----------
        expr : a polynomial in entries (and conjugates), or in forms of rows, or in traces of words; a square
            matrix expression stands for its trace
        symmetric : fixed matrices that equal their transpose

        Raises
        ------
        DomainError
            For floats, text, and entries of another matrix.
        UnsupportedError
            If the expression is not polynomial, or the degree is beyond the limits.
        """
        found = product_mean(self.key, expr) if isinstance(expr, Expr) else None
        return self.averaged(expr, symmetric).combination.expr() if found is None else found

    def mean_trace(self, word: Expr, *, symmetric: Iterable[MatrixExpr] = ()) -> Expr:
        """`E tr(word)` for a word in the matrix and fixed matrices, or the mean of a product of traces.

        >>> from sympy import symbols
        >>> n = symbols("n", integer=True, positive=True)
        >>> O = Haar("O", n)
        >>> A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
        >>> O.mean_trace(O.matrix * A * O.matrix.T * B)
        Trace(A)*Trace(B)/n
        """
        return self.mean(word, symmetric=symmetric)

    def validity(self, expr: Expr) -> Boolean:
        """Condition on the dimension under which `mean(expr)` is the expectation."""
        return self.averaged(expr).condition

    def expand(self, expr: Expr, order: int, *, symmetric: Iterable[MatrixExpr] = ()) -> Expansion:
        """Expectation in powers of 1/n down to `n^-order`, with the next term as estimate of the remainder.

        >>> from sympy import Symbol
        >>> O = Haar("O", Symbol("n"))
        >>> O.expand(O[1, 1]**4, 3).expr, O.expand(O[1, 1]**4, 3).remainder
        (3/n**2 - 6/n**3, 12/n**4)
        """
        return expansion(self.averaged(expr, symmetric).combination, order)

    def cumulant(self, *variables: Expr, symmetric: Iterable[MatrixExpr] = ()) -> Expr:
        """Joint cumulant of random variables, each a polynomial as in `mean`."""
        if not variables:
            raise DomainError("a cumulant takes at least one random variable; received none")
        matrices = fixed_matrices(symmetric)
        scalars = [as_scalar(v) for v in variables]
        return joint_cumulant(scalars, lambda v: self.averaged(v, matrices).combination).expr()

    def variance(self, expr: Expr, *, symmetric: Iterable[MatrixExpr] = ()) -> Expr:
        """`E X^2 - (E X)^2` for a real random variable X."""
        return self.cumulant(expr, expr, symmetric=symmetric)

    def covariance(self, left: Expr, right: Expr, *, symmetric: Iterable[MatrixExpr] = ()) -> Expr:
        """`E X Y - E X E Y`."""
        return self.cumulant(left, right, symmetric=symmetric)

    def derive_mean(self, expr: Expr, *, symmetric: Iterable[MatrixExpr] = ()) -> HaarDerivation:
        """`mean(expr)` with the rules used, the Weingarten values and the range of validity."""
        average = self.averaged(expr, symmetric)
        steps = [HaarStep("linearity", Expectation(average.expression), average.split())] if average.is_split else []
        for part in average.parts:
            steps += part.steps(average.condition)
        result = average.combination.expr()
        return HaarDerivation(average.expression, result, average.condition, tuple(steps))

    def averaged(self, expr: Expr, symmetric: Iterable[MatrixExpr] = ()) -> Average:
        """Expectation before it is printed: coefficients of free quantities, condition, parts."""
        scalar, matrices = as_scalar(expr), frozenset(fixed_matrices(symmetric))
        if not scalar.has(Trace, RowForm):
            return entry_average(self.key, scalar)
        if scalar.has(Trace) and self.kind in ("S", "S0"):
            return permutation_trace_average(self.kind, self.n, self.matrix, scalar, matrices)
        if scalar.has(Trace):
            return trace_average(square_context(self.kind, self.n, self.matrix), scalar, matrices)
        return form_average(self.key, scalar)

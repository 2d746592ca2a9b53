"""A Haar-distributed random matrix: its entries, and expectations of polynomials in them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations as orderings
from typing import Any

from flint import fmpq
from sympy import Add, Expr, Integer, MatrixSymbol, Mul, S, Symbol, Trace, Tuple
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.errors import DomainError, UnknownNameError
from theory.haar.combination import Combination, polynomial_in
from theory.haar.cumulants import joint_cumulant
from theory.haar.derivation import Expectation, HaarDerivation, HaarStep, WeingartenValue
from theory.haar.dimensions import Dimension, at_least, checked_dimension
from theory.haar.entries import GroupKey, MatrixEntry, Monomial, entry_terms
from theory.haar.expansion import Expansion, expansion
from theory.haar.indices import checked_index, index_vertex
from theory.haar.moment import Moment
from theory.haar.orthogonal import orthogonal_moment
from theory.haar.permutations import centered_moment, permutation_moment
from theory.haar.rational import RationalFunction
from theory.haar.symplectic import conjugate_cell, symplectic_moment
from theory.haar.unitary import unitary_moment

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
    >>> from sympy import Symbol, conjugate
    >>> n = Symbol("n", integer=True, positive=True)
    >>> O = Haar("O", n)
    >>> O.mean(O[1, 1]**2 * O[2, 2]**2)
    (n + 1)/(n*(n - 1)*(n + 2))
    >>> O.validity(O[1, 1]**2 * O[2, 2]**2)
    n >= 2
    >>> U = Haar("U", 2)
    >>> U.mean(U[1, 1] * conjugate(U[1, 1]))
    1/2

    Sources: collins2006integration, collins2009properties.
    """

    def __init__(self, kind: str, n: Dimension, name: str | None = None) -> None:
        if kind not in KINDS:
            raise UnknownNameError("group", str(kind), KINDS)
        self.kind = kind
        self.n = checked_dimension(n)
        self.name = kind if name is None else name
        self.key = GroupKey(kind, self.n, self.name)

    def __repr__(self) -> str:
        return str(self.key)

    @property
    def size(self) -> Expr:
        """Number of rows of the matrix: n, or 2n for `"Sp"`."""
        return S(2 * self.n if self.kind == "Sp" else self.n)

    @property
    def scale(self) -> int:
        """Moments are rational functions of `scale * n`."""
        return -2 if self.kind == "Sp" else 1

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

        >>> O = Haar("O", Symbol("n"))
        >>> O.mean(O.minor([1, 2], [1, 2])**2)
        2/(n*(n - 1))
        """
        if len(rows) != len(columns) or not rows:
            raise DomainError(f"a minor takes as many rows as columns; received {list(rows)} and {list(columns)}")
        terms = []
        for order in orderings(range(len(columns))):
            inversions = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order)))
            terms.append(Mul((-1) ** inversions, *[self[rows[i], columns[j]] for i, j in enumerate(order)]))
        return Add(*terms)

    def form(self, row: int, matrix: MatrixExpr, other: int | None = None) -> Expr:
        """The quadratic form `w_i' C w_j` of two rows as a random variable; j is i if left out."""
        from theory.haar.quadratic_forms import RowForm

        second = row if other is None else other
        i, j = (checked_index(index, self.kind, self.n) for index in (row, second))
        return RowForm(self.key, int(i), matrix, int(j))

    def mean(self, expr: Expr) -> Expr:
        """Expectation of a polynomial in entries, row forms or traces of words.

        Raises
        ------
        DomainError
            For floats, text, and entries of another matrix.
        UnsupportedError
            If the expression is not polynomial, or the degree is beyond the limits.
        """
        return self.combination(expr)[0].expr()

    def mean_trace(self, word: Expr) -> Expr:
        """`E tr(word)` for a word in the matrix and fixed matrices, or the mean of a product of traces.

        >>> n = Symbol("n", integer=True, positive=True)
        >>> O = Haar("O", n)
        >>> A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
        >>> O.mean_trace(O.matrix * A * O.matrix.T * B)
        Trace(A)*Trace(B)/n
        """
        return self.mean(word)

    def validity(self, expr: Expr) -> Boolean:
        """Condition on the dimension under which `mean(expr)` is the expectation."""
        return at_least(self.n, self.combination(expr)[1])

    def expand(self, expr: Expr, order: int) -> Expansion:
        """Expectation in powers of 1/n down to `n^-order`, with the next term as estimate of the remainder.

        >>> O = Haar("O", Symbol("n"))
        >>> O.expand(O[1, 1]**4, 3).expr, O.expand(O[1, 1]**4, 3).remainder
        (3/n**2 - 6/n**3, 12/n**4)
        """
        return expansion(self.combination(expr)[0], order)

    def cumulant(self, *variables: Expr) -> Expr:
        """Joint cumulant of random variables, each a polynomial as in `mean`."""
        if not variables:
            raise DomainError("a cumulant takes at least one random variable; received none")
        return joint_cumulant([as_scalar(v) for v in variables], lambda v: self.combination(v)[0]).expr()

    def variance(self, expr: Expr) -> Expr:
        """`E X^2 - (E X)^2` for a real random variable X."""
        return self.cumulant(expr, expr)

    def covariance(self, left: Expr, right: Expr) -> Expr:
        """`E X Y - E X E Y`."""
        return self.cumulant(left, right)

    def derive_mean(self, expr: Expr) -> HaarDerivation:
        """`mean(expr)` with the rules used, the Weingarten values and the range of validity."""
        expr = as_scalar(expr)
        combination, bound, steps = self._averaged(expr)
        return HaarDerivation(expr, combination.expr(), at_least(self.n, bound), tuple(steps))

    def combination(self, expr: Expr) -> tuple[Combination, int | Expr]:
        """Expectation as coefficients of free quantities, and the least dimension for which it holds."""
        combination, bound, _ = self._averaged(as_scalar(expr), steps=False)
        return combination, bound

    def _averaged(self, expr: Expr, steps: bool = True) -> tuple[Combination, int | Expr, list[HaarStep]]:
        from theory.haar.quadratic_forms import RowForm, form_means
        from theory.haar.traces import trace_means

        if expr.has(Trace):
            return trace_means(self, expr)
        if expr.has(RowForm):
            return form_means(self, expr)
        return self._entry_means(expr, steps)

    def _entry_means(self, expr: Expr, steps: bool) -> tuple[Combination, int, list[HaarStep]]:
        items, trail, bound = [], [], 1
        terms = entry_terms(expr, self.key)
        for monomial, coefficient in terms.items():
            bound = max(bound, self._least_dimension(monomial))
            sign, moment = self._moment(monomial)
            key, polynomial = polynomial_in(coefficient, S(self.n), self.scale)
            items.append((key, polynomial * sign, self.settled(moment.value)))
            if steps:
                trail += self._steps(monomial, sign, moment, bound)
        if steps and (len(terms) > 1 or any(c != 1 for c in terms.values())):
            split = Add(*[c * Expectation(m.expr()) for m, c in terms.items()])
            trail.insert(0, HaarStep("linearity", Expectation(expr), split))
        return Combination.collect(items, S(self.n), self.scale), bound, trail

    def settled(self, function: RationalFunction) -> RationalFunction:
        """The function itself, or its value at a numeric dimension."""
        if isinstance(self.n, int):
            return RationalFunction.constant(function(fmpq(self.scale * self.n)))
        return function

    def _least_dimension(self, monomial: Monomial) -> int:
        least = 1
        for entry, _ in (*monomial.powers, *monomial.conjugates):
            for index in (entry.row, entry.column):
                least = max(least, index_vertex(index, self.n) >> 1 if self.kind == "Sp" else index)
        return least

    def _moment(self, monomial: Monomial) -> tuple[int, Moment]:
        """Sign and moment; the sign comes from conjugates of symplectic entries."""
        if self.kind == "Sp":
            return self._symplectic(monomial)
        powers = {(e.row, e.column): a for e, a in monomial.powers}
        if self.kind == "U":
            return 1, unitary_moment(powers, {(e.row, e.column): b for e, b in monomial.conjugates})
        rule = {"O": orthogonal_moment, "S": permutation_moment, "S0": centered_moment}[self.kind]
        return 1, rule(powers)

    def _symplectic(self, monomial: Monomial) -> tuple[int, Moment]:
        cells: dict[tuple[int, int], int] = {}
        total = 1
        for entry, power in monomial.powers:
            cell = index_vertex(entry.row, self.n), index_vertex(entry.column, self.n)
            cells[cell] = cells.get(cell, 0) + power
        for entry, power in monomial.conjugates:
            cell, sign = conjugate_cell((index_vertex(entry.row, self.n), index_vertex(entry.column, self.n)))
            cells[cell] = cells.get(cell, 0) + power
            total *= sign**power
        return total, symplectic_moment(cells)

    def _steps(self, monomial: Monomial, sign: int, moment: Moment, bound: int) -> list[HaarStep]:
        before = Expectation(monomial.expr())
        value = self.settled(moment.value).expr(S(self.n), self.scale) * sign
        condition = at_least(self.n, bound)
        if not moment.counts or not before.has(Expectation):
            return [HaarStep(moment.rule, before, value, condition)]
        kind = Symbol(moment.kind)
        total = Add(
            *[
                sign * count * WeingartenValue(kind, Tuple(*map(Integer, mu)), S(self.n))
                for mu, count in moment.counts.items()
            ]
        )
        return [
            HaarStep(moment.rule, before, total, condition),
            HaarStep("Weingarten values", total, value, condition),
        ]


def as_scalar(expr: Any) -> Expr:
    """A scalar expression; square matrix expressions stand for their trace."""
    if isinstance(expr, MatrixExpr):
        return Trace(expr)
    if isinstance(expr, (str, float)) or not isinstance(S(expr) if isinstance(expr, int) else expr, Expr):
        raise DomainError(f"an expectation takes a sympy expression; received {expr!r}; build it from the entries")
    return S(expr)

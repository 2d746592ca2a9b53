"""An expectation before it is printed: its parts, their Weingarten sums, and the range of validity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr, Integer, Mul, S, Symbol, Trace, Tuple
from sympy.logic.boolalg import And, Boolean
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.arguments import items
from theory.errors import DomainError
from theory.haar.combination import Combination
from theory.haar.derivation import Expectation, HaarStep, WeingartenValue
from theory.haar.dimensions import at_least
from theory.haar.partitions import Partition

__all__ = ["Average", "Part", "WeingartenTerm", "as_scalar", "fixed_matrices"]

WeingartenTerm = tuple[str, Partition, Expr]


@dataclass(frozen=True)
class Part:
    """The expectation of one product.

    Attributes
    ----------
    coefficient, name : the term of the polynomial; the quantity is built on demand, since products are slow
    value : expectation of `quantity`
    rule : how it was found
    terms : the same as a sum of Weingarten values, each with its factor; empty where none is used
    """

    coefficient: Expr
    name: Callable[[], Expr]
    value: Combination
    rule: str
    terms: Callable[[], Sequence[WeingartenTerm]] = tuple

    @property
    def quantity(self) -> Expr:
        """What is averaged."""
        return self.name()

    def steps(self, condition: Boolean) -> list[HaarStep]:
        """From the expectation to its Weingarten sum to the closed form."""
        before, after = Expectation(self.quantity), self.value.expr()
        terms = self.terms()
        if not terms:
            return [HaarStep(self.rule, before, after, condition)]
        n = self.value.dimension
        values = [(factor, WeingartenValue(Symbol(kind), Tuple(*map(Integer, mu)), n)) for kind, mu, factor in terms]
        total = Add(*[Mul(factor, symbol) for factor, symbol in values])
        return [
            HaarStep("pairs of pairings by relative type", before, total, condition),
            HaarStep("Weingarten values; " + self.rule, total, after, condition),
        ]


@dataclass(frozen=True)
class Average:
    """The expectation of a polynomial as a sum of parts.

    `lower_bounds` of the dimension n say from where on the combination is the expectation.
    """

    expression: Expr
    combination: Combination
    n: int | Expr
    lower_bounds: Sequence[int | Expr]
    parts: Sequence[Part]

    @property
    def condition(self) -> Boolean:
        """The range of validity; built on demand, since relations are slow to make."""
        return And(*[at_least(self.n, bound) for bound in self.lower_bounds])

    @property
    def is_split(self) -> bool:
        """More than one part, or a coefficient."""
        return len(self.parts) > 1 or any(part.coefficient != 1 for part in self.parts)

    def split(self) -> Expr:
        """The sum of coefficient times unevaluated expectation."""
        return Add(*[Mul(part.coefficient, Expectation(part.quantity)) for part in self.parts])


def fixed_matrices(symmetric: Any) -> tuple[MatrixExpr, ...]:
    """The fixed matrices that a caller declares symmetric.

    Raises
    ------
    DomainError
        For what is no list of matrix expressions.
    """
    found = items("symmetric=", symmetric)
    if not all(isinstance(matrix, MatrixExpr) for matrix in found):
        raise DomainError(f"symmetric= lists matrix expressions such as MatrixSymbol('A', n, n); received {found!r}")
    return found


def as_scalar(expr: Any) -> Expr:
    """A scalar expression; square matrix expressions stand for their trace.

    Raises
    ------
    DomainError
        For text and floats.
    """
    if isinstance(expr, MatrixExpr):
        return Trace(expr)
    if isinstance(expr, int) and not isinstance(expr, bool):
        return S(expr)
    if not isinstance(expr, Expr) or expr.is_Float:
        raise DomainError(
            f"an expectation takes an exact sympy expression; received {expr!r}; build it from the entries"
        )
    return expr

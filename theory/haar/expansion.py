"""Expansion of Haar expectations in inverse powers of the dimension."""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq
from sympy import Add, Expr, Integer, Mul, Order, Pow, Rational, oo

from theory.arguments import whole
from theory.errors import DomainError
from theory.haar.combination import Combination
from theory.haar.rational import RationalFunction, linear_product

__all__ = ["Expansion", "expansion"]

_HIGHEST_ORDER = 1000


@dataclass(frozen=True)
class Expansion:
    """`sum coefficient * n^(-power)` up to a power, with the next term that does not vanish.

    Attributes
    ----------
    terms : power -> coefficient, without zeros
    remainder : the first term left out, an estimate of the error; 0 if the expansion is exact
    """

    dimension: Expr
    order: int
    terms: dict[int, Expr]
    remainder: Expr

    @property
    def expr(self) -> Expr:
        """The truncated sum."""
        return Add(*[Mul(c, Pow(self.dimension, -p)) for p, c in self.terms.items()])

    @property
    def with_order(self) -> Expr:
        """The truncated sum with an order symbol at infinity."""
        return self.expr + Order(Pow(self.dimension, -self.order - 1), (self.dimension, oo))


def expansion(combination: Combination, order: int) -> Expansion:
    """Terms down to `n^-order`.

    Raises
    ------
    DomainError
        If the dimension is not a symbol, or the order not an integer.
    """
    n = combination.dimension
    if not n.is_Symbol:
        raise DomainError(f"an expansion in 1/n needs a symbolic dimension; received n = {n}; use a Symbol")
    order = whole("the order of an expansion", order, -_HIGHEST_ORDER, _HIGHEST_ORDER)
    functions = combination.terms
    terms: dict[int, list[Expr]] = {}
    # A rational function whose next terms all vanish that far is a polynomial in 1/n and exact.
    reach = order + 1 + max((sum(f.poles.values()) + f.numerator.degree() + 1 for f in functions.values()), default=0)
    for key, function in functions.items():
        for power, value in inverse_powers(function, reach).items():
            number = Rational(int(value.p), int(value.q)) * Pow(Integer(combination.scale), -power)
            terms.setdefault(power, []).append(Mul(key, number))
    collected = {power: Add(*parts) for power, parts in sorted(terms.items())}
    kept = {power: c for power, c in collected.items() if power <= order and c != 0}
    later = ((power, c) for power, c in collected.items() if power > order and c != 0)
    power, coefficient = next(later, (0, Integer(0)))
    return Expansion(n, order, kept, Mul(coefficient, Pow(n, -power)))


def inverse_powers(function: RationalFunction, last: int) -> dict[int, fmpq]:
    """Coefficients of `x^-power` up to `last`, by long division of the reversed polynomials."""
    numerator = list(reversed(function.numerator.coeffs()))
    denominator = list(reversed(linear_product(function.poles).coeffs()))
    first = len(denominator) - len(numerator)
    series: list[fmpq] = []
    for i in range(last - first + 1):
        value = numerator[i] if i < len(numerator) else fmpq(0)
        for j in range(1, min(i, len(denominator) - 1) + 1):
            value -= denominator[j] * series[i - j]
        series.append(value)
    return {first + i: value for i, value in enumerate(series) if value}

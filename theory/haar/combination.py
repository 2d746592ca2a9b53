"""Sums of products of free quantities (traces, coefficients) with rational functions of the dimension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flint import fmpq, fmpq_poly
from sympy import Add, Expr, Integer, Mul, Poly, PolynomialError

from theory.haar.rational import RationalFunction

__all__ = ["Combination", "polynomial_in"]


@dataclass(frozen=True)
class Combination:
    """`sum key * function(x)`; the keys are free of x, the functions are in lowest terms.

    The variable is `scale` times the dimension: 1, or -2 for symplectic groups.
    """

    terms: Mapping[Expr, RationalFunction]
    dimension: Expr
    scale: int = 1

    @classmethod
    def collect(
        cls, items: Iterable[tuple[Expr, fmpq_poly, RationalFunction]], dimension: Expr, scale: int = 1
    ) -> Combination:
        """Sum of `key * polynomial * function`, equal keys put together."""
        grouped: dict[Expr, list[tuple[fmpq_poly, RationalFunction]]] = {}
        for key, polynomial, function in items:
            grouped.setdefault(key, []).append((polynomial, function))
        sums = {key: RationalFunction.sum(group) for key, group in grouped.items()}
        return cls({key: value for key, value in sums.items() if value.numerator}, dimension, scale)

    def expr(self) -> Expr:
        """As a sympy expression; every coefficient is factored."""
        parts = []
        for key, function in self.terms.items():
            coefficient = function.expr(self.dimension, self.scale)
            parts.append(coefficient if key == 1 else Mul(key, coefficient))
        return Add(*parts)

    def __add__(self, other: Combination) -> Combination:
        return self._joined(other, 1)

    def __sub__(self, other: Combination) -> Combination:
        return self._joined(other, -1)

    def _joined(self, other: Combination, sign: int) -> Combination:
        one, factor = fmpq_poly([1]), fmpq_poly([sign])
        items = [(key, one, f) for key, f in self.terms.items()]
        items += [(key, factor, f) for key, f in other.terms.items()]
        return Combination.collect(items, self.dimension, self.scale)

    def __mul__(self, other: Combination) -> Combination:
        one = fmpq_poly([1])
        items = [(Mul(a, b), one, f * g) for a, f in self.terms.items() for b, g in other.terms.items()]
        return Combination.collect(items, self.dimension, self.scale)

    def scaled(self, factor: int) -> Combination:
        """The combination times an integer."""
        return Combination({k: f.scaled(factor) for k, f in self.terms.items()}, self.dimension, self.scale)


def polynomial_in(coefficient: Expr, dimension: Expr, scale: int = 1) -> tuple[Expr, fmpq_poly]:
    """Split a coefficient into a key and a polynomial in the variable with rational coefficients.

    Dependence on the dimension that is not polynomial stays in the key.
    """
    if coefficient.is_Rational:
        return Integer(1), fmpq_poly([fmpq(int(coefficient.p), int(coefficient.q))])
    if not dimension.is_Symbol or not coefficient.has(dimension):
        number, key = coefficient.as_coeff_Mul(rational=True)
        return key, fmpq_poly([fmpq(int(number.p), int(number.q))])
    key, dependent = coefficient.as_independent(dimension, as_Add=False)
    number, key = key.as_coeff_Mul(rational=True)
    try:
        polynomial = Poly(dependent, dimension, domain="QQ")
    except PolynomialError:
        polynomial = None
    except ValueError:  # coefficients outside the rationals
        polynomial = None
    if polynomial is None:
        return Mul(key, dependent), fmpq_poly([fmpq(int(number.p), int(number.q))])
    coefficients = [fmpq(int(c.p), int(c.q)) / scale**i for i, c in enumerate(reversed(polynomial.all_coeffs()))]
    return key, fmpq_poly(coefficients) * fmpq(int(number.p), int(number.q))

"""Sums of products of free quantities (traces, coefficients) with rational functions of the dimension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flint import fmpq, fmpq_poly
from sympy import Add, Expr, Mul, Poly, S

from theory.haar.rational import RationalFunction

__all__ = ["Combination", "rational_in"]


@dataclass(frozen=True)
class Combination:
    """`sum key * function(x)`; the keys are free of x, the functions are in lowest terms.

    The variable is `scale` times the dimension: 1, or -2 for symplectic groups.
    """

    terms: Mapping[Expr, RationalFunction]
    dimension: Expr
    scale: int = 1

    @classmethod
    def collect(cls, items: Iterable[tuple[Expr, RationalFunction]], dimension: Expr, scale: int = 1) -> Combination:
        """Sum of `key * function`, equal keys put together."""
        grouped: dict[Expr, list[RationalFunction]] = {}
        for key, function in items:
            grouped.setdefault(key, []).append(function)
        sums = {key: RationalFunction.sum(group) for key, group in grouped.items()}
        return cls({key: value for key, value in sums.items() if value.numerator}, dimension, scale)

    def expr(self) -> Expr:
        """As a sympy expression; every coefficient is factored."""
        parts = []
        for key, function in self.terms.items():
            coefficient = function.expr(self.dimension, self.scale)
            parts.append(coefficient if key == 1 else Mul(key, coefficient))
        return parts[0] if len(parts) == 1 else Add(*parts)

    def __add__(self, other: Combination) -> Combination:
        return self._joined(other, 1)

    def __sub__(self, other: Combination) -> Combination:
        return self._joined(other, -1)

    def _joined(self, other: Combination, sign: int) -> Combination:
        items = [*self.terms.items(), *((key, f.scaled(sign)) for key, f in other.terms.items())]
        return Combination.collect(items, self.dimension, self.scale)

    def __mul__(self, other: Combination) -> Combination:
        items = [(Mul(a, b), f * g) for a, f in self.terms.items() for b, g in other.terms.items()]
        return Combination.collect(items, self.dimension, self.scale)

    def scaled(self, factor: int) -> Combination:
        """The combination times an integer."""
        return Combination({k: f.scaled(factor) for k, f in self.terms.items()}, self.dimension, self.scale)


def rational_in(coefficient: Expr, dimension: Expr, scale: int = 1) -> tuple[Expr, RationalFunction]:
    """Split a coefficient into a key and a rational function of the variable with integer poles.

    Dependence on the dimension that is of another kind stays in the key.
    """
    if coefficient is S.One:
        return coefficient, RationalFunction.constant(1)
    number, key = coefficient.as_coeff_Mul(rational=True)
    constant = RationalFunction.constant(fmpq(int(number.p), int(number.q)))
    if not dimension.is_Symbol or not key.has(dimension):
        return key, constant
    key, dependent = key.as_independent(dimension, as_Add=False)
    function = RationalFunction.constant(1)
    for factor in Mul.make_args(dependent):
        base, exponent = factor.as_base_exp()
        found = factor_in(base, int(exponent), dimension, scale) if exponent.is_Integer else None
        if found is None:
            key = Mul(key, factor)
        else:
            function = function * found
    return key, function * constant


def factor_in(base: Expr, exponent: int, dimension: Expr, scale: int) -> RationalFunction | None:
    """`base^exponent` for a rational polynomial base, with integer roots where it is a denominator."""
    if base.free_symbols != {dimension} or not base.is_polynomial(dimension):
        return None
    coefficients = Poly(base, dimension).all_coeffs()
    if not all(c.is_Rational for c in coefficients):
        return None
    polynomial = fmpq_poly([fmpq(int(c.p), int(c.q)) / scale**i for i, c in enumerate(reversed(coefficients))])
    if exponent >= 0:
        return RationalFunction(polynomial**exponent, {})
    content, factors = polynomial.numer().factor()
    poles: dict[int, int] = {}
    for linear, multiplicity in factors:
        if linear.degree() != 1 or linear[1] != 1:
            return None
        poles[-int(linear[0])] = multiplicity * -exponent
    return RationalFunction(fmpq_poly([(fmpq(polynomial.denom()) / content) ** -exponent]), poles)

"""Rational functions of one variable whose poles are known integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import gcd, isqrt

from flint import fmpq, fmpq_poly, fmpz_poly
from sympy import Expr

from theory.haar.factored import factored_expr, integer_ratio

__all__ = ["RationalFunction", "linear_product"]


def linear_product(roots: Mapping[int, int]) -> fmpq_poly:
    """The polynomial `prod (x - root)^multiplicity`."""
    product = fmpz_poly([1])
    for root, multiplicity in roots.items():
        product *= fmpz_poly([-root, 1]) ** multiplicity
    return fmpq_poly(product)


@dataclass(frozen=True)
class RationalFunction:
    """`numerator(x) / prod (x - pole)^multiplicity`.

    Since the poles are known, lowest terms need evaluations only: no greatest common divisor.
    """

    numerator: fmpq_poly
    poles: Mapping[int, int]

    @classmethod
    def power(cls, exponent: int) -> RationalFunction:
        """The monomial `x^exponent`."""
        return cls(fmpq_poly([0] * exponent + [1]), {})

    @classmethod
    def constant(cls, value: int | fmpq) -> RationalFunction:
        """A number as a rational function."""
        return cls(fmpq_poly([value]), {})

    @classmethod
    def sum(cls, functions: Iterable[RationalFunction]) -> RationalFunction:
        """Lowest terms of a sum."""
        items = list(functions)
        if len(items) == 1:
            return items[0]
        common: dict[int, int] = {}
        for function in items:
            for pole, multiplicity in function.poles.items():
                common[pole] = max(common.get(pole, 0), multiplicity)
        total = fmpq_poly()
        for function in items:
            missing = {pole: m - function.poles.get(pole, 0) for pole, m in common.items()}
            total += function.numerator * linear_product(missing)
        return cls(total, common).reduced()

    def __mul__(self, other: RationalFunction) -> RationalFunction:
        if not other.poles and other.numerator.degree() < 1:
            return RationalFunction(self.numerator * other.numerator, self.poles)
        poles = dict(self.poles)
        for pole, multiplicity in other.poles.items():
            poles[pole] = poles.get(pole, 0) + multiplicity
        return RationalFunction(self.numerator * other.numerator, poles).reduced()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RationalFunction):
            return NotImplemented
        mine, theirs = self.reduced(), other.reduced()
        return mine.numerator == theirs.numerator and mine.poles == theirs.poles

    __hash__ = None  # type: ignore[assignment]

    def scaled(self, factor: int | fmpq) -> RationalFunction:
        """The function times a number."""
        return RationalFunction(self.numerator * factor, self.poles)

    def reduced(self) -> RationalFunction:
        """Lowest terms."""
        if self.numerator.degree() < 1:
            return self if self.numerator else RationalFunction(fmpq_poly(), {})
        numerator, poles = self.numerator, {}
        for pole, multiplicity in self.poles.items():
            left = multiplicity
            while left and not numerator(pole):
                numerator = numerator // fmpq_poly([-pole, 1])
                left -= 1
            if left:
                poles[pole] = left
        return RationalFunction(numerator, poles)

    def __call__(self, value: int | fmpq) -> fmpq:
        """Value of the reduced function; ZeroDivisionError at a pole."""
        denominator = 1
        for pole, multiplicity in self.poles.items():
            denominator *= (value - pole) ** multiplicity
        return fmpq(self.numerator(value)) / denominator

    def expr(self, x: Expr, scale: int = 1) -> Expr:
        """The function of `scale*x` as a sympy expression with numerator and denominator factored."""
        numerator = self.numerator if scale == 1 else self.numerator(fmpq_poly([0, scale]))
        content, powers = factored(numerator)
        for pole, multiplicity in self.poles.items():
            if scale == 1 or not pole:
                powers.append(((-pole, 1), -multiplicity))
                if scale != 1:
                    content /= fmpq(scale) ** multiplicity
            else:
                divisor = gcd(pole, scale) if scale > 0 else -gcd(pole, scale)
                powers.append(((-pole // divisor, scale // divisor), -multiplicity))
                content /= fmpq(divisor) ** multiplicity
        p, q = int(content.p), int(content.q)
        return factored_expr(p, q, powers, x) if powers else integer_ratio(p, q)


def factored(polynomial: fmpq_poly) -> tuple[fmpq, list[tuple[tuple[int, ...], int]]]:
    """Constant factor, and irreducible primitive factors with their powers."""
    if polynomial.degree() < 1:
        return polynomial[0], []
    coefficients = [int(c) for c in polynomial.numer().coeffs()]
    if len(coefficients) < 4:
        divisor = gcd(*coefficients) if coefficients[-1] > 0 else -gcd(*coefficients)
        primitive = tuple([c // divisor for c in coefficients])
        if len(primitive) == 2 or irreducible(*primitive):
            return fmpq(divisor, polynomial.denom()), [(primitive, 1)]
    leading, factors = polynomial.numer().factor()
    return fmpq(leading, polynomial.denom()), [(tuple(map(int, base.coeffs())), power) for base, power in factors]


def irreducible(c: int, b: int, a: int) -> bool:
    """Whether a quadratic has no rational root."""
    discriminant = b * b - 4 * a * c
    return discriminant < 0 or isqrt(discriminant) ** 2 != discriminant

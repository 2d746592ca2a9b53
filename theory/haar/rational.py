"""Rational functions of one variable whose poles are known integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cmp_to_key

from flint import fmpq, fmpq_poly, fmpz_poly
from sympy import Add, Basic, Expr, Integer, Mul, Pow, Rational

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
        if not self.numerator:
            return RationalFunction(fmpq_poly(), {})
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
        denominator = fmpq(1)
        for pole, multiplicity in self.poles.items():
            denominator *= (fmpq(value) - pole) ** multiplicity
        return fmpq(self.numerator(fmpq(value))) / denominator

    def substituted(self, scale: int) -> tuple[fmpq_poly, fmpq, list[tuple[fmpz_poly, int]]]:
        """Parts of the function of `scale*x`: numerator, constant divisor, primitive linear factors."""
        poles = sorted(self.poles.items(), reverse=True)
        if scale == 1:
            return self.numerator, fmpq(1), [(fmpz_poly([-pole, 1]), m) for pole, m in poles]
        numerator = self.numerator(fmpq_poly([0, scale]))
        divisor, factors = fmpq(1), []
        for pole, multiplicity in poles:
            factor = fmpz_poly([-pole, scale])
            content = factor.content()
            if scale < 0:
                content = -content
            divisor *= fmpq(content) ** multiplicity
            factors.append((factor // fmpz_poly([content]), multiplicity))
        return numerator, divisor, factors

    def expr(self, x: Expr, scale: int = 1) -> Expr:
        """The function of `scale*x` as a sympy expression with numerator and denominator factored."""
        if not self.poles and self.numerator.degree() < 1:
            return number_expr(fmpq(self.numerator[0]))
        numerator, divisor, poles = self.substituted(scale)
        coefficient = fmpq(1) / (divisor * numerator.denom())
        if numerator.degree() < 1:
            content, factors = numerator.numer()[0], []
        else:
            content, factors = numerator.numer().factor()
        powers = [*factors, *((base, -power) for base, power in poles)]
        return factored_expr(coefficient * content, powers, x)


def number_expr(value: fmpq) -> Expr:
    """A rational number as a sympy number."""
    return Rational(int(value.p), int(value.q))


def factored_expr(coefficient: fmpq, powers: list[tuple[fmpz_poly, int]], x: Expr) -> Expr:
    """`coefficient * prod base(x)^power` for coprime irreducible bases, as sympy would build it.

    The general constructors spend most of their time on questions whose answers are known here, so the nodes are put
    together in canonical order directly.
    """
    number = number_expr(coefficient)
    if not x.is_Symbol:
        return Mul(number, *[Pow(polynomial_expr(base, x), power) for base, power in powers])
    factors = [power_node(polynomial_node(base, x), power) for base, power in powers]
    if len(factors) < 2 and number != 1:
        return Mul(number, *factors)  # a number is distributed over a single sum
    factors.sort(key=ORDER)
    if number != 1:
        factors.insert(0, number)
    return factors[0] if len(factors) == 1 else Mul._from_args(factors, is_commutative=True)


ORDER = cmp_to_key(Basic.compare)


def power_node(base: Expr, power: int) -> Expr:
    """`base^power`, where nothing cancels."""
    if power == 1:
        return base
    node = Expr.__new__(Pow, base, Integer(power))
    node.is_commutative = True
    return node


def polynomial_node(polynomial: fmpz_poly, x: Expr) -> Expr:
    """An integer polynomial in a symbol, terms in canonical order."""
    terms: list[Expr] = []
    for i in range(1, polynomial.degree() + 1):
        coefficient = int(polynomial[i])
        if coefficient:
            node = power_node(x, i)
            terms.append(node if coefficient == 1 else Mul._from_args((Integer(coefficient), node), True))
    if len(terms) > 1:
        terms.sort(key=ORDER)
    if polynomial[0]:
        terms.insert(0, Integer(int(polynomial[0])))
    return terms[0] if len(terms) == 1 else Add._from_args(terms, is_commutative=True)


def polynomial_expr(polynomial: fmpz_poly, x: Expr) -> Expr:
    """An integer polynomial as a sympy expression in `x`."""
    return Add(*[Integer(int(c)) * x**i for i, c in enumerate(polynomial.coeffs()) if c])

"""Exact field of coefficients: rational functions in the parameters of a problem.

Every symbol, and every irrational constant, that occurs in the data becomes one generator.  Arithmetic on
normalised fractions decides equality, which a tree of expressions cannot do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import QQ, Add, Expr, I, Integer, Mul, Pow, Rational, Symbol
from sympy.polys.fields import FracElement, FracField
from sympy.polys.orderings import lex

__all__ = ["CoefficientField"]

_IMAGINARY = Symbol("I_unit")


class CoefficientField:
    """Rational functions over the rationals in the generators found in `expressions`.

    The imaginary unit is a generator `j` like any other while a computation runs; `reduce` replaces `j**2` by
    -1.  A symbol listed in `symbols` becomes a generator even if no expression contains it.
    """

    def __init__(self, expressions: Iterable[Expr], symbols: Iterable[Symbol] = ()) -> None:
        generators: dict[Expr, None] = dict.fromkeys(symbols)
        for expression in expressions:
            self._collect(expression, generators)
        # A fixed order of generators makes results reproducible from run to run.
        self.generators = tuple(sorted(generators, key=lambda g: (not g.is_Symbol, g.sort_key())))
        names = [_IMAGINARY if g is I else Symbol(f"g{i}") for i, g in enumerate(self.generators)]
        self.field = FracField(names or [Symbol("g_unused")], QQ, lex)
        self._of = dict(zip(self.generators, self.field.gens, strict=False))
        self.zero, self.one = self.field.zero, self.field.one
        self.imaginary_position = self.generators.index(I) if I in self._of else None
        self._memo: dict[Expr, FracElement] = {}

    def _collect(self, e: Expr, found: dict[Expr, None]) -> None:
        if isinstance(e, Rational):
            return
        if isinstance(e, Add | Mul):
            for a in e.args:
                self._collect(a, found)
        elif isinstance(e, Pow) and isinstance(e.exp, Integer):
            self._collect(e.base, found)
        elif isinstance(e, Pow) and isinstance(e.exp, Rational) and abs(e.exp.p) != 1:
            found[Pow(e.base, Rational(1, e.exp.q))] = None
        elif isinstance(e, Pow) and isinstance(e.exp, Rational):
            found[Pow(e.base, abs(e.exp))] = None
        else:
            found[e] = None

    def __call__(self, e: Any) -> FracElement:
        """The field element of an expression whose generators are known."""
        if isinstance(e, FracElement):
            return e
        if isinstance(e, int):
            return self.field(QQ(e))
        known = self._memo.get(e)
        if known is None:
            known = self._memo[e] = self._convert(e)
        return known

    def _convert(self, e: Expr) -> FracElement:
        if isinstance(e, Rational):
            return self.field(QQ(int(e.p), int(e.q)))
        if isinstance(e, Add):
            return sum((self(a) for a in e.args), self.zero)
        if isinstance(e, Mul):
            product = self.one
            for a in e.args:
                product *= self(a)
            return product
        if isinstance(e, Pow) and isinstance(e.exp, Integer):
            return self(e.base) ** int(e.exp)
        if isinstance(e, Pow) and isinstance(e.exp, Rational):
            return self._of[Pow(e.base, Rational(1, e.exp.q))] ** int(e.exp.p)
        return self._of[e]

    def reduce(self, element: FracElement) -> FracElement:
        """The element with every power of the imaginary generator brought down to degree at most one.

        The generator leaves a denominator that it divides; a longer denominator keeps it, which is shorter.
        """
        position = self.imaginary_position
        if position is None:
            return element
        numer, denom = (self._lower(part, position) for part in (element.numer, element.denom))
        if all(m[position] for m in denom.monoms()):
            unit = denom.ring.gens[position]
            numer, denom = self._lower(-numer * unit, position), denom.exquo(unit)
        return self.field_new_quotient(numer, denom)

    def conjugate(self, element: FracElement) -> FracElement:
        """The complex conjugate, all other generators taken as real."""
        position = self.imaginary_position
        if position is None:
            return element
        numer, denom = (self.conjugate_poly(part, position) for part in (element.numer, element.denom))
        return self.field_new_quotient(numer, denom)

    def is_real_quotient(self, element: FracElement) -> bool:
        """Is the denominator free of the imaginary generator?"""
        position = self.imaginary_position
        return position is None or not any(m[position] for m in element.denom.monoms())

    def split(self, element: FracElement) -> tuple[FracElement, FracElement]:
        """Real and imaginary part of an element, all other generators taken as real."""
        element = self.reduce(element)
        position = self.imaginary_position
        if position is None:
            return element, self.zero
        if not self.is_real_quotient(element):
            # As polynomials: the field would cancel the conjugate at once.
            conjugate = self.conjugate_poly(element.denom, position)
            numer, denom = (self._lower(p * conjugate, position) for p in (element.numer, element.denom))
            element = self.field_new_quotient(numer, denom)
        ring = element.numer.ring
        parts: list[dict[tuple[int, ...], Any]] = [{}, {}]
        for monom, coeff in element.numer.terms():
            power = monom[position]
            parts[power][(*monom[:position], 0, *monom[position + 1 :])] = coeff
        denom = self.field.field_new(element.denom)
        real, imag = (self.field.field_new(ring.from_dict(p)) / denom for p in parts)
        return real, imag

    @staticmethod
    def _lower(poly: Any, position: int) -> Any:
        ring = poly.ring
        out = ring.zero
        for monom, coeff in poly.terms():
            power = monom[position]
            sign = -1 if power % 4 in (2, 3) else 1
            out += ring.from_dict({(*monom[:position], power % 2, *monom[position + 1 :]): coeff * sign})
        return out

    @staticmethod
    def conjugate_poly(poly: Any, position: int) -> Any:
        """A polynomial with the imaginary generator turned around."""
        return poly.ring.from_dict({m: (-c if m[position] % 2 else c) for m, c in poly.terms()})

    def field_new_quotient(self, numer: Any, denom: Any) -> FracElement:
        """The fraction of two polynomials of the underlying ring."""
        return self.field.field_new(numer) / self.field.field_new(denom)

    def expr(self, element: FracElement) -> Expr:
        """The element as an expression in the original generators."""
        return self.poly_expr(element.numer) / self.poly_expr(element.denom)

    def poly_expr(self, poly: Any) -> Expr:
        """A polynomial of the underlying ring as an expression."""
        terms = []
        for monom, coeff in poly.terms():
            factors = [g**p for g, p in zip(self.generators, monom, strict=False) if p]
            terms.append(Mul(Rational(int(coeff.numerator), int(coeff.denominator)), *factors))
        return Add(*terms)

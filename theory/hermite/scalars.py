"""Univariate polynomials over two kinds of numbers: residues modulo a prime, for search, and an exact field, for proof.

Both read the same field of rational functions in the generators of a problem; the residues put random numbers for
the generators, so that the rank of a matrix is right except with negligible probability.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Protocol

import flint
from sympy import QQ, Symbol
from sympy.polys.matrices import DomainMatrix
from sympy.polys.rings import ring

from theory.gaussian.field import CoefficientField

__all__ = ["Exact", "Residues", "Scalars"]

_PRIME = (1 << 61) - 1


class Scalars(Protocol):
    """Numbers and polynomials in the variable over them; `place` is the variable's among the generators."""

    place: int
    zero: Any

    def polynomial(self, numerator: Any) -> Any:
        """A polynomial of the underlying ring as a polynomial in the variable."""

    def number(self, element: Any) -> Any:
        """An element of the field that is free of the variable."""

    def coefficients(self, polynomial: Any) -> list[Any]:
        """Coefficients from the constant term upwards."""

    def derivative(self, polynomial: Any) -> Any:
        """The derivative in the variable."""

    def reduced(self, rows: Sequence[Sequence[Any]]) -> tuple[list[list[Any]], list[int]]:
        """Reduced row echelon form: its nonzero rows and their pivots."""


def _by_power(numerator: Any, place: int) -> dict[int, list[tuple[tuple[int, ...], Any]]]:
    found: dict[int, list[tuple[tuple[int, ...], Any]]] = {}
    for monom, coeff in numerator.terms():
        found.setdefault(monom[place], []).append(((*monom[:place], 0, *monom[place + 1 :]), coeff))
    return found


class Residues:
    """Numbers modulo a prime, with random residues for the generators."""

    def __init__(self, field: CoefficientField, x: Symbol) -> None:
        draw = random.Random(20)
        self.place = field.generators.index(x)
        self.values = [draw.randrange(2, _PRIME) for _ in field.generators]
        self.zero = flint.nmod(0, _PRIME)

    def _value(self, terms: list[tuple[tuple[int, ...], Any]]) -> int:
        total = 0
        for monom, coeff in terms:
            product = int(coeff.numerator) * pow(int(coeff.denominator), -1, _PRIME)
            for value, power in zip(self.values, monom, strict=False):
                product = product * pow(value, power, _PRIME) % _PRIME
            total += product
        return total % _PRIME

    def polynomial(self, numerator: Any) -> flint.nmod_poly:
        found = _by_power(numerator, self.place)
        top = max(found, default=-1)
        return flint.nmod_poly([self._value(found.get(i, [])) for i in range(top + 1)], _PRIME)

    def number(self, element: Any) -> flint.nmod:
        top, bottom = self._value(list(element.numer.terms())), self._value(list(element.denom.terms()))
        return flint.nmod(top, _PRIME) / flint.nmod(bottom, _PRIME)

    def coefficients(self, polynomial: flint.nmod_poly) -> list[flint.nmod]:
        return polynomial.coeffs()

    def derivative(self, polynomial: flint.nmod_poly) -> flint.nmod_poly:
        return polynomial.derivative()

    def reduced(self, rows: Sequence[Sequence[flint.nmod]]) -> tuple[list[list[flint.nmod]], list[int]]:
        if not rows or not rows[0]:
            return [], []
        matrix = flint.nmod_mat(len(rows), len(rows[0]), [int(v) for row in rows for v in row], _PRIME)
        echelon, rank = matrix.rref()
        table = echelon.table()[:rank]
        return table, [next(i for i, v in enumerate(row) if int(v)) for row in table]


class Exact:
    """Rational numbers, or rational functions in the generators."""

    def __init__(self, field: CoefficientField, x: Symbol) -> None:
        self.field, self.place = field, field.generators.index(x)
        self.domain: Any = QQ if len(field.generators) == 1 else field.field.to_domain()
        self.ring, _ = ring("t", self.domain)
        self.zero = self.domain.zero

    def _value(self, terms: list[tuple[tuple[int, ...], Any]]) -> Any:
        if self.domain is QQ:
            return sum((coeff for _, coeff in terms), QQ(0))
        poly = self.field.field.ring.from_dict(dict(terms))
        return self.field.field.field_new(poly)

    def polynomial(self, numerator: Any) -> Any:
        found = _by_power(numerator, self.place)
        return self.ring.from_dict({(power,): self._value(terms) for power, terms in found.items()})

    def number(self, element: Any) -> Any:
        return self._value(list(element.numer.terms())) / self._value(list(element.denom.terms()))

    def coefficients(self, polynomial: Any) -> list[Any]:
        top = polynomial.degree() if polynomial else -1
        return [polynomial.coeff(self.ring.gens[0] ** i) if i else polynomial.coeff(1) for i in range(top + 1)]

    def derivative(self, polynomial: Any) -> Any:
        return polynomial.diff(0)

    def reduced(self, rows: Sequence[Sequence[Any]]) -> tuple[list[list[Any]], list[int]]:
        if not rows or not rows[0]:
            return [], []
        matrix = DomainMatrix([list(row) for row in rows], (len(rows), len(rows[0])), self.domain)
        echelon, pivots = matrix.rref()
        dense = echelon.to_list()
        return dense[: len(pivots)], list(pivots)

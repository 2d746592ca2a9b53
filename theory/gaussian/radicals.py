"""Square roots of field elements in a canonical form, so that equal terms meet and squares come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import QQ, Expr, Integer, Mul, Pow, factorint
from sympy.polys.fields import FracElement

from theory.gaussian.field import CoefficientField

__all__ = ["Radicals"]

_TRIAL_LIMIT = 10**6
_MAX_FACTORED = 12


class Radicals:
    r"""Canonical $R^{-1/2} = c / \sqrt P$ with a square-free polynomial $P$.

    Parameters
    ----------
    field : the coefficients.
    sign : proved sign of an expression, or None; a square leaves its root only with a proof.
    sample : a numeric value of each generator at one admissible point.  A radicand is positive on a connected
        domain, so numerator and denominator keep the signs they have there.
    """

    def __init__(
        self, field: CoefficientField, sign: Callable[[Expr], int | None], sample: dict[Expr, complex]
    ) -> None:
        self.field, self.sign, self.sample = field, sign, sample
        self._memo: dict[FracElement, tuple[FracElement, Any]] = {}

    def inverse_root(self, radicand: FracElement) -> tuple[FracElement, Any]:
        """Coefficient c and polynomial P with radicand**(-1/2) = c/sqrt(P)."""
        if radicand not in self._memo:
            self._memo[radicand] = self._inverse_root(radicand)
        return self._memo[radicand]

    def _inverse_root(self, radicand: FracElement) -> tuple[FracElement, Any]:
        numer, denom = radicand.numer, radicand.denom
        # The denominator is real; d/sqrt(n d) is the principal root for d > 0 alone, also of a complex radicand.
        if self._value(denom).real < 0:
            numer, denom = -numer, -denom
        outer_n, inner_n = self._extract(numer)
        outer_d, inner_d = self._extract(denom)
        field = self.field.field
        coeff = field.field_new(outer_d * inner_d) / field.field_new(outer_n)
        return coeff, inner_n * inner_d

    def _value(self, poly: Any) -> complex:
        total = 0j
        for monom, coeff in poly.terms():
            term = complex(int(coeff.numerator) / int(coeff.denominator))
            for g, p in zip(self.field.generators, monom, strict=False):
                if p:
                    term *= self.sample[g] ** p
            total += term
        return total

    def _extract(self, poly: Any) -> tuple[Any, Any]:
        """outer and inner with outer**2 * inner == poly and outer proved positive."""
        ring = poly.ring
        content, factors = poly.sqf_list()
        top, bottom = int(QQ.numer(content)), int(QQ.denom(content))
        outer_number, inner_number = _square_part(abs(top) * bottom)
        outer = ring.ground_new(QQ(outer_number, bottom))
        inner = ring.ground_new(QQ(inner_number if top >= 0 else -inner_number))
        for factor, multiplicity in factors:
            for piece in self._monomials_apart(factor):
                s = self._known_sign(piece) if multiplicity > 1 else None
                if s:
                    outer *= (piece * s) ** (multiplicity // 2)
                    inner *= piece ** (multiplicity % 2)
                else:
                    inner *= piece**multiplicity
        return outer, inner

    @staticmethod
    def _monomials_apart(factor: Any) -> list[Any]:
        """The generators that divide a factor, and the rest."""
        ring = factor.ring
        common = [min(m[i] for m in factor.monoms()) for i in range(ring.ngens)]
        pieces = [g**p for g, p in zip(ring.gens, common, strict=True) if p]
        if not pieces:
            return [factor]
        for piece in pieces:
            factor = factor.exquo(piece)
        return pieces if factor == 1 else [*pieces, factor]

    def _known_sign(self, poly: Any) -> int | None:
        return self.sign(self.field.poly_expr(poly))

    def quotient(self, coeff: FracElement, poly: Any) -> Expr:
        """The expression coeff/sqrt(poly), with the root of their common factor upstairs: it may vanish."""
        if poly == 1:
            return self.factored(coeff)
        common = coeff.numer.gcd(poly)
        if common.is_ground or self._value(common).imag:
            return self.factored(coeff) * Pow(self.field.poly_expr(poly), -Integer(1) / 2)
        if self._value(common).real < 0:
            common = -common
        rest = self.field.field_new_quotient(coeff.numer.exquo(common), coeff.denom)
        below = self.field.poly_expr(poly.exquo(common))
        return self.factored(rest) * Pow(self.field.poly_expr(common), Integer(1) / 2) * Pow(below, -Integer(1) / 2)

    def factored(self, element: FracElement) -> Expr:
        """The element as an expression, small polynomials as products of factors positive at the sample."""
        return self._product(element.numer) * Pow(self._product(element.denom), -1)

    def _product(self, poly: Any) -> Expr:
        if not 1 < len(poly) <= _MAX_FACTORED:
            return self.field.poly_expr(poly)
        content, factors = poly.factor_list()
        parts = []
        for factor, power in factors:
            if self._value(factor).real < 0:
                factor, content = -factor, content * (-1) ** power
            parts.append(Pow(self.field.poly_expr(factor), power))
        return Mul(self.field.poly_expr(poly.ring.ground_new(content)), *parts)


def _square_part(number: int) -> tuple[int, int]:
    """outer, inner with outer**2 * inner == number, for the primes below the trial limit."""
    outer = inner = 1
    for prime, power in factorint(number, limit=_TRIAL_LIMIT).items():
        outer *= prime ** (power // 2)
        inner *= prime ** (power % 2)
    return outer, inner

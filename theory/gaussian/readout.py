"""From a sum over field elements to an expression a person would write."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

from sympy import (
    Add,
    Expr,
    I,
    Mul,
    Rational,
    S,
    asin,
    cos,
    cosh,
    erf,
    erfi,
    exp,
    pi,
    sin,
    sinh,
    sqrt,
)
from sympy.polys.fields import FracElement

from theory.gaussian.field import CoefficientField
from theory.gaussian.functions import RealPart, conditional_score
from theory.gaussian.halfspaces import Scalar, Special, Sum
from theory.gaussian.orthants import orthant
from theory.gaussian.radicals import Radicals

__all__ = ["read_out"]

_Merged = tuple[FracElement, Any, int, tuple[Special, ...]]


def read_out(
    terms: Sum,
    field: CoefficientField,
    sign: Callable[[Expr], int | None],
    sample: dict[Expr, complex],
) -> Expr:
    """The value of a sum as an expression, collected on its transcendental atoms."""
    return _Readout(field, Radicals(field, sign, sample)).total(terms)


class _Readout:
    def __init__(self, field: CoefficientField, radicals: Radicals) -> None:
        self.field, self.radicals = field, radicals

    def total(self, terms: Sum) -> Expr:
        merged: dict[_Merged, FracElement] = {}
        for scalar, coeff in terms.items():
            outer, inner = self._root(scalar)
            key = (self.field.reduce(scalar.exponent), inner, scalar.pis, scalar.specials)
            value = self.field.reduce(coeff * outer)
            merged[key] = merged[key] + value if key in merged else value
        groups: dict[tuple[Expr, ...], list[Expr]] = {}
        for outside, inside in self._hyperbolic(self._folded(merged)):
            groups.setdefault(outside, []).append(inside)
        # The sum is real; a term that is not is replaced by its real part.
        return RealPart(Add(*(Mul(*outside, Add(*inside)) for outside, inside in groups.items())))

    def _folded(self, merged: dict[_Merged, FracElement]) -> dict[_Merged, FracElement]:
        """One term of every conjugate pair: the two have the same real part, and the sum is real."""
        position = self.field.imaginary_position
        if position is None:
            return merged
        kept: dict[_Merged, FracElement] = {}
        for key, coeff in merged.items():
            exponent, inner, pis, specials = key
            turned = tuple(Special(s.kind, self._conjugate(s.data)) for s in specials)
            mirror = (self.field.conjugate(exponent), self.field.conjugate_poly(inner, position), pis, turned)
            if mirror != key and mirror in kept:
                kept[mirror] = self.field.reduce(kept[mirror] + self.field.conjugate(coeff))
            else:
                kept[key] = coeff
        return kept

    def _conjugate(self, data: Any) -> Any:
        return tuple(map(self._conjugate, data)) if isinstance(data, tuple) else self.field.conjugate(data)

    def _root(self, scalar: Scalar) -> tuple[FracElement, Any]:
        return self.radicals.inverse_root(self.field.reduce(scalar.radicand))

    def _hyperbolic(self, merged: dict[_Merged, FracElement]) -> list[tuple[tuple[Expr, ...], Expr]]:
        """Terms as (outside, inside); exponentials that came from sine and cosine pair up to cosh and sinh."""
        read = []
        rest = {key: c for key, c in merged.items() if c}
        while rest:
            key, coeff = rest.popitem()
            partner = self._partner(key, coeff, rest)
            if partner is None:
                read.append(self._term(key, coeff))
                continue
            even = rest.pop(partner) == coeff
            middle, half = (key[0] + partner[0]) / 2, (key[0] - partner[0]) / 2
            outside, inside = self._term((middle, *key[1:]), 2 * coeff)
            wave = (cosh if even else sinh)(self.radicals.factored(half))
            read.append((outside, inside * wave))
        return read[::-1]

    def _partner(self, key: _Merged, coeff: FracElement, rest: dict[_Merged, FracElement]) -> _Merged | None:
        if self.field.imaginary_position is None or key[3] or self.field.split(key[0])[1]:
            return None
        for other, value in rest.items():
            if other[1:] == key[1:] and value in (coeff, -coeff) and not self.field.split(other[0])[1]:
                return other
        return None

    def _term(self, key: _Merged, coeff: FracElement) -> tuple[tuple[Expr, ...], Expr]:
        """Transcendental factors, and the algebraic coefficient."""
        exponent, inner, pis, specials = key
        functions = [self._special(s) for s in specials]
        for s in specials:
            if self._is_imaginary(s):
                coeff = self.field.reduce(coeff * self.field(I))
        scale = (2 * pi) ** Rational(-pis, 2)
        position = self.field.imaginary_position
        complex_root = position is not None and any(m[position] for m in inner.monoms())
        is_complex = complex_root or any(f.has(I) for f in functions)
        is_complex |= not (self.field.is_real_quotient(coeff) and self.field.is_real_quotient(exponent))
        if is_complex:
            if exponent:
                functions.append(exp(self.field.expr(exponent)))
            return tuple(functions), scale * self.radicals.quotient(coeff, inner)
        real, imag = self.field.split(exponent)
        if real:
            functions.append(exp(self.radicals.factored(real)))
        if self.field.imaginary_position is None:
            return tuple(functions), scale * self.radicals.quotient(coeff, inner)
        # The sum is real, so every term may be replaced by its real part.
        re, im = self.field.split(coeff)
        angle = self.radicals.factored(imag) if imag else S.Zero
        value = self.radicals.quotient(re, inner) * cos(angle)
        if imag:
            value -= self.radicals.quotient(im, inner) * sin(angle)
        return tuple(functions), scale * value

    def _scaled(self, mean: FracElement, variance: FracElement) -> Expr:
        """mean / sqrt(variance)."""
        coeff, inner = self.radicals.inverse_root(variance)
        return self.radicals.quotient(self.field.reduce(mean * coeff), inner)

    def _is_imaginary(self, special: Special) -> bool:
        """Is it erf(i y) = i erfi(y)?  The factor i then belongs to the coefficient."""
        if special.kind != "erf" or self.field.imaginary_position is None:
            return False
        real, imag = self.field.split(special.data[0])
        return bool(imag) and not real

    def _special(self, special: Special) -> Expr:
        data = special.data
        if special.kind == "erf":
            if self._is_imaginary(special):
                return erfi(self._scaled(self.field.split(data[0])[1], 2 * data[1]))
            return erf(self._scaled(data[0], 2 * data[1]))
        if special.kind == "asin":
            return asin(self._scaled(*data))
        if special.kind == "orthant":
            return self._orthant(data)
        score = self._score(data)
        return erf(score / sqrt(2)) if special.kind == "score_erf" else exp(-(score**2) / 2)

    def _score(self, data: tuple[Any, ...]) -> Expr:
        first, second, variance, other, cross = data
        return conditional_score(self._threshold(first), self._threshold(second), self._scaled(cross, variance * other))

    def _threshold(self, data: tuple[Any, ...]) -> Expr:
        return self._scaled(*data) if len(data) == 2 else self._score(data)

    def _orthant(self, data: tuple[Any, ...]) -> Expr:
        size = next(i for i, entry in enumerate(data) if not isinstance(entry, tuple))
        thresholds = [self._threshold(t) for t in data[:size]]
        variances = data[size : 2 * size]
        pairs = combinations(range(size), 2)
        covariances = zip(pairs, data[2 * size :], strict=True)
        return orthant(thresholds, {(i, j): self._scaled(c, variances[i] * variances[j]) for (i, j), c in covariances})

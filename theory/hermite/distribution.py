r"""Piecewise functions as distributions: smooth parts in a differential system, and point masses at the kinks.

$$ D\{f\} = \{f'\} + \sum_b (f(b^+) - f(b^-))\,\delta_b, \qquad
   x\,\delta_b^{(n)} = b\,\delta_b^{(n)} - n\,\delta_b^{(n-1)} $$

A part that behaves as a non-integer power at b carries no mass there: its derivatives are finite parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol

from theory.errors import UnsupportedError
from theory.gaussian.field import CoefficientField
from theory.gaussian.ordering import Ordering
from theory.hermite.differential import DifferentialSystem, Monomial
from theory.hermite.scalars import Scalars

__all__ = ["Calculus", "Distribution", "Problem", "pose"]


@dataclass(frozen=True)
class Problem:
    """A system over one field: common denominator, matrix and vectors times it, values at the kinks."""

    field: CoefficientField
    x: Symbol
    denominator: Any
    matrix: tuple[dict[int, Any], ...]
    vectors: tuple[dict[int, Any], ...]
    breaks: tuple[Any, ...]
    values: tuple[tuple[Any, ...], ...]  # of each monomial at each kink; None for a non-integer power
    q: Any
    one: int | None  # the place of the constant function in the basis


def pose(system: DifferentialSystem, breaks: Sequence[Expr], q: Expr) -> Problem:
    """The system with its coefficients in one field."""
    x = system.variable
    at_breaks = [[None if _is_power_at(m, x, b) else m.as_expr().subs(x, b) for m in system.basis] for b in breaks]
    data = [c for row in (*system.matrix, *system.vectors) for c in row.values()]
    constants = [v for values in at_breaks for v in values if v is not None]
    field = CoefficientField([*data, *constants, *breaks, q], [x])
    denominator = field.field.ring.one
    for c in data:
        denominator = denominator.lcm(field(c).denom)

    def cleared(row: dict[int, Expr]) -> dict[int, Any]:
        products = {i: field(c) * denominator for i, c in row.items()}
        # The field keeps integer contents below the bar.
        return {i: e.numer.quo_ground(e.denom.LC) for i, e in products.items()}

    return Problem(
        field,
        x,
        denominator,
        tuple(cleared(row) for row in system.matrix),
        tuple(cleared(row) for row in system.vectors),
        tuple(field(b) for b in breaks),
        tuple(tuple(None if v is None else field(v) for v in values) for values in at_breaks),
        field(q),
        next((i for i, m in enumerate(system.basis) if m == Monomial()), None),
    )


def _is_power_at(m: Monomial, x: Symbol, b: Expr) -> bool:
    """Proved nonzero bases give a value; a base that is zero, or may be, has none."""
    return any(Ordering().sign_or_none(base.subs(x, b).expand()) == 0 for base, _ in m.roots)


@dataclass(frozen=True)
class Distribution:
    """Numerators per piece and monomial over the common denominator to the power `level`, and masses per kink."""

    parts: list[list[Any]]
    masses: list[list[Any]]
    level: int


class Calculus:
    """Derivative, multiplication by x, and coordinates of distributions, over given scalars."""

    def __init__(self, problem: Problem, scalars: Scalars) -> None:
        self.scalars, self.size = scalars, len(problem.matrix)
        poly = scalars.polynomial
        ring = problem.field.field.ring
        self.zero, self.one, self.x = poly(ring.zero), poly(ring.one), poly(ring.gens[scalars.place])
        self.q = scalars.number(problem.q)
        self.denominator = poly(problem.denominator)
        self.slope = scalars.derivative(self.denominator)
        self.is_polynomial = self.denominator == self.one
        self.matrix = [{j: poly(c) for j, c in row.items()} for row in problem.matrix]
        self.breaks = [scalars.number(b) for b in problem.breaks]
        self.values = [[None if v is None else scalars.number(v) for v in values] for values in problem.values]
        self.place = problem.one
        vectors = [[poly(row[j]) if j in row else self.zero for j in range(self.size)] for row in problem.vectors]
        self.function = Distribution(vectors, [[] for _ in self.breaks], 0 if self.is_polynomial else 1)

    def monomial(self, power: int) -> Distribution:
        """The function x**power; it exists where the constants belong to the system."""
        part = [self.zero] * self.size
        assert self.place is not None
        part[self.place] = self.x**power
        return Distribution([part for _ in self.function.parts], [[] for _ in self.breaks], 0)

    def derivative(self, u: Distribution) -> Distribution:
        masses = [[self._jump(u, i), *mass] for i, mass in enumerate(u.masses)]
        level = u.level if self.is_polynomial else u.level + 1
        return Distribution([self._differentiated(part, u.level) for part in u.parts], masses, level)

    def _differentiated(self, part: list[Any], level: int) -> list[Any]:
        out = []
        for p in part:
            d = self.scalars.derivative(p)
            out.append(d if self.is_polynomial else d * self.denominator - p * self.slope * level)
        for i, row in enumerate(self.matrix):
            if part[i] != self.zero:
                for j, c in row.items():
                    out[j] = out[j] + part[i] * c
        return out

    def _jump(self, u: Distribution, i: int) -> Any:
        return self._value(u.parts[i + 1], i, u.level) - self._value(u.parts[i], i, u.level)

    def _value(self, part: list[Any], i: int, level: int) -> Any:
        b, total = self.breaks[i], self.scalars.zero
        below = self.scalars.coefficients(self.denominator)
        for p, value in zip(part, self.values[i], strict=True):
            if value is None or p == self.zero:
                continue
            top, bottom = self.scalars.coefficients(p), below
            order = 0
            while _horner(bottom, b, self.scalars.zero) == 0:
                bottom, order = _divided(bottom, b), order + 1
            for _ in range(order * level):
                if _horner(top, b, self.scalars.zero) != 0:
                    raise UnsupportedError("a piece has a pole at a breakpoint; write the piece without the pole")
                top = _divided(top, b)
            bottom_value = _horner(bottom, b, self.scalars.zero) ** level if level else None
            term = _horner(top, b, self.scalars.zero) * value
            total = total + (term if bottom_value is None else term / bottom_value)
        return total

    def times_x(self, u: Distribution) -> Distribution:
        masses = []
        for b, mass in zip(self.breaks, u.masses, strict=True):
            moved = [b * c for c in mass]
            for n in range(1, len(mass)):
                moved[n - 1] = moved[n - 1] - mass[n] * n
            masses.append(moved)
        return Distribution([[p * self.x for p in part] for part in u.parts], masses, u.level)

    def index_operator(self, u: Distribution) -> Distribution:
        """x D - q D^2, which multiplies the Hermite coefficient of index k by k."""
        first = self.derivative(u)
        second = self.derivative(first)
        left, right = self.raised(self.times_x(first), second.level), second
        parts = [
            [a - b * self.q for a, b in zip(p, r, strict=True)] for p, r in zip(left.parts, right.parts, strict=True)
        ]
        masses = []
        for a, b in zip(left.masses, right.masses, strict=True):
            padded = a + [self.scalars.zero] * (len(b) - len(a))
            masses.append([c - d * self.q for c, d in zip(padded, b, strict=True)])
        return Distribution(parts, masses, second.level)

    def raised(self, u: Distribution, level: int) -> Distribution:
        """The same distribution over a higher power of the denominator."""
        if u.level == level or self.is_polynomial:
            return u
        factor = self.denominator ** (level - u.level)
        return Distribution([[p * factor for p in part] for part in u.parts], u.masses, level)

    def columns(self, members: Sequence[Distribution]) -> list[list[Any]]:
        """Coordinates of distributions, one list for each, all of the same length."""
        level = max((u.level for u in members), default=0)
        raised = [self.raised(u, level) for u in members]
        blocks: list[list[list[Any]]] = []
        for u in raised:
            polys = [self.scalars.coefficients(p) for part in u.parts for p in part]
            blocks.append(polys + u.masses)
        widths = [max(len(b[i]) for b in blocks) for i in range(len(blocks[0]))] if blocks else []
        zero = self.scalars.zero
        return [
            [v for entries, width in zip(b, widths, strict=True) for v in entries + [zero] * (width - len(entries))]
            for b in blocks
        ]


def _horner(coefficients: Sequence[Any], point: Any, zero: Any) -> Any:
    total = zero
    for c in reversed(coefficients):
        total = total * point + c
    return total


def _divided(coefficients: Sequence[Any], root: Any) -> list[Any]:
    """The quotient by (x - root), the remainder being zero."""
    quotient: list[Any] = []
    carry = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        quotient.append(carry)
        carry = carry * root + c
    return quotient[::-1]

"""A recurrence run forward in ball arithmetic, from exact values at its first and singular indices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import sympy as sp
from flint import arb
from sympy import Expr

from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import PrecisionError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian
from theory.hermite.profile import activation_profile
from theory.hermite.sequence import coefficient_balls
from theory.symbols import k as INDEX

if TYPE_CHECKING:
    from theory.activations import Activation

__all__ = ["InitialValues", "largest_count", "march"]

_MEMORY = 1 << 30  # bytes for the coefficients returned
_BLOCK = 256
_WORST = 2.0  # decimal digits lost per index at which a run is given up


def largest_count(digits: int) -> int:
    """The largest index whose coefficients, at this many digits, fit the memory allowed."""
    return int(_MEMORY / (160 + 0.9 * digits))


class InitialValues:
    r"""Exact values $C_k = E[\varphi(\sqrt q\,Z)\,He_k(Z)]$ at single indices, as expressions and as balls."""

    def __init__(self, phi: Activation, q: Expr) -> None:
        self.phi, self.q, self.parity = phi, q, phi.parity
        self._expressions: dict[int, Expr] = {}

    def expression(self, index: int) -> Expr:
        """A closed form, or a `GaussianExpectation` node."""
        if self.parity is not None and (index % 2 == 0) == (self.parity == "odd"):
            return sp.S.Zero
        if index not in self._expressions:
            law = Gaussian(self.phi.variable, cov=[[self.q]])
            self._expressions[index] = expect(self._integrand(self.phi.expr, index), law, self.phi.assumptions)
        return self._expressions[index]

    def _integrand(self, part: Expr, index: int) -> Expr:
        """The Hermite polynomial in the variable of the activation."""
        x = self.phi.variable
        previous, current = sp.S.Zero, sp.S.One
        for n in range(index):
            previous, current = current, sp.expand(x * current - n * self.q * previous)
        return part * current / self.q ** sp.Rational(index, 2)

    def ball(self, index: int, digits: int) -> arb:
        """A ball with about this many digits."""
        value = self.expression(index)
        if value == 0:
            return arb(0)
        if not value.has(GaussianExpectation):
            return enclose(value, digits)
        with workprec(int(3.33 * digits) + 60):
            profile = activation_profile(self.phi, self.q)
            balls, _ = coefficient_balls(profile, index, -(digits + index) * math.log(10))
            return balls[index] * arb(index).fac().sqrt()


def march(coefficients: Sequence[Expr], start: int, initial: InitialValues, K: int, digits: int) -> list[arb]:
    r"""Balls around $C_k/\sqrt{k!}$ for k = 0, ..., K."""
    shifts = [j for j, p in enumerate(coefficients) if p != 0]
    extra = 12 if len(shifts) <= 2 else 12 + K // 25
    while True:
        found, lost_at = _attempt(coefficients, start, initial, K, digits, digits + extra)
        if lost_at is None:
            return found
        if extra > 40 + _WORST * K:
            raise PrecisionError(f"{digits} digits of the coefficients of {initial.phi} up to {K} were not reached")
        # Digits are lost at most linearly in the index, to leading order.
        extra = max(2 * extra, int(1.1 * extra * K / lost_at))


def _attempt(
    coefficients: Sequence[Expr], start: int, initial: InitialValues, K: int, digits: int, working: int
) -> tuple[list[arb], int | None]:
    """The balls, and the index at which the digits were lost."""
    order = len(coefficients) - 1
    bits, target = int(3.33 * working) + 30, int(3.33 * (digits + 6)) + 40
    with workprec(bits):
        columns = [_Values(p) for p in coefficients]
        window = [initial.ball(i, working) for i in range(min(start + order, K + 1))]
        out: list[arb] = []
        scale = _Scale(target)
        low = min(start, len(window))
        scale.append(out, window[:low])
        window = window[low:]
        for first in range(start, K - order + 1, _BLOCK):
            last = min(first + _BLOCK, K - order + 1)
            tables = [(j, c.table(first, last)) for j, c in enumerate(columns[:-1]) if not c.is_zero]
            _extend(window, tables, columns[-1].table(first, last), first, last, initial, working)
            scale.append(out, window[: last - first])
            window = window[last - first :]
            if len(tables) > 1 and _is_lost(out[-order - 2 :], digits):
                return out, (first + last) // 2
        scale.append(out, window)
    return out, None if _is_reached(out, digits) else K


def _extend(
    window: list[arb],
    tables: Sequence[tuple[int, list]],
    leading: list,
    first: int,
    last: int,
    initial: InitialValues,
    working: int,
) -> None:
    order = len(window)
    if len(tables) == 1 and not any(map(_may_vanish, leading)):
        ((j, factors),) = tables
        for i, below in enumerate(leading):
            value = window[i + j]
            if not value.is_zero():
                value = value * -factors[i] if below == 1 else value * -factors[i] / below
            window.append(value)
        return
    for i in range(last - first):
        if _may_vanish(leading[i]):
            window.append(initial.ball(first + i + order, working))
            continue
        total = arb(0)
        for j, factors in tables:
            total -= window[i + j] * factors[i]
        window.append(total / leading[i])


def _may_vanish(value: int | arb) -> bool:
    return bool(value.contains(0)) if isinstance(value, arb) else value == 0


class _Values:
    """A polynomial in k at a run of integers: integers where its coefficients are, balls otherwise."""

    def __init__(self, p: Expr) -> None:
        poly = sp.Poly(p, INDEX)
        numbers = poly.all_coeffs()
        self.is_zero = poly.is_zero
        if all(c.is_Integer for c in numbers):
            self.coefficients: list = [int(c) for c in numbers]
        else:
            self.coefficients = [ball_function(c)((), False).real for c in numbers]

    def table(self, first: int, last: int) -> list:
        """Values at first, ..., last - 1."""
        if len(self.coefficients) == 1:
            return self.coefficients * (last - first)
        if len(self.coefficients) == 2:
            a, b = self.coefficients
            return [a * i + b for i in range(first, last)]
        out = []
        for i in range(first, last):
            total = self.coefficients[0]
            for c in self.coefficients[1:]:
                total = total * i + c
            out.append(total)
        return out


class _Scale:
    """Running factor 1/sqrt(k!) at the precision of the result."""

    def __init__(self, bits: int) -> None:
        self.bits, self.index, self.factor = bits, 0, arb(1)

    def append(self, out: list[arb], values: Iterable[arb]) -> None:
        with workprec(self.bits):
            index, factor, waiting = self.index, self.factor, 1
            for value in values:
                waiting *= index or 1
                if not value.is_zero():
                    factor, waiting = factor * arb(waiting).rsqrt(), 1
                    value = value * factor
                out.append(value)
                index += 1
            self.index, self.factor = index, factor * arb(waiting).rsqrt()


def _is_lost(values: Sequence[arb], digits: int) -> bool:
    """Are all of these numbers known to fewer digits than asked for?"""
    known = [v.rel_accuracy_bits() for v in values if not v.is_zero()]
    return bool(known) and max(known) < 3.33 * digits


def _is_reached(values: Sequence[arb], digits: int) -> bool:
    need = 3.33 * digits + 2
    doubtful = [i for i, v in enumerate(values) if v.rel_accuracy_bits() < need and not v.is_zero()]
    small = arb(10) ** -digits
    for i in doubtful:
        near = max(v.abs_lower() for v in values[max(0, i - 2) : i + 3])
        if not values[i].rad() <= near * small:
            return False
    return True

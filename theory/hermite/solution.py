r"""A sequence in k: one formula for generic k, and exact values where the formula fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sympy import Add, Dummy, Eq, Expr, Mul, Piecewise, S, expand, factor, powsimp

from theory.hermite.polynomials import hermite_at_zero, hermite_he

__all__ = ["Collector", "J", "K", "Solution", "falling"]

# The index inside every rule; the symbol of the caller is put in last.
K = Dummy("k", integer=True, nonnegative=True)
# The index of finite sums.
J = Dummy("j", integer=True, nonnegative=True)

_MAX_FACTORED_OPS = 120

Values = Mapping[int, Expr]


@dataclass(frozen=True)
class Solution:
    """A sequence that equals `generic` at every k >= 0 but those in `special`."""

    generic: Expr
    special: Values = field(default_factory=dict)

    def at(self, k: int) -> Expr:
        """The exact value at an integer."""
        return self.special[k] if k in self.special else self.generic.subs(K, k).doit()

    def __add__(self, other: Solution) -> Solution:
        special = {k: expand(self.at(k) + other.at(k)) for k in sorted({*self.special, *other.special})}
        return Solution(self.generic + other.generic, special)

    def scaled(self, factor_: Expr) -> Solution:
        """The sequence times a constant."""
        return Solution(self.generic * factor_, {k: v * factor_ for k, v in self.special.items()})

    def shifted(self, m: int, factor_: Expr, first: Callable[[int], Expr]) -> Solution:
        """The sequence `factor * self(k - m)` for k >= m, and `first(k)` below."""
        special = {k: first(k) for k in range(m)} | {k + m: v * factor_ for k, v in self.special.items()}
        return Solution(self.generic.xreplace({K: K - m}) * factor_, special)

    def expr(self) -> Expr:
        """One expression in K."""
        branches = [(v, Eq(K, k)) for k, v in sorted(self.special.items())]
        return Piecewise(*branches, (self.generic, True)) if branches else self.generic


def falling(k: Expr, j: int) -> Expr:
    """The product k (k - 1) ... (k - j + 1)."""
    return Mul(*(k - i for i in range(j)))


class Collector:
    r"""Sum of terms $c(k)\,He_{k+s}^{[v]}(x)$, $f(k)$ and finitely many values, with equal terms merged."""

    def __init__(self) -> None:
        self._hermite: dict[tuple[Expr, Expr, int], Expr] = {}
        self._centred: dict[tuple[Expr, int], Expr] = {}
        self._other: list[Expr] = []
        self._negative: set[Expr] = set()
        self._failing: set[int] = set()
        self._finite: dict[int, Expr] = {}

    def add_hermite(self, coeff: Expr, shift: int, x: Expr, v: Expr) -> None:
        """The term coeff * He_{k+shift} of variance v at x; at x = 0 the degree may be negative."""
        if v.is_zero:
            if coeff != 0:
                self._other.append(coeff * x ** (K + shift))
        elif expand(x) == 0:
            self._centred[v, shift] = self._centred.get((v, shift), S.Zero) + coeff
        else:
            self._hermite[x, v, shift] = self._hermite.get((x, v, shift), S.Zero) + coeff

    def declare_negative(self, v: Expr) -> None:
        """A variance that is negative wherever the expectation exists."""
        self._negative.add(v)

    def declare_failing(self, last: int) -> None:
        """The terms are not valid at 0, ..., last."""
        self._failing |= set(range(last + 1))

    def add(self, term: Expr) -> None:
        """A term valid at every k >= 0."""
        self._other.append(term)

    def add_value(self, k: int, value: Expr) -> None:
        """A contribution at one index alone."""
        self._finite[k] = self._finite.get(k, S.Zero) + value

    def solution(self, exact: Callable[[int], Expr]) -> Solution:
        """The sum; `exact` gives the value of the sequence at the indices where the formula fails."""
        failing = self._failing | {k for k, value in self._finite.items() if expand(value) != 0}
        merged: dict[Expr, Expr] = {}
        for (x, v, shift), coeff in self._hermite.items():
            coeff = expand(coeff)
            failing |= {k for k in range(max(0, -shift)) if coeff.subs(K, k) != 0}
            # Mirrored arguments differ by the sign (-1)^k.
            sign, value = hermite_he(K + shift, x, v).as_independent(hermite_he)
            merged[value] = merged.get(value, S.Zero) + sign * coeff
        terms = [_tidy(coeff) * value for value, coeff in merged.items()]
        terms += self._other
        terms += self._at_zero()
        return Solution(Add(*(powsimp(t, combine="exp") for t in terms)), {k: exact(k) for k in sorted(failing)})

    def _at_zero(self) -> list[Expr]:
        """Terms at x = 0, each parity brought down to its lowest degree by the two-step recurrence."""
        lowest: dict[tuple[Expr, int], int] = {}
        for v, shift in self._centred:
            lowest[v, shift % 2] = min(shift, lowest.get((v, shift % 2), shift))
        total = dict.fromkeys(lowest, S.Zero)
        for (v, shift), coeff in self._centred.items():
            base = lowest[v, shift % 2]
            steps = (-v * (K + s + 1) for s in range(base, shift, 2))
            total[v, shift % 2] += coeff * Mul(*steps)
        terms = []
        for (v, parity), coeff in total.items():
            kept = _tidy(coeff)
            if kept != 0:
                terms.append(kept * hermite_at_zero(K + lowest[v, parity], v, v in self._negative))
        return terms


def _tidy(coeff: Expr) -> Expr:
    coeff = expand(coeff)
    return factor(coeff) if coeff.has(K) and coeff.count_ops() <= _MAX_FACTORED_OPS else coeff

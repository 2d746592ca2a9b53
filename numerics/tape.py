"""Straight-line programs of real expressions, for the machines in `numerics.loops` that bound their own rounding.

Every node becomes one row; a constant part becomes one constant, held as a pair of doubles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import sympy as sp
from flint import arb
from numpy.typing import NDArray

from numerics.float_forms import EXTRA, difference_of_squares
from numerics.loops import tape_double as machine
from numerics.stable_forms import UpperOrthant, elementary
from theory.balls import workprec
from theory.enclosure import enclose
from theory.errors import TheoryError, UnsupportedError
from theory.gaussian.functions import conditional_score

__all__ = ["FIRST_ROW", "Tape", "TapeWriter", "quadrature_tables", "tape"]

_ONE_PLACE = {
    sp.exp: machine.EXP,
    sp.log: machine.LOG,
    sp.erf: machine.ERF,
    sp.erfc: machine.ERFC,
    EXTRA["upper_erf"]: machine.ERFC,
    sp.asin: machine.ASIN,
    sp.atan: machine.ATAN,
    sp.sinh: machine.SINH,
    sp.cosh: machine.COSH,
    sp.Abs: machine.ABS,
}
_REST = 2.0**-105  # relative error of a pair
_DIGITS = 40
# Nodes on [0, 1] of the quadratures: half-line and interval in doubles, the same in pairs.
_ORDERS = (30, 14, 72, 26)


@dataclass(frozen=True)
class Tape:
    """Rows (operation, a, b, c, same), and the constants (high, low, error) that follow the `arity` arguments."""

    arity: int
    rows: NDArray[np.int64]
    constants: NDArray[np.float64]

    @property
    def start(self) -> NDArray[np.float64]:
        """Fresh registers (register, 2) with the constants in place."""
        return self._filled(self.constants[:, :2])

    def bounds(self, pairs: bool) -> NDArray[np.float64]:
        """Fresh error bounds, of the constants as pairs or as single doubles."""
        return self._filled(self.constants[:, 2] if pairs else np.abs(self.constants[:, 1]) + self.constants[:, 2])

    def _filled(self, constants: NDArray[np.float64]) -> NDArray[np.float64]:
        number = len(constants)
        values = np.zeros((self.arity + number + len(self.rows), *constants.shape[1:]))
        values[self.arity : self.arity + number] = constants
        return values


def tape(expr: sp.Expr, args: Sequence[sp.Symbol]) -> Tape:
    """Program of the function args -> expr.

    Raises
    ------
    UnsupportedError
        for a function without a row; the message names it.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> len(tape(sp.exp(x) + 1, [x]).rows)
    3
    """
    writer = TapeWriter(args)
    last = writer.place(expr)
    arity = len(args)
    # A row of its own for the result, which the machines read from the last register.
    writer.rows.append((machine.ADD, last, writer.constant(sp.S.Zero), 0, 0))
    number = len(writer.constants)
    rows = np.array([[row[0], *(_settled(i, arity, number) for i in row[1:4]), row[4]] for row in writer.rows])
    return Tape(arity, rows.astype(np.int64), np.array(list(writer.constants.values())))


def _settled(index: int, arity: int, number: int) -> int:
    """Register of an argument (0, 1, ...), a constant (-1, -2, ...) or a row (from `FIRST_ROW` on)."""
    if index < 0:
        return arity - 1 - index
    return index if index < FIRST_ROW else arity + number + index - FIRST_ROW


FIRST_ROW = 1_000_000


class TapeWriter:
    """Rows of expressions; places count arguments from 0, constants down from -1, rows up from `FIRST_ROW`."""

    def __init__(self, args: Sequence[sp.Symbol]) -> None:
        self.rows: list[tuple[int, int, int, int, int]] = []
        self.constants: dict[sp.Expr, tuple[float, float, float]] = {}
        self.places: dict[sp.Expr, int] = {a: i for i, a in enumerate(args)}

    def place(self, expr: sp.Expr) -> int:
        found = self.places.get(expr)
        if found is None:
            found = self.places[expr] = self.constant(expr) if not expr.free_symbols else self.written(expr)
        return found

    def row(self, op: int, a: int, b: int = 0, c: int = 0, same: int = 0) -> int:
        self.rows.append((op, a, b, c, same))
        return FIRST_ROW + len(self.rows) - 1

    def constant(self, expr: sp.Expr) -> int:
        if expr not in self.constants:
            self.constants[expr] = _triple(expr)
        return -1 - list(self.constants).index(expr)

    def written(self, expr: sp.Expr) -> int:
        if isinstance(expr, sp.Add):
            return self.sum(expr)
        if isinstance(expr, sp.Mul):
            return self.product(expr)
        if isinstance(expr, sp.exp):
            return self.row(machine.EXP, self.place(expr.args[0]))
        if isinstance(expr, sp.Pow):
            return self.power(*expr.args)
        if expr.func in _ONE_PLACE:
            return self.row(_ONE_PLACE[expr.func], self.place(expr.args[0]))
        if isinstance(expr, sp.acos):
            return self.place(sp.pi / 2 - sp.asin(expr.args[0]))
        if isinstance(expr, conditional_score):
            k, h, r = expr.args
            return self.row(machine.SCORE, self.place(h), self.place(k), self.place(r), _likeness(h, k))
        if isinstance(expr, UpperOrthant):
            h, k, r = expr.args
            return self.row(machine.ORTHANT, self.place(h), self.place(k), self.place(r), _likeness(h, k))
        if isinstance(expr, sp.Max):
            return self.chain(machine.MAX, [self.place(a) for a in expr.args])
        if isinstance(expr, sp.Min):
            return self.place(-sp.Max(*(-a for a in expr.args)))
        name = expr.name if isinstance(expr, sp.Symbol) else expr.func.__name__
        raise UnsupportedError(f"{name} has no row in a program with error bounds")

    def chain(self, op: int, places: list[int]) -> int:
        result = places[0]
        for place in places[1:]:
            result = self.row(op, result, place)
        return result

    def sum(self, expr: sp.Add) -> int:
        squares = difference_of_squares(expr)
        if squares is not None:
            a, b = squares
            return self.row(machine.MULTIPLY, self.place(a - b), self.place(a + b))
        moving = [a for a in expr.args if a.free_symbols]
        fixed = sp.Add(*(a for a in expr.args if not a.free_symbols))
        return self.chain(machine.ADD, [self.place(a) for a in ([fixed] if fixed else []) + moving])

    def product(self, expr: sp.Mul) -> int:
        fixed, moving = expr.as_independent(*expr.free_symbols, as_Add=False)
        above: list[int] = []
        below: list[int] = []
        for factor in sp.Mul.make_args(moving):
            inverse = isinstance(factor, sp.Pow) and bool(factor.exp.is_Rational) and bool(factor.exp.is_negative)
            (below if inverse else above).append(self.place(1 / factor if inverse else factor))
        if fixed not in (1, -1):
            above.insert(0, self.constant(fixed))
        result = self.chain(machine.MULTIPLY, above) if above else self.constant(sp.S.One)
        if below:
            result = self.row(machine.DIVIDE, result, self.chain(machine.MULTIPLY, below))
        return self.row(machine.NEGATE, result) if fixed == -1 else result

    def power(self, base: sp.Expr, exponent: sp.Expr) -> int:
        if exponent.is_Rational and exponent.is_negative:
            return self.row(machine.DIVIDE, self.constant(sp.S.One), self.place(base**-exponent))
        if exponent.is_Integer:
            half = base ** (exponent // 2)
            square = self.row(machine.MULTIPLY, self.place(half), self.place(half))
            return square if exponent % 2 == 0 else self.row(machine.MULTIPLY, square, self.place(base))
        if exponent.is_Rational and exponent.q == 2:
            root = self.places.get(sp.sqrt(base))
            if root is None:
                root = self.places[sp.sqrt(base)] = self.row(machine.ROOT, self.place(base))
            whole = exponent.p // 2
            return root if whole == 0 else self.row(machine.MULTIPLY, root, self.place(base**whole))
        logarithm = self.row(machine.LOG, self.place(base))
        return self.row(machine.EXP, self.row(machine.MULTIPLY, self.place(exponent), logarithm))


def _likeness(h: sp.Expr, k: sp.Expr) -> int:
    """1 for k = h, -1 for k = -h, else 0."""
    return 1 if h == k else -1 if sp.expand(h + k) == 0 else 0


def _triple(expr: sp.Expr) -> tuple[float, float, float]:
    """The constant as a pair, and the error of the pair."""
    try:
        value = enclose(elementary(expr), _DIGITS)
    except TheoryError as error:
        raise UnsupportedError(f"a program needs real constants; received {expr} ({error})") from None
    if not expr.is_extended_real:
        raise UnsupportedError(f"a program needs real constants; received {expr}")
    high, low = _split(value)
    exact = expr.is_Rational and Fraction(high) + Fraction(low) == Fraction(int(expr.p), int(expr.q))
    return high, low, 0.0 if exact else _REST * abs(high)


def _split(value: arb) -> tuple[float, float]:
    with workprec(200):
        middle = value.mid()
        high = float(middle)
        return high, float((middle - arb(high)).mid())


@cache
def quadrature_tables() -> tuple[NDArray[np.float64], ...]:
    """Gauss-Legendre nodes and weights on [0, 1] as pairs: columns node, its rest, weight, its rest."""
    tables = []
    for order in _ORDERS:
        rows = []
        for i in range(order):
            with workprec(200):
                node, weight = arb.legendre_p_root(order, i, weight=True)
                rows.append((*_split((1 + node) / 2), *_split(weight / 2)))
        tables.append(np.array(rows))
    return tuple(tables)

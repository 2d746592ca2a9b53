r"""Functions of a correlation with a bound on the error of every value.

A program is run in doubles, where it tells its own error; what is not settled there is run in pairs of doubles, and
what cancels beyond that is enclosed with balls.  A value is settled once its bound is at most `TOLERANCE` times the
value, or times the Cauchy-Schwarz scale

$$ |f(\rho; q_1, q_2)| \le \sqrt{f(1; q_1, q_1)\, f(1; q_2, q_2)}, $$

which every dual activation obeys.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import sympy as sp
from flint import acb, arb
from numpy.typing import NDArray

from numerics.angle_series import chebyshev_pieces
from numerics.loops.tape_double import run_double
from numerics.loops.tape_pair import run_pair
from numerics.stable_forms import UpperOrthant, stable_form
from numerics.tape import Tape, quadrature_tables, tape
from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.gaussian.expectation import GaussianExpectation
from theory.gaussian.functions import Phi2, conditional_score, phi2

__all__ = [
    "TOLERANCE",
    "Bounded",
    "BoundedFunction",
    "asks_for_bounds",
    "bounded_function",
    "correlation_index",
    "is_elementary",
    "run_program",
]

TOLERANCE = 8e-15
_VANISHING = 1e-300  # below it underflow decides
_BITS = (128, 512, 2048)
_DIGITS = 40
_OF_PAIRS = (Phi2, phi2, conditional_score, GaussianExpectation)
Array = NDArray[np.float64]


_GRID = 2001
_PLAIN_ROWS = 120  # longer programs stay programs: compiling them would take long
_PLAIN_TOLERANCE = 4e-15


class Bounded(Protocol):
    """Values with error bounds, and the quicker ways to as good values: None where there is no such way.

    `plain` is an expression for plain code, `pieces` holds the coefficients of `numerics.loops.angle`.
    """

    source: str

    @property
    def plain(self) -> sp.Expr | None: ...

    @property
    def pieces(self) -> Array | None: ...

    def __call__(self, *columns: Array) -> tuple[Array, Array]: ...


def asks_for_bounds(expr: sp.Expr, symbols: Sequence[sp.Symbol]) -> bool:
    """Whether the expression is a function of a correlation."""
    expr = sp.sympify(expr, strict=True)
    return correlation_index(expr, symbols) is not None or expr.has(*_OF_PAIRS)


def is_elementary(expr: sp.Expr) -> bool:
    """Whether plain code may stand in for a program."""
    return not sp.sympify(expr, strict=True).has(*_OF_PAIRS)


def bounded_function(expr: sp.Expr, symbols: Sequence[sp.Symbol]) -> Bounded:
    """The function args -> expr with error bounds: a series where `expr` holds an expectation, else a program."""
    expr = sp.sympify(expr, strict=True)
    if expr.has(GaussianExpectation):
        from numerics.bounded_series import BoundedSeries

        return BoundedSeries(expr, symbols)
    return BoundedFunction(expr, symbols)


def correlation_index(expr: sp.Expr, symbols: Sequence[sp.Symbol]) -> int | None:
    """Place of the correlation: the argument named rho, or one that stands where only a correlation can."""
    named = [i for i, s in enumerate(symbols) if s.name == "rho"]
    if named:
        return named[0]
    places = [a.args[-1] for a in expr.atoms(Phi2, phi2, conditional_score, sp.asin, sp.acos)]
    return next((i for i, s in enumerate(symbols) if s in places or -s in places), None)


class BoundedFunction:
    """The function args -> expr in doubles with error bounds.

    Raises
    ------
    UnsupportedError
        for a function without a row in a program.

    Examples
    --------
    >>> rho = sp.Symbol("rho", real=True)
    >>> value, bound = BoundedFunction(rho * sp.asin(rho) + sp.sqrt(1 - rho**2), [rho])(np.array([1.0]))
    >>> bool(abs(value[0] - np.pi / 2) <= bound[0] < 1e-15)
    True
    """

    def __init__(self, expr: sp.Expr, symbols: Sequence[sp.Symbol]) -> None:
        self.expr, self.symbols = expr, list(symbols)
        self.form = stable_form(expr)
        self.tape = tape(self.form, self.symbols)
        self.fine_tape = tape(stable_form(expr, scores=True), self.symbols)
        self.correlation = correlation_index(expr, self.symbols)
        self.source = "\n".join(map(str, [*self.tape.constants.tolist(), *self.tape.rows.tolist()]))

    def __call__(self, *columns: Array) -> tuple[Array, Array]:
        """Values and error bounds at one-dimensional columns of arguments of one length."""
        points = np.ascontiguousarray(np.stack(columns))
        inside = np.isfinite(points).all(axis=0)
        if self.correlation is not None:
            inside &= np.abs(points[self.correlation]) <= 1
            for i in self.variances:
                inside &= points[i] >= 0
        value = np.full(points.shape[1], np.nan)
        bound = np.full(points.shape[1], np.inf)
        if self.equal is not None:
            first, second = self.variances
            equal = inside & (points[first] == points[second])
            if equal.any():
                value[equal], bound[equal] = self.equal(*np.delete(points[:, equal], second, axis=0))
                inside &= ~equal
        rows = np.flatnonzero(inside)
        for evaluate in (self._doubles, self._pairs, self._balls):
            value[rows], bound[rows] = evaluate(points[:, rows])
            rows = rows[~self._settled(points[:, rows], value[rows], bound[rows])]
            if not rows.size:
                break
        return value, bound

    @cached_property
    def plain(self) -> sp.Expr | None:
        """The form of the function whose code in doubles, without bounds, is good on the whole of [-1, 1]."""
        if self.correlation is None or len(self.symbols) != 1 or self.scale is None:
            return None
        if len(self.tape.rows) > _PLAIN_ROWS or self.form.has(UpperOrthant, conditional_score):
            return None
        near = 0.5 ** np.arange(1.0, 54.0)
        points = np.concatenate([np.cos(np.linspace(0.0, np.pi, _GRID)), 1 - near, near - 1, near, -near])[None, :]
        _, bound = self._doubles(points)
        return self.form if (bound <= _PLAIN_TOLERANCE * self.scale(points)).all() else None

    @cached_property
    def pieces(self) -> Array | None:
        """Piecewise Chebyshev series in the angle, where the correlation is the only argument."""
        if self.correlation is None or len(self.symbols) != 1 or self.scale is None:
            return None

        def values(high: Array, low: Array) -> tuple[Array, Array]:
            return run_program(self.fine_tape, high[None, :], pairs=True, rests=low[None, :])

        return chebyshev_pieces(values, float(self.scale(np.ones((1, 1)))[0]))

    @cached_property
    def variances(self) -> list[int]:
        """Places of the variances, the arguments named q, q1 and q2."""
        return [i for i, s in enumerate(self.symbols) if s.name in ("q", "q1", "q2")]

    @cached_property
    def equal(self) -> BoundedFunction | None:
        """The function at equal variances, where thresholds that depend on them coincide exactly."""
        if len(self.variances) != 2:
            return None
        first, second = (self.symbols[i] for i in self.variances)
        return BoundedFunction(self.expr.subs(second, first), [s for s in self.symbols if s != second])

    def _settled(self, points: Array, value: Array, bound: Array) -> NDArray[np.bool_]:
        good = bound <= TOLERANCE * np.abs(value) + _VANISHING
        rest = np.flatnonzero(~good & np.isfinite(bound))
        if rest.size and self.scale is not None:
            good[rest] = bound[rest] <= TOLERANCE * self.scale(points[:, rest])
        return good

    @cached_property
    def scale(self) -> Callable[[Array], Array] | None:
        """Cauchy-Schwarz scale at columns of arguments; None where the other arguments are not its variances."""
        if self.correlation is None or len(self.symbols) != 1 + len(self.variances) or len(self.variances) > 2:
            return None
        rho, variances = self.symbols[self.correlation], [self.symbols[i] for i in self.variances]
        try:
            top = self.expr.subs(dict.fromkeys(variances, variances[0])).subs(rho, 1) if variances else None
            diagonal = None if top is None else tape(stable_form(top), variances[:1])
            constant = None if variances else float(enclose(self.expr.subs(rho, 1), _DIGITS))
        except (TheoryError, TypeError):
            return None

        def scale(points: Array) -> Array:
            if diagonal is None:
                return np.full(points.shape[1], abs(constant or 0.0))
            product = np.ones(points.shape[1])
            for i in (self.variances * 2)[:2]:
                value, bound = run_program(diagonal, points[i : i + 1], pairs=False)
                doubtful = np.flatnonzero(~(bound <= 1e-3 * np.abs(value)))
                if doubtful.size:
                    value[doubtful], bound[doubtful] = run_program(diagonal, points[i : i + 1, doubtful], pairs=True)
                product *= np.sqrt(np.maximum(np.nan_to_num(np.abs(value) - bound), 0.0))
            return product

        return scale

    def _doubles(self, points: Array) -> tuple[Array, Array]:
        return run_program(self.tape, points, pairs=False)

    def _pairs(self, points: Array) -> tuple[Array, Array]:
        value, bound = run_program(self.fine_tape, points, pairs=True)
        return value, bound + 2.0**-53 * np.abs(value)

    def _balls(self, points: Array) -> tuple[Array, Array]:
        pairs = [self._ball(column) for column in points.T]
        value, bound = np.array(pairs).T if pairs else (np.empty(0), np.empty(0))
        return value, bound

    def _ball(self, column: Array) -> tuple[float, float]:
        """Value and bound from balls of growing precision; at the ends of the correlation from the exact limit."""
        try:
            # A threshold over a vanishing standard deviation is infinite: the formula has no value there.
            if any(column[i] == 0 for i in self.variances):
                return np.nan, np.inf
            if self.correlation is not None and abs(column[self.correlation]) == 1:
                return self._limit(column)
            arguments = [acb(arb(float(a))) for a in column]
            for bits in _BITS:
                with workprec(bits):
                    ball = ball_function(self.expr, self.symbols)(arguments, False)
                    value, radius = float(ball.real.mid()), float(ball.real.rad())
                    if not ball.imag.contains(0):
                        break
                settled = radius <= max(1e-17 * abs(value), _VANISHING - abs(value))
                if settled and math.isfinite(value):
                    return value, radius + 2.0**-53 * abs(value)
        except (TheoryError, TypeError, ValueError, OverflowError):
            pass
        return np.nan, np.inf

    def _limit(self, column: Array) -> tuple[float, float]:
        exact = {s: sp.Rational(float(a)) for s, a in zip(self.symbols, column, strict=True)}
        rho = self.symbols[self.correlation or 0]
        others = self.expr.subs({s: a for s, a in exact.items() if s != rho})
        limit = others.subs(rho, exact[rho])
        with workprec(_BITS[0]):
            if not ball_function(limit)((), False).imag.contains(0):
                return np.nan, np.inf
        value = float(enclose(limit, _DIGITS))
        return value, 2.0**-52 * abs(value)


def run_program(program: Tape, points: Array, pairs: bool, rests: Array | None = None) -> tuple[Array, Array]:
    """Values and bounds of a program at `points`, or in pairs at points + rests."""
    value, bound = np.empty(points.shape[1]), np.empty(points.shape[1])
    tables = quadrature_tables()
    columns = np.ascontiguousarray(points)
    if pairs:
        columns = np.stack([points, np.zeros_like(points) if rests is None else rests], axis=-1)
    registers: Any = program.start if pairs else program.start[:, 0].copy()
    machine = run_pair if pairs else run_double
    with np.errstate(all="ignore"):
        machine(program.rows, registers, program.bounds(pairs), columns, tables, value, bound)
    bound[~np.isfinite(value) | np.isnan(bound)] = np.inf
    return value, bound

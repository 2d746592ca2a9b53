r"""Duals of an activation with closed forms, at arrays of pairs.

The closed forms run as plain code for the variances at which that code agrees with balls to $10^{-13}$ of the scale
$\sqrt{f(1; q_1, q_1) f(1; q_2, q_2)}$; beyond them, and for functions of two Gaussian variables, as programs with
error bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import ceil, floor, log10

import numpy as np
import sympy as sp
from flint import acb, arb
from numpy.typing import NDArray

from numerics.angle_tables import AngleTables
from numerics.codegen import CompiledFunction, compile
from numerics.stable_forms import elementary, stable_form
from theory.activations import Activation
from theory.balls import ball_function, workprec
from theory.closedness import is_closed_form
from theory.errors import DivergenceError, TheoryError, UnsupportedError

__all__ = ["ClosedDuals"]

Array = NDArray[np.float64]
_RHO = sp.Symbol("rho", real=True)
_Q, _Q1, _Q2 = sp.symbols("q q1 q2", positive=True)
_POWERS = range(-6, 5)
_CORRELATIONS = (-1 + 1e-7, -0.9, -0.3, 0.0, 0.2, 0.7, 0.99, 1 - 1e-7)
_TOLERANCE = 1e-13
_BITS = 300
_MANY = 2000  # pairs from which tables are worth their making
_GROWING = (128, 512, 2048, 8192)


class ClosedDuals:
    """Duals of the activation and of its derivative, their values at correlation one, and means."""

    def __init__(self, phi: Activation, dual: sp.Expr, square: sp.Expr) -> None:
        self.phi = phi
        self.square = _Single(square)
        self.dual = _Function(dual, self.square)
        self.slope: _Function | None = None
        self.slope_square: _Single | None = None
        try:
            phi.derivative()
        except UnsupportedError:
            return
        self.slope_square = _Single(phi.dual_derivative(1, _Q, _Q))
        self.slope = _Function(phi.dual_derivative(_RHO, _Q1, _Q2), self.slope_square)

    @classmethod
    def of(cls, phi: Activation) -> ClosedDuals | None:
        """The duals, or None where one of them is not closed."""
        try:
            dual, square = phi.dual(_RHO, _Q1, _Q2), phi.dual(1, _Q, _Q)
            if not (_closed(dual) and _closed(square)):
                return None
            found = cls(phi, dual, square)
        except UnsupportedError:
            return None
        forms = [f.expr for f in (found.slope, found.slope_square) if f is not None]
        return found if all(map(_closed, forms)) else None

    def values(
        self, rho: Array, q: Array, i: NDArray[np.intp], j: NDArray[np.intp], with_means: bool
    ) -> tuple[Array, Array | None, Array, Array | None, Array | None]:
        """Mean squares, those of the derivative, duals of the pairs, those of the derivative, means."""
        square = self.square(q)
        if not (np.isfinite(square).all() and (square >= 0).all()):
            worst = q[~(np.isfinite(square) & (square >= 0))][0]
            raise DivergenceError(
                f"the mean square of the activation has no finite value in double precision at variance {worst:.6g}"
            )
        slope_square = None if self.slope_square is None else self.slope_square(q)
        slope = None if self.slope is None else self.slope(rho, q, i, j)
        return square, slope_square, self.dual(rho, q, i, j), slope, self.means(q) if with_means else None

    def means(self, q: Array) -> Array:
        """Means at the variances."""
        return self._mean(q)

    @cached_property
    def _mean(self) -> _Single:
        return _Single(self.phi.moment(1, _Q))

    def at_zero(self) -> float:
        """The activation at zero."""
        return float(self.phi(0))


def _closed(expr: sp.Expr) -> bool:
    cases = [value for value, _ in expr.args] if isinstance(expr, sp.Piecewise) else [expr]
    return is_closed_form(cases[0]) or bool(cases[0].is_number)


def _first(expr: sp.Expr) -> sp.Expr:
    """The first case; where it does not hold the mean square is infinite, which is found on the diagonal."""
    return expr.args[0][0] if isinstance(expr, sp.Piecewise) and not is_closed_form(expr) else expr


class _Single:
    """A closed form in one variance."""

    def __init__(self, expr: sp.Expr) -> None:
        self.expr = expr
        cases = expr.args if isinstance(expr, sp.Piecewise) else ()
        closed = [(v, c) for v, c in cases if is_closed_form(v)]
        self.form = sp.Piecewise(*closed, (sp.oo, True)) if len(closed) < len(cases) else expr
        self.first = _first(expr)

    def __call__(self, q: Array) -> Array:
        if self._reach.covers(q):
            return self._function(q)
        distinct, place = np.unique(q, return_inverse=True)
        return np.array([self._value(float(v)) for v in distinct])[place]

    def _value(self, q: float) -> float:
        """Value from balls; from plain code where they do not reach, as at a variance without a mean square."""
        try:
            for bits in _GROWING:
                with workprec(bits):
                    ball = ball_function(self._tails, [_Q])([acb(arb(q))], False).real
                    if ball.is_finite() and (ball.rel_accuracy_bits() > 60 or ball == 0):
                        return float(ball)
        except (TheoryError, TypeError, ValueError, OverflowError):
            pass
        with np.errstate(all="ignore"):
            value = float(self._function(np.array([q]))[0])
        return value if self.form.has(sp.Piecewise) else np.nan

    @cached_property
    def _tails(self) -> sp.Expr:
        """The form whose tails keep their digits where a difference from one would need millions of bits."""
        return self.form if self.form.has(sp.Piecewise) else elementary(stable_form(self.form))

    @cached_property
    def _reach(self) -> _Reach:
        return _Reach(self._agrees)

    def _agrees(self, q: float) -> bool:
        points = np.array([q, 3 * q])
        exact = np.array([self._value(float(v)) for v in points])
        return bool((np.abs(self._function(points) - exact) <= _TOLERANCE * np.abs(exact)).all())

    @cached_property
    def _function(self) -> CompiledFunction:
        return _compiled(self.form, [_Q])


class _Function:
    """A closed form in a correlation and two variances."""

    def __init__(self, expr: sp.Expr, square: _Single) -> None:
        self.expr, self.form, self.square = expr, _first(expr), square

    def __call__(self, rho: Array, q: Array, i: NDArray[np.intp], j: NDArray[np.intp]) -> Array:
        if not rho.size:
            return np.empty(0)
        if self._plain is not None and self._reach.covers(q):
            return self._plain(rho, q[i], q[j])
        if len(rho) < _MANY or q.min() <= 0:
            return self._bounded(rho, q[i], q[j])
        return self._tables(rho, q, i, j)

    @cached_property
    def _tables(self) -> AngleTables:
        return AngleTables(self._bounded, lambda q: np.sqrt(self.square(q)))

    @cached_property
    def _plain(self) -> CompiledFunction | None:
        try:
            return compile(self.form, [_RHO, _Q1, _Q2], target="numpy")
        except UnsupportedError:
            return None

    @cached_property
    def _bounded(self) -> CompiledFunction:
        return compile(self.form, [_RHO, _Q1, _Q2])

    @cached_property
    def _reach(self) -> _Reach:
        return _Reach(self._agrees)

    def _agrees(self, q: float) -> bool:
        points = [(r, *pair) for r in _CORRELATIONS for pair in ((q, q), (q, 1.0), (q, 3 * q))]
        columns = np.array(points).T
        if self._plain is None:
            return False
        with np.errstate(all="ignore"):
            values = self._plain(*columns)
        try:
            with workprec(_BITS):
                form, square = ball_function(self.form, [_RHO, _Q1, _Q2]), ball_function(self.square.first, [_Q])
                scale = {p: square([acb(arb(p))], False).real for p in {p for _, *pair in points for p in pair}}
                for value, point in zip(values, points, strict=True):
                    ball = form([acb(arb(v)) for v in point], False).real
                    size = (scale[point[1]] * scale[point[2]]).sqrt()
                    if not (np.isfinite(value) and bool(abs(ball - arb(float(value))) < _TOLERANCE * size)):
                        return False
        except (TheoryError, TypeError, ValueError):
            return False
        return True


class _Reach:
    """Powers of ten around one at which plain code agrees with balls, tried when variances ask for them."""

    def __init__(self, agrees: Callable[[float], bool]) -> None:
        self.agrees = agrees
        self.seen: dict[int, bool] = {}

    def covers(self, q: Array) -> bool:
        """Whether the code agrees at all powers from one to beyond the variances."""
        smallest, largest = float(q.min()), float(q.max())
        if not 10.0 ** _POWERS[0] <= smallest <= largest <= 10.0 ** _POWERS[-1]:
            return False
        low, high = min(0, floor(log10(smallest))), max(0, ceil(log10(largest)))
        return all(map(self._good, [*range(high + 1), *range(-1, low - 1, -1)]))

    def _good(self, power: int) -> bool:
        if power not in self.seen:
            self.seen[power] = self.agrees(10.0**power)
        return self.seen[power]


def _compiled(expr: sp.Expr, symbols: list[sp.Symbol]) -> CompiledFunction:
    try:
        return compile(expr, symbols, target="numpy")
    except UnsupportedError:
        return compile(expr, symbols)

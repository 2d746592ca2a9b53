r"""Duals of an activation with closed forms, at arrays of pairs.

The closed forms run as plain code for the variances at which that code agrees with balls to $10^{-13}$ of the scale
$\sqrt{f(1; q_1, q_1) f(1; q_2, q_2)}$; beyond them, and for functions of two Gaussian variables, as programs with
error bounds.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import sympy as sp
from flint import acb, arb
from numpy.typing import NDArray

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
_DECADES = [10.0**e for e in range(-6, 5)]
_CORRELATIONS = (-1 + 1e-7, -0.9, -0.3, 0.0, 0.2, 0.7, 0.99, 1 - 1e-7)
_TOLERANCE = 1e-13
_BITS = 300
_GROWING = (128, 512, 2048, 8192)


class ClosedDuals:
    """Duals of the activation and of its derivative, their values at correlation one, and means."""

    def __init__(self, phi: Activation, dual: sp.Expr, square: sp.Expr) -> None:
        self.phi = phi
        self.dual, self.square = _Function(dual, square), _Single(square)
        self.slope: _Function | None = None
        self.slope_square: _Single | None = None
        try:
            phi.derivative()
        except UnsupportedError:
            return
        derived = [phi.dual_derivative(*arguments) for arguments in ((_RHO, _Q1, _Q2), (1, _Q, _Q))]
        self.slope, self.slope_square = _Function(*derived), _Single(derived[1])

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

    def __call__(self, q: Array) -> Array:
        low, high = self._range
        if bool(((q >= low) & (q <= high)).all()):
            return self._function(q)
        distinct, place = np.unique(q, return_inverse=True)
        return np.array([self._value(float(v)) for v in distinct])[place]

    def _value(self, q: float) -> float:
        """Value from balls; from plain code where they do not reach, as at a variance without a mean square."""
        # Tails keep their digits where a difference from one would need millions of bits.
        form = self.form if self.form.has(sp.Piecewise) else elementary(stable_form(self.form))
        try:
            for bits in _GROWING:
                with workprec(bits):
                    ball = ball_function(form, [_Q])([acb(arb(q))], False).real
                    if ball.is_finite() and (ball.rel_accuracy_bits() > 60 or ball == 0):
                        return float(ball)
        except (TheoryError, TypeError, ValueError, OverflowError):
            pass
        with np.errstate(all="ignore"):
            value = float(self._function(np.array([q]))[0])
        return value if self.form.has(sp.Piecewise) else np.nan

    @cached_property
    def _range(self) -> tuple[float, float]:
        """Variances around one at which plain code agrees with balls."""
        points = np.array([(q, 3 * q) for q in _DECADES])
        plain = self._function(points.ravel()).reshape(points.shape)
        exact = np.array([[self._value(float(q)) for q in pair] for pair in points])
        return _around_one(list((np.abs(plain - exact) <= _TOLERANCE * np.abs(exact)).all(axis=1)))

    @cached_property
    def _function(self) -> CompiledFunction:
        return _compiled(self.form, [_Q])


class _Function:
    """A closed form in a correlation and two variances."""

    def __init__(self, expr: sp.Expr, square: sp.Expr) -> None:
        self.expr, self.form, self.square = expr, _first(expr), _first(square)

    def __call__(self, rho: Array, q: Array, i: NDArray[np.intp], j: NDArray[np.intp]) -> Array:
        if not rho.size:
            return np.empty(0)
        low, high = self._range if self._plain is not None else (np.inf, 0.0)
        inside = bool(q.min() >= low and q.max() <= high)
        function = self._plain if inside and self._plain is not None else self._bounded
        return function(rho, q[i], q[j])

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
    def _range(self) -> tuple[float, float]:
        """Variances around one at which plain code agrees with balls."""
        return _around_one([self._agrees(q) for q in _DECADES])

    def _agrees(self, q: float) -> bool:
        points = [(r, *pair) for r in _CORRELATIONS for pair in ((q, q), (q, 1.0), (q, 3 * q))]
        columns = np.array(points).T
        if self._plain is None:
            return False
        with np.errstate(all="ignore"):
            values = self._plain(*columns)
        try:
            with workprec(_BITS):
                form, square = ball_function(self.form, [_RHO, _Q1, _Q2]), ball_function(self.square, [_Q])
                scale = {p: square([acb(arb(p))], False).real for p in {p for _, *pair in points for p in pair}}
                for value, point in zip(values, points, strict=True):
                    ball = form([acb(arb(v)) for v in point], False).real
                    size = (scale[point[1]] * scale[point[2]]).sqrt()
                    if not (np.isfinite(value) and bool(abs(ball - arb(float(value))) < _TOLERANCE * size)):
                        return False
        except (TheoryError, TypeError, ValueError):
            return False
        return True


def _around_one(good: list[bool]) -> tuple[float, float]:
    """The decades around one that are good without a gap; an empty range where one itself is not."""
    one = low = high = _DECADES.index(1.0)
    if not good[one]:
        return np.inf, 0.0
    while low > 0 and good[low - 1]:
        low -= 1
    while high + 1 < len(good) and good[high + 1]:
        high += 1
    return _DECADES[low], _DECADES[high]


def _compiled(expr: sp.Expr, symbols: list[sp.Symbol]) -> CompiledFunction:
    try:
        return compile(expr, symbols, target="numpy")
    except UnsupportedError:
        return compile(expr, symbols)

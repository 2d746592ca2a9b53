r"""Layers of nearly equal or opposite inputs by closed forms in pairs of doubles, for activations with kinks.

The correlation is $1 - 2\sin^2(\theta/2)$ as a pair, the second variance the first and its change: what cancels in
$E(\varphi(U) \mp \varphi(V))^2$ has 30 digits.  Where the bound of a program is too large, balls take its place.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from flint import acb, arb
from numpy.typing import NDArray

from numerics.bounded import run_program
from numerics.closed_duals import ClosedDuals
from numerics.gap_layers import Block, Gaps
from numerics.stable_forms import stable_form
from numerics.tape import Tape, tape
from theory.balls import ball_function, workprec
from theory.errors import PrecisionError, TheoryError

__all__ = ["GapTapes"]

Array = NDArray[np.float64]
_RHO = sp.Symbol("rho", real=True)
_Q, _Q1, _Q2 = sp.symbols("q q1 q2", positive=True)
_PLACES = [_RHO, _Q1, _Q2]
_ENOUGH = 1e-13
_LEAST = 1e-40  # of sin^2 of half an angle: where it vanishes the forms have 0/0
_BITS = (256, 512, 1024, 2048)


class GapTapes:
    """Blocks of pairs from the closed forms of the duals.

    Raises
    ------
    UnsupportedError
        for a function without a row in a program.
    """

    def __init__(self, duals: ClosedDuals) -> None:
        self.duals = duals
        self.forms = {False: self._forms(False)}

    def _forms(self, centered: bool) -> dict[str, _PairForm]:
        duals = self.duals
        dual, square = duals.dual.form, duals.square.first
        mean = duals.phi.moment(1, _Q)
        forms = {"mean": mean.subs(_Q, _Q1), "mean change": mean.subs(_Q, _Q2) - mean.subs(_Q, _Q1)}
        if centered:
            dual, square = dual - mean.subs(_Q, _Q1) * mean.subs(_Q, _Q2), square - mean**2
        one, two = square.subs(_Q, _Q1), square.subs(_Q, _Q2)
        forms |= {"square": one, "change": two - one, "near": one + two - 2 * dual, "far": one + two + 2 * dual}
        if duals.slope is not None and duals.slope_square is not None:
            slope = duals.slope_square.first
            forms |= {"slope": duals.slope.form, "slope one": slope.subs(_Q, _Q1), "slope two": slope.subs(_Q, _Q2)}
        return {name: _PairForm(form) for name, form in forms.items()}

    def block(self, gaps: Gaps, centered: bool) -> Block:
        """The layer of the pairs.

        Raises
        ------
        PrecisionError
            if balls of 2048 bits do not settle a value.
        """
        if centered not in self.forms:
            self.forms[centered] = self._forms(centered)
        forms, none = self.forms[centered], np.zeros_like(gaps.first)
        square = forms["square"](gaps, none)
        size, share = np.sqrt(square), np.abs(gaps.change) / gaps.first
        change, mean, moved = (
            forms[name](gaps, scale)
            for name, scale in (("change", share * square), ("mean", size), ("mean change", share * size))
        )
        near, far = forms["near"](gaps, none), forms["far"](gaps, none)
        slopes = None
        if "slope" in forms:
            one, two = forms["slope one"](gaps, none), forms["slope two"](gaps, none)
            slopes = one, two, forms["slope"](gaps, np.sqrt(one * two))
        return Block(square, change, mean, moved, near, far, slopes)


class _PairForm:
    """A function of (rho, q1, q2) at pairs; accuracy relative to the value or to a scale that is given."""

    def __init__(self, expr: sp.Expr) -> None:
        self.expr, self.equal = expr, expr.subs(_Q2, _Q1)
        self.programs: dict[bool, Tape] = {}
        if expr.free_symbols:
            self._program(False)

    def _program(self, equal: bool) -> Tape:
        if equal not in self.programs:
            self.programs[equal] = tape(stable_form(self.equal if equal else self.expr, scores=True), _PLACES)
        return self.programs[equal]

    def __call__(self, gaps: Gaps, scale: Array) -> Array:
        result = np.empty_like(gaps.first)
        same = gaps.change == 0
        for equal in (True, False):
            expr, chosen = self.equal if equal else self.expr, same == equal
            if not chosen.any():
                continue
            if expr.free_symbols:
                part = Gaps(*(values[chosen] for values in gaps))
                result[chosen] = self._values(equal, part, scale[chosen])
            else:
                result[chosen] = float(expr)
        return result

    def _values(self, equal: bool, gaps: Gaps, scale: Array) -> Array:
        less = 2.0 * np.maximum(np.minimum(gaps.half, gaps.rest), _LEAST)
        sign = np.where(gaps.half > gaps.rest, -1.0, 1.0)
        # 1 - less and first + change as exact sums of two doubles.
        high = 1.0 - less
        second = gaps.first + gaps.change
        part = second - gaps.first
        rest = (gaps.first - (second - part)) + (gaps.change - part)
        points = np.stack([sign * high, gaps.first, second])
        rests = np.stack([sign * ((1.0 - high) - less), np.zeros_like(second), rest])
        value, bound = run_program(self._program(equal), points, pairs=True, rests=rests)
        for place in np.flatnonzero(~(bound <= _ENOUGH * (np.abs(value) + scale))):
            corner = float(sign[place]), float(less[place]), float(gaps.first[place]), float(gaps.change[place])
            value[place] = self._ball(equal, corner, float(scale[place]))
        return value

    def _ball(self, equal: bool, corner: tuple[float, float, float, float], scale: float) -> float:
        sign, less, first, change = map(arb, corner)
        expr = self.equal if equal else self.expr
        try:
            for bits in _BITS:
                with workprec(bits):
                    point = [acb(sign * (1 - less)), acb(first), acb(first + change)]
                    ball = ball_function(expr, _PLACES)(point, False).real
                    if ball.is_finite() and ball.rad() <= _ENOUGH * (abs(ball.mid()) + scale):
                        return float(ball.mid())
        except (TheoryError, TypeError, ValueError):
            pass
        raise PrecisionError(
            f"a map of nearly equal or opposite inputs is not settled with {_BITS[-1]} bits (variance {corner[2]:.6g}, "
            f"1 - |rho| = {corner[1]:.3g}); use theory.propagation.iteration.iterate with digits"
        )

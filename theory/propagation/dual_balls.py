r"""Duals and means of an activation at balls of variances and correlations, with rigorous radii.

A closed form is evaluated on the balls themselves.  Without one the value at the midpoints comes from the Mehler
series and the radii from the derivatives

$$ \partial_\rho E\varphi(U)\varphi(V) = \sqrt{q_1 q_2}\,E\varphi'(U)\varphi'(V), \qquad
   \partial_{q_1} E\varphi(U)\varphi(V) = E[U\varphi'(U)\varphi(V)]/(2 q_1), $$

bounded by Cauchy-Schwarz and $E_q f \le \sqrt{b/a}\,E_b f$ for $f \ge 0$ and $a \le q \le b$.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import flint
from flint import acb, arb, fmpq
from sympy import Expr, I, Piecewise, Rational, Symbol

from theory.activations import Activation
from theory.balls import BallFunction, ball_function, workprec
from theory.closedness import is_closed_form
from theory.enclosure import enclose
from theory.errors import PrecisionError, TheoryError, UnsupportedError
from theory.gaussian.expectation import expect
from theory.gaussian.law import Gaussian
from theory.hermite.mehler import mehler_dual

__all__ = ["DualBalls"]

_RHO, _Q1, _Q2 = Symbol("rho", real=True), Symbol("q1", positive=True), Symbol("q2", positive=True)
_BOUND_DIGITS = 3
_BOUND_BITS = 6  # few, so that nearby balls share a bound


class DualBalls:
    """Enclosures of $E\\varphi(U)\\varphi(V)$, $E\\varphi(U)^2$ and $E\\varphi(U)$ at `digits` working digits.

    Balls passed in and given back belong to the working precision of the caller, at least that of `digits`.
    """

    def __init__(self, phi: Activation, digits: int) -> None:
        self.phi, self.digits = phi, digits
        self._built: dict[tuple[Expr, int], BallFunction] = {}

    def pair(self, rho: arb, q1: arb, q2: arb) -> arb:
        """The dual at balls of positive variances; the correlation may stick out of [-1, 1] by its radius."""
        if bool(abs(rho) < 1):
            form = _pair_form(self.phi)
            value = self._closed(form, (rho, q1, q2))
            return self._without_value(form, rho, q1, q2) if value is None else value
        return self._near_the_end(rho, q1, q2)

    def square(self, q: arb) -> arb:
        """The mean square."""
        value = self._closed(_square_form(self.phi), (q,))
        if value is None:
            # Raises where the moment is infinite; the series would only fail to settle.
            self.phi.moment(2, _rational(q, self.digits))
            return self._by_series(arb(1), q, q)
        return value

    def mean(self, q: arb) -> arb:
        """The mean."""
        value = self._closed(_mean_form(self.phi), (q,))
        if value is not None:
            return value
        middle = _rational(q, self.digits)
        spread = _distance(q, middle)
        slope = (self._bound("x*slope", q) / q.abs_lower()).abs_upper() / 2
        return enclose(self.phi.moment(1, middle), self.digits) + arb(0, spread * slope)

    def _near_the_end(self, rho: arb, q1: arb, q2: arb) -> arb:
        r"""At correlation s = 1 or -1, and $|f(\rho) - f(s)| \le \frac12\sum_i (f_{ii}(1) - f_{ii}(|\rho|))$."""
        sign = 1 if rho > 0 else -1
        inner = min(abs(rho).abs_lower(), arb(1))
        if not bool(inner > 0):
            raise PrecisionError("the ball of a correlation covers all of [0, 1]")
        value = self._closed(_end_form(self.phi, sign), (q1, q2))
        if value is None:
            value = self._by_series(arb(sign), q1, q2)
        if bool(inner == 1):
            return value
        # A root vanishes at the end: half of the digits are lost there.
        with workprec(2 * flint.ctx.prec + 20):
            spread = sum((self.square(q) - self._same(inner, q) for q in (q1, q2)), arb(0)) / 2
        return value + arb(0, spread.abs_upper())

    def _same(self, rho: arb, q: arb) -> arb:
        """The dual at one variance and a correlation in [0, 1)."""
        form = _same_form(self.phi)
        value = self._closed(form, (rho, q))
        return self._without_value(form, rho, q, q) if value is None else value

    def _closed(self, form: tuple[Expr, tuple[Symbol, ...]] | None, values: tuple[arb, ...]) -> arb | None:
        """The closed form at balls; None where there is none or its cases are not told apart by the balls."""
        if form is None:
            return None
        expr, symbols = form
        try:
            key = expr, flint.ctx.prec
            if key not in self._built:
                self._built[key] = ball_function(expr, symbols)
            value = self._built[key]([acb(v) for v in values], False)
        except (TheoryError, ZeroDivisionError, ValueError):
            return None
        return value.real if value.is_finite() and value.imag.contains(0) else None

    def _without_value(self, form: Any, rho: arb, q1: arb, q2: arb) -> arb:
        """By series; where that has no radius but there is a closed form, narrower balls are needed."""
        try:
            return self._by_series(rho, q1, q2)
        except UnsupportedError as error:
            if form is None:
                raise
            raise PrecisionError(f"the closed form is not enclosed at correlation {rho}; {error}") from None

    def _by_series(self, rho: arb, q1: arb, q2: arb) -> arb:
        """Midpoint value and the radii carried by the derivatives."""
        a, b = _rational(q1, self.digits), _rational(q2, self.digits)
        r = min(max(_rational(rho, self.digits), Rational(-1)), Rational(1))
        value = arb(mehler_dual(self.phi, r, a, b, self.digits))
        moves = [_distance(rho, r), _distance(q1, a), _distance(q2, b)]
        if all(bool(move == 0) for move in moves):
            return value
        slopes = [self._bound("slope", q) for q in (q1, q2)]
        scaled = [self._bound("x*slope", q) / (2 * q.abs_lower()) for q in (q1, q2)]
        sizes = [self._bound("value", q) for q in (q1, q2)]
        radius = moves[0] * (q1.abs_upper() * q2.abs_upper()).sqrt() * slopes[0] * slopes[1]
        radius += moves[1] * scaled[0] * sizes[1] + moves[2] * scaled[1] * sizes[0]
        return value + arb(0, radius.abs_upper())

    def _bound(self, name: str, q: arb) -> arb:
        """Upper bound of a root mean square over the ball q."""
        low, high = q.abs_lower(), q.abs_upper()
        if not bool(low > 0):
            raise PrecisionError("a variance is not bounded away from zero")
        above = _dyadic(high, _BOUND_BITS, up=True)
        return ((_ball(above) / low).sqrt() * _mean_square(self.phi, name, above)).sqrt().abs_upper()


@cache
def _pair_form(phi: Activation) -> tuple[Expr, tuple[Symbol, ...]] | None:
    return _form(phi, (_RHO, _Q1, _Q2), (_RHO, _Q1, _Q2))


@cache
def _same_form(phi: Activation) -> tuple[Expr, tuple[Symbol, ...]] | None:
    return _form(phi, (_RHO, _Q1, _Q1), (_RHO, _Q1))


@cache
def _end_form(phi: Activation, sign: int) -> tuple[Expr, tuple[Symbol, ...]] | None:
    return _form(phi, (sign, _Q1, _Q2), (_Q1, _Q2))


@cache
def _square_form(phi: Activation) -> tuple[Expr, tuple[Symbol, ...]] | None:
    return _form(phi, (1, _Q1, _Q1), (_Q1,))


def _form(
    phi: Activation, arguments: tuple[Expr | int, ...], symbols: tuple[Symbol, ...]
) -> tuple[Expr, tuple[Symbol, ...]] | None:
    """The dual at symbolic arguments, if it is closed."""
    try:
        return _closed_cases(phi.dual(*arguments), symbols)
    except TheoryError:
        return None


def _closed_cases(expr: Expr, symbols: tuple[Symbol, ...]) -> tuple[Expr, tuple[Symbol, ...]] | None:
    """The expression if it is closed; where only some of its cases are, the others are made complex: refused."""
    if isinstance(expr, Piecewise):
        cases = [(value if is_closed_form(value) else I, condition) for value, condition in expr.args]
        return None if all(value is I for value, _ in cases) else (Piecewise(*cases), symbols)
    return (expr, symbols) if is_closed_form(expr) or expr.is_number else None


@cache
def _mean_form(phi: Activation) -> tuple[Expr, tuple[Symbol, ...]] | None:
    try:
        return _closed_cases(phi.moment(1, _Q1), (_Q1,))
    except TheoryError:
        return None


@cache
def _mean_square(phi: Activation, name: str, q: Rational) -> arb:
    """Upper bound of E f(X)^2 at variance q, f the activation, its derivative, or x times it."""
    x = phi.variable
    f = phi.expr
    if name != "value":
        try:
            f = phi.derivative()
        except UnsupportedError as error:
            raise UnsupportedError(f"without a closed form the activation must be continuous: {error}") from None
        f = x * f if name == "x*slope" else f
    value = expect(f**2, Gaussian(x, cov=[[q]]), phi.assumptions)
    return enclose(value, _BOUND_DIGITS).abs_upper()


def _rational(value: arb, digits: int) -> Rational:
    """A rational near the middle of a ball, exact to a few more digits than asked for."""
    if not value.is_finite():
        raise PrecisionError("a ball is unbounded")
    return _dyadic(value.mid(), int(3.33 * digits) + 20)


def _dyadic(value: arb, bits: int, up: bool = False) -> Rational:
    """A number without radius cut to so many bits, towards zero or (`up`, for a positive one) away from it."""
    mantissa, exponent = (int(part) for part in value.man_exp())
    drop = max(0, abs(mantissa).bit_length() - bits)
    kept = (abs(mantissa) >> drop) + (1 if up else 0)
    return Rational(kept if mantissa >= 0 else -kept) * Rational(2) ** (exponent + drop)


def _distance(value: arb, middle: Rational) -> arb:
    return (value - _ball(middle)).abs_upper()


def _ball(value: Rational) -> arb:
    return arb(fmpq(int(value.p), int(value.q)))

r"""Growth of a function in a half-strip, proved from the structure of its expression.

On $H = \{t : \operatorname{Re} t \ge R,\ |\operatorname{Im} t| \le D\}$ every subexpression is carried as a germ
$$ g(t) = E(t)\, t^n e^{b t + c t^2}, \qquad E(t) \in \text{ball for all } t \in H, $$
with exact real exponents, and as $P(t) + \text{ball}$ with an exact polynomial where that is known too.  What is
followed is the analytic continuation from the real half-line, so a root or logarithm needs only a ball E that avoids
the negative axis.  Where no rule applies the answer is an error, never a guess.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import sympy as sp
from flint import acb, arb

from theory.balls import ball_function
from theory.enclosure import sign_of_number
from theory.errors import PrecisionError
from theory.gaussian.growth import Growth

__all__ = ["growth_in_half_strip"]

_ZERO = sp.S.Zero
_UP = 1 + 1e-12  # covers the rounding of bounds kept as floats
_RATIONAL_STEPS = 1 << 40


class _Germ(NamedTuple):
    n: sp.Expr
    b: sp.Expr
    c: sp.Expr
    unit: acb
    line: tuple[dict[int, sp.Expr], acb] | None  # coefficients of degree >= 1, and a ball around the rest

    @property
    def scale(self) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """Exponents in the order in which they dominate."""
        return self.c, self.b, self.n


def growth_in_half_strip(e: sp.Expr, x: sp.Symbol, side: int, start: float, height: float) -> Growth:
    r"""Constants of $|f(x + iy)| \le A e^{B|x| + C x^2}$ for `side` * x >= `start` and |y| <= `height`.

    Raises
    ------
    PrecisionError
        names the part of the expression that no rule bounds there.
    """
    t = sp.Dummy("t", positive=True)
    strip = _HalfStrip(t, start, height)
    return strip.growth(strip.germ(e.subs(x, side * t)))


def _disc(radius: float | arb) -> acb:
    """A square that holds the disc of the radius around 0."""
    return acb(arb(0, radius), arb(0, radius))


def _upper(ball: arb) -> float:
    return float(ball.upper()) * (_UP if ball > 0 else 1.0) + 1e-300


def _top(value: acb) -> float:
    return float(value.abs_upper()) * _UP


def _rational_above(value: float) -> sp.Rational:
    if not value < 1e9:
        raise PrecisionError("a rate of growth in the half-strip is beyond 1e9")
    return sp.Rational(math.ceil(value * _RATIONAL_STEPS) + 1, _RATIONAL_STEPS)


def _number(e: sp.Expr) -> acb:
    return ball_function(e)((), False)


class _HalfStrip:
    def __init__(self, t: sp.Symbol, start: float, height: float) -> None:
        self.t, self.start, self.height = t, start, height
        self.angle = math.atan2(height, start) * _UP  # of t itself

    # -- bounds of monomials ------------------------------------------------------------------------------------------

    def _log_supremum(self, n: sp.Expr, b: sp.Expr, c: sp.Expr) -> float:
        """Bound of log |t^n e^{bt + ct^2}| on the half-strip; infinite where it grows."""
        power, linear, square = (float(v) for v in (n, b, c))
        if square > 0 or (c == 0 and (linear > 0 or (b == 0 and power > 0))):
            return math.inf
        # |e^{ct^2}| = e^{c(x^2 - y^2)}; log(x + D) lies below its tangent at R; |t| >= x for a negative power.
        base = abs(square) * self.height**2
        if power > 0:
            end = self.start + self.height
            base += power * (math.log(end) - self.start / end)
            linear += power / end
        else:
            base += power * math.log(self.start)
        peak = self.start
        if square < 0:
            peak = max(peak, -linear / (2 * square))
        elif linear > 0:
            return math.inf
        value = base + linear * peak + square * peak**2
        return value + 1e-9 * (1 + abs(base) + abs(linear * peak) + abs(square) * peak**2)

    def _monomial(self, n: sp.Expr, b: sp.Expr, c: sp.Expr) -> acb | None:
        if n == 0 and b == 0 and c == 0:
            return acb(1)
        bound = self._log_supremum(n, b, c)
        return _disc(math.exp(bound)) if bound < 700 else None

    def growth(self, g: _Germ) -> Growth:
        """The germ as a bound on the real part alone."""
        power, linear, square = (float(v) for v in (g.n, g.b, g.c))
        top = _top(g.unit)
        log_a = (math.log(top) if top else -690.0) + abs(square) * self.height**2
        if power > 0:
            end = self.start + self.height
            log_a += power * (math.log(end) - self.start / end)
            linear += power / end
        else:
            log_a += power * math.log(self.start)
        return Growth(log_a + 1e-9 * (1 + abs(log_a)), linear + 1e-12 * abs(linear), square + 1e-12 * abs(square))

    # -- germs of expressions -----------------------------------------------------------------------------------------

    def germ(self, e: sp.Expr) -> _Germ:
        """The germ of an expression in t."""
        found = self._germ(e)
        if not found.unit.is_finite():
            raise self._unbounded(e)
        return found

    def _germ(self, e: sp.Expr) -> _Germ:
        if not e.has_free(self.t):
            return self._bounded_germ(_number(e))
        if e.is_polynomial(self.t):
            terms = {m[0]: c for m, c in sp.Poly(e, self.t).terms()}
            return self._from_line(terms, _number(terms.pop(0, _ZERO)))
        if isinstance(e, sp.Add):
            total = self.germ(e.args[0])
            for a in e.args[1:]:
                total = self._add(total, self.germ(a), e)
            return total
        if isinstance(e, sp.Mul):
            coeff, rest = e.as_independent(self.t, as_Add=False)
            if coeff != 1:
                return self._scaled(self.germ(rest), coeff)
            product = self.germ(e.args[0])
            for a in e.args[1:]:
                product = self._multiply(product, self.germ(a))
            return product
        if isinstance(e, sp.exp):
            return self._exp(self.germ(e.exp), e)
        if isinstance(e, sp.Pow):
            if not e.exp.has_free(self.t):
                return self._power(self.germ(e.base), e.exp, e)
            return self._exp(self.germ(e.exp * sp.log(e.base)), e)
        return self._function(e)

    def _bounded_germ(self, ball: acb) -> _Germ:
        return _Germ(_ZERO, _ZERO, _ZERO, ball, ({}, ball))

    def _from_line(self, terms: dict[int, sp.Expr], rest: acb) -> _Germ:
        terms = {d: c for d, c in terms.items() if d and c != 0}
        if not terms:
            return self._bounded_germ(rest)
        degree = max(terms)
        unit = rest * _disc(self.start**-degree * _UP)
        for d, c in terms.items():
            unit += _number(c) * (acb(1) if d == degree else _disc(self.start ** (d - degree) * _UP))
        return _Germ(sp.Integer(degree), _ZERO, _ZERO, unit, (terms, rest))

    def _add(self, f: _Germ, g: _Germ, e: sp.Expr) -> _Germ:
        if f.line and g.line:
            terms = dict(f.line[0])
            for d, c in g.line[0].items():
                terms[d] = terms.get(d, _ZERO) + c
            return self._from_line(terms, f.line[1] + g.line[1])
        order = self._compare(f, g, e)
        if order < 0:
            f, g = g, f
        ratio = self._monomial(g.n - f.n, g.b - f.b, g.c - f.c) if order else acb(1)
        if ratio is None:
            raise self._unbounded(e)
        unit = f.unit + g.unit * ratio
        return self._with_line(_Germ(f.n, f.b, f.c, unit, None))

    def _compare(self, f: _Germ, g: _Germ, e: sp.Expr) -> int:
        for a, b in zip(f.scale, g.scale, strict=True):
            gap = a - b
            if gap == 0:
                continue
            sign = sign_of_number(gap)
            if sign is None:
                raise self._unbounded(e)
            if sign:
                return sign
        return 0

    def _with_line(self, g: _Germ) -> _Germ:
        """A bounded germ is a ball."""
        ratio = self._monomial(g.n, g.b, g.c)
        return g if ratio is None else g._replace(line=({}, g.unit * ratio))

    def _scaled(self, g: _Germ, factor: sp.Expr) -> _Germ:
        number = _number(factor)
        line = ({d: c * factor for d, c in g.line[0].items()}, g.line[1] * number) if g.line else None
        return g._replace(unit=g.unit * number, line=line)

    def _multiply(self, f: _Germ, g: _Germ) -> _Germ:
        return self._with_line(_Germ(f.n + g.n, f.b + g.b, f.c + g.c, f.unit * g.unit, None))

    def _power(self, g: _Germ, p: sp.Expr, e: sp.Expr) -> _Germ:
        unit = g.unit ** int(p) if p.is_Integer else g.unit.pow(_number(p), True)
        if not unit.is_finite():
            raise self._unbounded(e)
        return self._with_line(_Germ(g.n * p, g.b * p, g.c * p, unit, None))

    def _bounded(self, g: _Germ) -> acb | None:
        return g.line[1] if g.line and not g.line[0] else None

    def _points(self, g: _Germ, quarter: float) -> int:
        """1 if |arg g| < quarter everywhere, -1 if that holds for -g, else 0."""
        if g.c != 0:
            return 0
        turn = float(abs(g.n)) * self.angle + float(abs(g.b)) * self.height
        for sign in (1, -1):
            argument = (sign * g.unit).arg()
            if (sign * g.unit).real > 0 and float(abs(argument).upper()) + turn < quarter * (1 - 1e-12):
                return sign
        return 0

    def _exp(self, g: _Germ, e: sp.Expr) -> _Germ:
        if g.line and max(g.line[0], default=0) <= 2:
            terms, rest = g.line
            return self._with_line(_Germ(_ZERO, terms.get(1, _ZERO), terms.get(2, _ZERO), rest.exp(), None))
        if self._points(g, math.pi / 2) < 0:
            return self._bounded_germ(_disc(math.exp(-self._descent(g)) * _UP))
        if g.b != 0 or g.c != 0 or float(g.n) > 2:
            raise self._unbounded(e)
        # |e^g| <= e^{|E| |t|^n}; |t|^n <= |t|^m for |t| >= 1 and n <= m; |t| <= x + D.
        top = _rational_above(_top(g.unit))
        size, height = float(top) * _UP, self.height
        if float(g.n) <= 1:
            return _Germ(_ZERO, top, _ZERO, _disc(_finite_exp(size * height)), None)
        linear = _rational_above(2 * height * size)
        return _Germ(_ZERO, linear, top, _disc(_finite_exp(2 * size * height**2)), None)

    def _descent(self, g: _Germ) -> float:
        """A number below -Re g, where -g keeps to a sector of the right half-plane: -Re g >= |g| cos(arg)."""
        power, linear = float(g.n), float(g.b)
        if power < 0 or linear < 0:
            return 0.0
        turn = power * self.angle + linear * self.height + _upper(abs((-g.unit).arg()))
        least = float(g.unit.abs_lower()) * self.start**power * math.exp(min(linear * self.start, 300.0))
        return min(max(0.0, least * (math.cos(turn) - 1e-9)) / _UP, 1e4)

    def _log(self, g: _Germ, e: sp.Expr) -> _Germ:
        principal = g.unit.log(True)
        if not principal.is_finite():
            raise self._unbounded(e)
        terms = {1: g.b, 2: g.c}
        if g.n == 0:
            return self._from_line(terms, principal)
        # |log t| <= log(x + D) + pi/2, which divided by x falls from x = R >= 1 on.
        wander = float(abs(g.n)) * (math.log(self.start + self.height) + math.pi / 2) / self.start * _UP
        unit = principal * _disc(1 / self.start * _UP) + _disc(wander)
        if g.c != 0:
            unit = _number(g.c) + (_number(g.b) + unit) * _disc(1 / self.start * _UP)
            return _Germ(sp.Integer(2), _ZERO, _ZERO, unit, None)
        return _Germ(sp.S.One, _ZERO, _ZERO, unit + _number(g.b), None)

    def _function(self, e: sp.Expr) -> _Germ:
        if len(e.args) == 1:
            g = self.germ(e.args[0])
            if self._bounded(g) is None:
                return self._of_unbounded(e, g)
        balls = [self._bounded(self.germ(a)) for a in e.args]
        if any(b is None for b in balls):
            raise self._unbounded(e)
        names = [sp.Dummy(f"a{i}") for i in range(len(balls))]
        value = ball_function(e.func(*names), names)(balls, True)
        if not value.is_finite():
            raise self._unbounded(e)
        return self._bounded_germ(value)

    def _of_unbounded(self, e: sp.Expr, g: _Germ) -> _Germ:
        minus = self._scaled(g, sp.Integer(-1))
        if isinstance(e, sp.log):
            return self._log(g, e)
        if isinstance(e, sp.tanh):
            return self._tanh(g, e)
        if isinstance(e, sp.coth):
            return self._power(self._tanh(g, e), sp.Integer(-1), e)
        if isinstance(e, sp.cosh | sp.sech):
            total = self._scaled(self._add(self._exp(g, e), self._exp(minus, e), e), sp.S.Half)
            return total if isinstance(e, sp.cosh) else self._power(total, sp.Integer(-1), e)
        if isinstance(e, sp.sinh | sp.csch):
            down = self._scaled(self._exp(minus, e), sp.Integer(-1))
            total = self._scaled(self._add(self._exp(g, e), down, e), sp.S.Half)
            return total if isinstance(e, sp.sinh) else self._power(total, sp.Integer(-1), e)
        if isinstance(e, sp.sin | sp.cos):
            return self._wave(g, e)
        if isinstance(e, sp.sinc):
            return self._multiply(self._wave(g, e), self._power(g, sp.Integer(-1), e))
        side = self._points(g, math.pi / 2)
        if side and isinstance(e, sp.erf | sp.erfc):
            return self._error_function(g if side > 0 else minus, side, isinstance(e, sp.erfc))
        if side and isinstance(e, sp.atan):  # atan g = pi/2 - atan(1/g) for Re g > 0
            inverse = self._bounded(self._power(g if side > 0 else minus, sp.Integer(-1), e))
            if inverse is not None and _top(inverse) < 1:
                return self._bounded_germ(side * (acb(arb.pi()) / 2 - inverse.atan()))
        if side and isinstance(e, sp.asinh):  # log(g + sqrt(g^2 + 1)) for Re g > 0
            right = g if side > 0 else minus
            root = self._add(self._power(right, sp.Integer(2), e), self._bounded_germ(acb(1)), e)
            total = self._add(right._replace(line=None), self._power(root, sp.S.Half, e), e)
            return self._scaled(self._log(total, e), sp.Integer(side))
        raise self._unbounded(e)

    def _tanh(self, g: _Germ, e: sp.Expr) -> _Germ:
        """(1 - u)/(1 + u) with u = e^{-2g}, or the mirror image of it."""
        for sign in (1, -1):
            try:
                u = self._bounded(self._exp(self._scaled(g, sp.Integer(-2 * sign)), e))
            except PrecisionError:
                continue
            value = None if u is None else (1 - u) / (1 + u)
            if value is not None and value.is_finite():
                return self._bounded_germ(sign * value)
        raise self._unbounded(e)

    def _wave(self, g: _Germ, e: sp.Expr) -> _Germ:
        """|sin g|, |cos g| <= cosh(Im g) <= e^{|Im g|}, with Im(p t + q t^2) = p y + 2 q x y."""
        if g.line is None or max(g.line[0], default=0) > 2:
            raise self._unbounded(e)
        terms, rest = g.line
        p, q = (abs(float(terms.get(d, _ZERO))) * _UP for d in (1, 2))
        lift = _disc(_finite_exp(p * self.height + _upper(abs(rest.imag))))
        return self._with_line(_Germ(_ZERO, _rational_above(2 * q * self.height) if q else _ZERO, _ZERO, lift, None))

    def _error_function(self, g: _Germ, side: int, complement: bool) -> _Germ:
        """erfc g = e^{-g^2} times a value of modulus <= 1 for Re g >= 0: (2/sqrt pi) int exp(-s^2 - 2 g s) ds."""
        tail = self._bounded_germ(_disc(1.0)) if self._points(g, math.pi / 4) else None
        if g.line and set(g.line[0]) == {1}:
            slope, rest = g.line[0][1], g.line[1]
            # |e^{-2 p r t}| <= e^{-2 p (x min Re r - D max |Im r|)} with p > 0.
            p = float(slope) * _UP
            linear = (
                -2 * slope * sp.Rational(math.floor(float(rest.real.lower()) * _RATIONAL_STEPS - 1), _RATIONAL_STEPS)
            )
            lift = 2 * p * self.height * _upper(abs(rest.imag)) + _top(rest * rest)
            tail = self._with_line(_Germ(_ZERO, linear, -(slope**2), _disc(_finite_exp(lift)), None))
        if tail is None:
            raise PrecisionError(f"no rule bounds the error function in the half-strip Re t >= {self.start:g}")
        if complement and side > 0:
            return tail
        inside = self._bounded(tail)
        if inside is None:
            raise PrecisionError(f"the error function is not bounded in the half-strip Re t >= {self.start:g}")
        return self._bounded_germ(1 + (1 - inside) if complement else side * (1 - inside))

    def _unbounded(self, e: sp.Expr) -> PrecisionError:
        shown = e.xreplace({self.t: sp.Symbol("t")})
        return PrecisionError(
            f"no rule bounds the growth of {shown} for Re t >= {self.start:g}, |Im t| <= {self.height:g}"
        )


def _finite_exp(value: float) -> float:
    if value > 700:
        raise PrecisionError("a bound in the half-strip exceeds the range of floating-point numbers")
    return math.exp(value) * _UP

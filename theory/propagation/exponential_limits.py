"""Limits of a function far out that are approached exponentially, read off its expression."""

from __future__ import annotations

import math
from typing import NamedTuple

from sympy import (
    Add,
    Expr,
    Integer,
    Mul,
    Poly,
    Pow,
    S,
    Symbol,
    asinh,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    sech,
    sin,
    tanh,
)

__all__ = ["Limit", "exponent_of", "limit"]

_SLACK = 1 + 1e-9
_STEEPEST = 100.0
_GENTLE = (atan, sin, cos, asinh)  # of slope at most one


class Limit(NamedTuple):
    r"""$|g - L| \le C e^{-ct}$ for t = |x| >= 1."""

    value: Expr
    size: float
    rate: float

    @property
    def top(self) -> float:
        """Bound of |g|."""
        return _size(self.value) + self.size


def limit(g: Expr, x: Symbol, side: int) -> Limit | None:
    """The limit of an expression that is approached exponentially."""
    if not g.has(x):
        return Limit(g, 0.0, math.inf)
    if isinstance(g, Add | Mul):
        parts = [limit(a, x, side) for a in g.args]
        if any(p is None for p in parts):
            return None
        known = [p for p in parts if p is not None]
        rate = min(p.rate for p in known)
        if isinstance(g, Add):
            return Limit(Add(*(p.value for p in known)), sum(p.size for p in known) * _SLACK, rate)
        # |prod g - prod L| <= prod (|L| + C) - prod |L|, and every term holds one of the exponentials.
        tops, values = math.prod(p.top for p in known), math.prod(_size(p.value) for p in known)
        return Limit(Mul(*(p.value for p in known)), max(tops - values, 0.0) * _SLACK + 1e-9 * tops, rate)
    if isinstance(g, exp):
        return _limit_of_exponential(g.exp, x, side)
    if isinstance(g, Pow) and g.exp.is_Integer:
        return _limit_of_power(g.base, int(g.exp), x, side)
    if isinstance(g, tanh | erf):
        return _limit_of_sigmoid(g, x, side)
    if isinstance(g, log) and (g.args[0] - 1).is_nonnegative:
        inner = limit(g.args[0], x, side)
        return inner and Limit(log(inner.value), inner.size, inner.rate)  # the slope of log is at most 1 there
    if isinstance(g, _GENTLE):
        inner = limit(g.args[0], x, side)
        return inner and Limit(g.func(inner.value), inner.size, inner.rate)
    if isinstance(g, sech):
        return _limit_of_power(cosh(g.args[0]), -1, x, side)
    return None


def _limit_of_exponential(u: Expr, x: Symbol, side: int) -> Limit | None:
    line = _line(-u, x, side)
    if line is not None:
        return Limit(S.Zero, math.exp(-line[0]) * _SLACK, line[1])
    inner = limit(u, x, side)
    if inner is None or inner.top > _STEEPEST:
        return None
    return Limit(exp(inner.value), math.exp(inner.top) * inner.size * _SLACK, inner.rate)


def _limit_of_power(base: Expr, n: int, x: Symbol, side: int) -> Limit | None:
    if n > 0:
        return limit(Mul(*[base] * n, evaluate=False), x, side)
    inner = limit(base, x, side)
    if inner is not None and (base - 1).is_nonnegative:
        # |1/b^n - 1/L^n| <= n |b - L| where b >= 1
        return Limit(inner.value**n, -n * inner.size, inner.rate)
    if isinstance(base, cosh):  # cosh u >= exp(|u|)/2
        lines = [line for sign in (1, -1) if (line := _line(sign * base.args[0], x, side)) is not None]
        return Limit(S.Zero, 2**-n * math.exp(n * lines[0][0]) * _SLACK, -n * lines[0][1]) if lines else None
    u = exponent_of(base)
    line = u and _line(u, x, side)
    return Limit(S.Zero, math.exp(n * line[0]) * _SLACK, -n * line[1]) if line else None


def _limit_of_sigmoid(g: Expr, x: Symbol, side: int) -> Limit | None:
    r"""$1 - \tanh u \le 2e^{-2u}$, $1 - \operatorname{erf} u \le e^{-u^2} \le e^{1 - 2u}$, u >= 0; slopes < 1.13."""
    u = g.args[0]
    for sign in (1, -1):
        line = _line(sign * u, x, side)
        if line is not None and line[0] + line[1] >= 0:
            if isinstance(g, tanh):
                return Limit(Integer(sign), 2 * math.exp(-2 * line[0]) * _SLACK, 2 * line[1])
            return Limit(Integer(sign), math.exp(1 - 2 * line[0]) * _SLACK, 2 * line[1])
    inner = limit(u, x, side)
    return inner and Limit(g.func(inner.value), 1.13 * inner.size, inner.rate)


def _line(u: Expr, x: Symbol, side: int) -> tuple[float, float] | None:
    """(a, c) with u >= a + c t and c > 0 for t = |x| >= 1."""
    if isinstance(u, log) and (inner := exponent_of(u.args[0])) is not None:
        return _line(inner, x, side)
    if isinstance(u, exp):
        line = _line(u.exp, x, side)  # e^v >= 1 + v
        return line and (1 + line[0], line[1])
    if not u.is_polynomial(x):
        return None
    coefficients = Poly(u.subs(x, side * x), x).all_coeffs()[::-1]
    level, rest = coefficients[0], [float(c.evalf(20)) for c in coefficients[1:]]
    if not rest or min(rest) < 0:
        return None
    slope = sum(rest) / _SLACK  # t^k >= t
    return float(level.evalf(20)) - 1e-9, slope


def exponent_of(base: Expr) -> Expr | None:
    """u of 1 + exp(u)."""
    rest = base - 1
    return rest.exp if isinstance(rest, exp) else None


def _size(value: Expr) -> float:
    return abs(float(value.evalf(20)))

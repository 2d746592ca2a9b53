r"""Oblique asymptotes of an activation with a proved distance, $|\varphi(x) - \ell x| \le A$ far out."""

from __future__ import annotations

import math
from typing import NamedTuple

from sympy import Add, Expr, Integer, Mul, Poly, Pow, S, Symbol, cosh, erf, exp, expand, log, tanh, together

from theory.propagation.growth_bounds import supremum

__all__ = ["Asymptote", "asymptote"]

_SLACK = 1 + 1e-9


class Asymptote(NamedTuple):
    """The line slope * x, and the largest distance from it."""

    slope: Expr
    distance: float


class _Limit(NamedTuple):
    r"""$|g - L| \le C e^{-ct}$ for t = |x| >= 1."""

    value: Expr
    size: float
    rate: float

    @property
    def top(self) -> float:
        """Bound of |g|."""
        return _size(self.value) + self.size


def asymptote(e: Expr, x: Symbol, side: int) -> Asymptote | None:
    r"""The asymptote for x >= 1 (side 1) or x <= -1 (side -1); None where no rule applies.

    Examples
    --------
    >>> from sympy import tanh
    >>> x = Symbol("x", real=True)
    >>> asymptote(2 * x * tanh(x), x, -1).slope
    -2
    """
    bound = supremum(e, x, side)
    if bound is not None:
        return Asymptote(S.Zero, bound)
    if e == x:
        return Asymptote(S.One, 0.0)
    if e.is_rational_function(x):
        return _of_quotient(e, x, side)
    if isinstance(e, Add):
        lines = [asymptote(a, x, side) for a in e.args]
        if any(line is None for line in lines):
            return None
        known = [line for line in lines if line is not None]
        return Asymptote(Add(*(line.slope for line in known)), sum(line.distance for line in known) * _SLACK)
    if isinstance(e, Mul):
        return _of_product(e, x, side)
    if isinstance(e, Pow) and e.exp == S.Half:
        return _of_root(e.base, x, side)
    if isinstance(e, log):
        return _of_logarithm(e.args[0], x, side)
    return _bounded(e, x, side)


def _bounded(e: Expr, x: Symbol, side: int) -> Asymptote | None:
    limit = _limit(e, x, side)
    return None if limit is None else Asymptote(S.Zero, limit.top * _SLACK)


def _of_product(e: Mul, x: Symbol, side: int) -> Asymptote | None:
    constant, moving = e.as_independent(x, as_Add=False)
    if constant != 1:
        line = asymptote(moving, x, side)
        return line and Asymptote(constant * line.slope, _size(constant) * line.distance * _SLACK)
    if x not in e.args:
        opened = expand(e)
        return _bounded(e, x, side) or (asymptote(opened, x, side) if isinstance(opened, Add) else None)
    root = e / x
    line = _of_root(root.base, x, side) if isinstance(root, Pow) and root.exp == -S.Half else None
    if line is not None and root.base.subs(x, 0).is_nonnegative:
        return Asymptote(S.Zero, 1 / _size(line.slope) * _SLACK)  # |x| / sqrt(a x^2 + c) <= 1 / sqrt(a)
    gate = _limit(e / x, x, side)
    if gate is None:
        return None
    return Asymptote(gate.value, gate.size / (math.e * gate.rate) * _SLACK if gate.size else 0.0)  # t e^(-ct) <= 1/(ec)


def _of_quotient(e: Expr, x: Symbol, side: int) -> Asymptote | None:
    """P/Q in t = |x| with Q of non-negative coefficients: Q >= q_n t^n, and t^k <= t^n."""
    above, below = (Poly(part.subs(x, side * x), x) for part in together(e).as_numer_denom())
    if below.LC().is_negative:
        above, below = -above, -below
    whole, rest = above.div(below)
    if whole.degree() > 1 or not all(c.is_nonnegative for c in below.all_coeffs()):
        return None
    slope, level = whole.coeff_monomial(x), whole.coeff_monomial(1)
    distance = _size(level) + sum(_size(c) for c in rest.all_coeffs()) / _size(below.LC())
    return Asymptote(side * slope, distance * _SLACK)


def _of_root(base: Expr, x: Symbol, side: int) -> Asymptote | None:
    r"""$|\sqrt{a t^2 + c} - \sqrt a\,t| \le \sqrt{|c|}$."""
    poly = Poly(base, x) if base.is_polynomial(x) else None
    if poly is None or poly.degree() != 2 or poly.coeff_monomial(x) != 0:
        return None
    a, c = poly.coeff_monomial(x**2), poly.coeff_monomial(1)
    return Asymptote(side * Pow(a, S.Half), math.sqrt(_size(c)) * _SLACK) if a.is_positive else None


def _of_logarithm(inner: Expr, x: Symbol, side: int) -> Asymptote | None:
    """log(1 + exp(u)) is within log 2 of max(u, 0), and log(cosh(u)) of |u|."""
    u = _exponent(inner)
    hyperbolic = inner.args[0] if isinstance(inner, cosh) else None
    argument = u if u is not None else hyperbolic
    if argument is None or not argument.diff(x).is_number or argument.subs(x, 0) != 0:
        return None
    rate = argument.diff(x)
    size = abs(rate) if hyperbolic is not None else (side * rate if (side * rate).is_positive else S.Zero)
    return Asymptote(side * size, math.log(2) * _SLACK)


def _exponent(base: Expr) -> Expr | None:
    """u of 1 + exp(u)."""
    rest = base - 1
    return rest.exp if isinstance(rest, exp) else None


def _limit(g: Expr, x: Symbol, side: int) -> _Limit | None:
    """The limit of an expression that is approached exponentially."""
    if not g.has(x):
        return _Limit(g, 0.0, math.inf)
    if isinstance(g, Add | Mul):
        parts = [_limit(a, x, side) for a in g.args]
        if any(p is None for p in parts):
            return None
        known = [p for p in parts if p is not None]
        rate = min(p.rate for p in known)
        if isinstance(g, Add):
            return _Limit(Add(*(p.value for p in known)), sum(p.size for p in known) * _SLACK, rate)
        # |prod g - prod L| <= prod (|L| + C) - prod |L|, and every term holds one of the exponentials.
        tops, values = math.prod(p.top for p in known), math.prod(_size(p.value) for p in known)
        return _Limit(Mul(*(p.value for p in known)), max(tops - values, 0.0) * _SLACK + 1e-9 * tops, rate)
    if isinstance(g, exp):
        line = _line(-g.exp, x, side)
        return line and _Limit(S.Zero, math.exp(-line[0]) * _SLACK, line[1])
    if isinstance(g, Pow) and g.exp.is_Integer:
        return _limit_of_power(g.base, int(g.exp), x, side)
    if isinstance(g, tanh | erf):
        return _limit_of_sigmoid(g, x, side)
    if isinstance(g, log) and (g.args[0] - 1).is_nonnegative:
        inner = _limit(g.args[0], x, side)
        return inner and _Limit(log(inner.value), inner.size, inner.rate)  # the slope of log is at most 1 there
    return None


def _limit_of_power(base: Expr, n: int, x: Symbol, side: int) -> _Limit | None:
    if n > 0:
        return _limit(Mul(*[base] * n, evaluate=False), x, side)
    inner = _limit(base, x, side)
    if inner is not None and (base - 1).is_nonnegative:
        # |1/b^n - 1/L^n| <= n |b - L| where b >= 1
        return _Limit(inner.value**n, -n * inner.size, inner.rate)
    u = _exponent(base)
    line = u and _line(u, x, side)
    return _Limit(S.Zero, math.exp(n * line[0]) * _SLACK, -n * line[1]) if line else None


def _limit_of_sigmoid(g: Expr, x: Symbol, side: int) -> _Limit | None:
    r"""$1 - \tanh u \le 2e^{-2u}$, $1 - \operatorname{erf} u \le e^{-u^2} \le e^{1/4 - u}$, u >= 0; slopes < 1.13."""
    u = g.args[0]
    for sign in (1, -1):
        line = _line(sign * u, x, side)
        if line is not None and line[0] + line[1] >= 0:
            if isinstance(g, tanh):
                return _Limit(Integer(sign), 2 * math.exp(-2 * line[0]) * _SLACK, 2 * line[1])
            return _Limit(Integer(sign), math.exp(0.25 - line[0]) * _SLACK, line[1])
    inner = _limit(u, x, side)
    return inner and _Limit(g.func(inner.value), 1.13 * inner.size, inner.rate)


def _line(u: Expr, x: Symbol, side: int) -> tuple[float, float] | None:
    """(a, c) with u >= a + c t and c > 0 for t = |x| >= 1."""
    if isinstance(u, log) and (inner := _exponent(u.args[0])) is not None:
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


def _size(value: Expr) -> float:
    return abs(float(value.evalf(20)))

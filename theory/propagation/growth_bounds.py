r"""Linear bounds of an activation far out, $|\varphi(x)| \le A + B|x|$, read off its expression."""

from __future__ import annotations

import math

from sympy import Add, Expr, Mul, Symbol, asinh, erf, erfc, exp, expand, log, sqrt

from theory.errors import PrecisionError
from theory.gaussian.growth import growth

__all__ = ["linear_bound", "supremum"]

_SLACK = 1 + 1e-9
_TILT = 1 / 16  # slope of a line above a logarithm


def linear_bound(e: Expr, x: Symbol, side: int) -> tuple[float, float] | None:
    """(A, B) with |e| <= A + B |x| for x >= 1 (side 1) or x <= -1 (side -1); None where no rule applies.

    Examples
    --------
    >>> from sympy import tanh
    >>> x = Symbol("x", real=True)
    >>> A, B = linear_bound(2 * x + tanh(x), x, 1)
    >>> (round(A, 6), round(B, 6))
    (1.0, 2.0)
    """
    bounded = supremum(e, x, side)
    if bounded is not None:
        return bounded, 0.0
    if isinstance(e, Add):
        parts = [linear_bound(a, x, side) for a in e.args]
        if any(p is None for p in parts):
            return None
        return sum(p[0] for p in parts if p), sum(p[1] for p in parts if p)
    if isinstance(e, exp | Mul) and (faded := _fading_exponential(e, x, side)) is not None:
        return faded, 0.0
    if isinstance(e, Mul) and (decayed := _fading_gate(e, x, side)) is not None:
        return decayed, 0.0
    if isinstance(e, Mul) and x in e.args:
        rest = supremum(e / x, x, side)
        return None if rest is None else (0.0, rest)
    if e == x:
        return 0.0, 1.0
    if isinstance(e, Mul):
        constant, moving = e.as_independent(x, as_Add=False)
        inner = linear_bound(moving, x, side) if constant != 1 else None
        size = abs(float(constant.evalf(20))) * _SLACK if inner else 0.0
        return (inner[0] * size, inner[1] * size) if inner else None
    if e.is_Pow and e.exp == sqrt(x).exp and e.base.is_polynomial(x):
        return _root_of_quadratic(e.base, x)
    if isinstance(e, log):
        return _softplus(e.args[0], x, side)
    if isinstance(e, asinh):
        return _sublinear(e.args[0], x, side)
    return None


def _fading_exponential(e: Expr, x: Symbol, side: int) -> float | None:
    """Bound of g exp(cx + d) with c x < 0 and g bounded."""
    for factor in Mul.make_args(e):
        if isinstance(factor, exp) and (rate := factor.exp.diff(x)).is_number and side * rate < 0:
            rest = supremum(e / factor, x, side)
            return None if rest is None else rest * math.exp(float(factor.exp.subs(x, 0))) * _SLACK
    return None


def _fading_gate(e: Mul, x: Symbol, side: int) -> float | None:
    """Bound of x g (1 + exp(cx + d))^-n <= x g exp(-n(cx + d)) where that decays, or of x g (1 + erf(cx))."""
    if x not in e.args:
        return None
    for factor in e.args:
        base, power = factor.as_base_exp()
        waning = [exp(-u) for u in _logistic_exponent(base) if power.is_Integer and power < 0]
        if waning:
            n, exponent = -int(power), -waning[0].exp
            rate = side * float(exponent.diff(x)) if exponent.diff(x).is_number else 0.0
            rest = supremum(e / x / factor, x, side)
            if rate > 0 and rest is not None:
                return rest * math.exp(-n * float(exponent.subs(x, 0))) / (math.e * n * rate) * _SLACK
        for inner in (f.args[0] for f in factor.atoms(erf)):
            scale = factor.subs(erf(inner), 0)
            slope = inner.diff(x)
            if expand(factor - scale * (1 + erf(inner))) == 0 and slope.is_number and side * slope < 0:
                return supremum(x * scale * erfc(-inner) * (e / x / factor), x, side)
    return None


def _logistic_exponent(base: Expr) -> list[Expr]:
    terms = [t for t in Add.make_args(base) if isinstance(t, exp)]
    return [t.exp for t in terms if base - t == 1]


def supremum(e: Expr, x: Symbol, side: int) -> float | None:
    """Bound of |e| for x >= 1 (side 1) or x <= -1 (side -1) by its growth; None where that does not bound it."""
    try:
        g = growth(e, x, side)
    except (PrecisionError, TypeError, ValueError, OverflowError):
        return None
    if g.c > 0 or (g.c == 0 and g.b > 0):
        return None
    top = g.log_a + (g.b**2 / (-4 * g.c) if g.c else 0.0)
    return math.exp(top) * _SLACK if top < 300 else None


def _root_of_quadratic(base: Expr, x: Symbol) -> tuple[float, float] | None:
    """sqrt(a x^2 + b x + c) <= sqrt(a) |x| + sqrt(|b| |x|) + sqrt(|c|), and sqrt(|b| |x|) <= |b|/(4 t) + t |x|."""
    poly = base.as_poly(x)
    if poly is None or poly.degree() != 2:
        return None
    a, b, c = (float(value.evalf(20)) for value in poly.all_coeffs())
    if b or a < 0:
        return None
    return math.sqrt(abs(c)) * _SLACK, math.sqrt(a) * _SLACK


def _sublinear(inner: Expr, x: Symbol, side: int) -> tuple[float, float] | None:
    """asinh|u| <= log(2|u| + 1) <= t|u| + log(2/t) - 1 + t/2 for every t > 0."""
    bound = linear_bound(inner, x, side)
    if bound is None:
        return None
    level = math.log(2 / _TILT) - 1 + _TILT / 2 + _TILT * bound[0]
    return level * _SLACK, _TILT * bound[1] * _SLACK


def _softplus(inner: Expr, x: Symbol, side: int) -> tuple[float, float] | None:
    """log(1 + exp(u)) lies between max(u, 0) and max(u, 0) + log 2, for u = cx."""
    for u in _logistic_exponent(inner):
        rate = u.diff(x)
        if rate.is_number and u == rate * x:
            return math.log(2) * _SLACK, max(0.0, side * float(rate)) * _SLACK
    return None

r"""Oblique asymptotes of an activation with a proved distance, $|\varphi(x) - \ell x| \le A$ far out."""

from __future__ import annotations

import math
from typing import NamedTuple

from sympy import Add, Expr, Mul, Poly, Pow, S, Symbol, cosh, expand, log, together

from theory.propagation.exponential_limits import exponent_of, limit
from theory.propagation.growth_bounds import supremum

__all__ = ["Asymptote", "asymptote"]

_SLACK = 1 + 1e-9


class Asymptote(NamedTuple):
    """The line slope * x, and the largest distance from it."""

    slope: Expr
    distance: float


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
    found = limit(e, x, side)
    return None if found is None else Asymptote(S.Zero, found.top * _SLACK)


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
    gate = limit(e / x, x, side)
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
    u = exponent_of(inner)
    hyperbolic = inner.args[0] if isinstance(inner, cosh) else None
    argument = u if u is not None else hyperbolic
    if argument is None or not argument.diff(x).is_number or argument.subs(x, 0) != 0:
        return None
    rate = argument.diff(x)
    size = abs(rate) if hyperbolic is not None else (side * rate if (side * rate).is_positive else S.Zero)
    return Asymptote(side * size, math.log(2) * _SLACK)


def _size(value: Expr) -> float:
    return abs(float(value.evalf(20)))

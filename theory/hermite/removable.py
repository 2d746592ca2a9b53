r"""Quotients with removable singularities, enclosed where numerator and denominator vanish together.

If N and D vanish to order m at a real point a, then on a convex set B around a
$$ N(z) = \frac{(z - a)^m}{(m - 1)!} \int_0^1 (1 - s)^{m - 1} N^{(m)}(a + s(z - a))\, ds, $$
and D likewise: N/D lies in the ball quotient of the m-th derivatives over B.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp
from flint import acb, ctx

from theory.balls import BallFunction, ball_function

__all__ = ["resolved"]

_MAX_ORDER = 6


@lru_cache(maxsize=256)
def resolved(e: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The expression with its quotients of the form 0/0 at a rational point made explicit."""
    if not e.has_free(x) or not e.args:
        return e
    if isinstance(e, sp.Add) and any(_poles(a, x) for a in e.args):
        joined = sp.together(e)
        if isinstance(joined, sp.Mul):
            return resolved(joined, x)
    if isinstance(e, sp.Mul | sp.Pow):
        for point in _poles(e, x):
            quotient = _quotient(e, x, point)
            if quotient is not None:
                return quotient
    return e.func(*(resolved(a, x) for a in e.args))


def _denominator(e: sp.Expr, x: sp.Symbol) -> list[sp.Pow]:
    factors = sp.Mul.make_args(e)
    return [f for f in factors if isinstance(f, sp.Pow) and f.exp.is_Integer and f.exp < 0 and f.base.has_free(x)]


def _poles(e: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    """Rational points at which a denominator vanishes: roots of its polynomial factors, and zero."""
    found: list[sp.Expr] = []
    for f in _denominator(e, x):
        if f.base.is_polynomial(x) and all(c.is_Rational for c in sp.Poly(f.base, x).all_coeffs()):
            found += list(sp.Poly(f.base, x).ground_roots())
        elif f.base.subs(x, 0).is_zero:
            found.append(sp.S.Zero)
    return list(dict.fromkeys(found))


def _quotient(e: sp.Expr, x: sp.Symbol, point: sp.Expr) -> sp.Expr | None:
    singular = [f for f in _denominator(e, x) if f.base.subs(x, point).is_zero]
    below = sp.Mul(*(1 / f for f in singular))
    above = sp.Mul(*(f for f in sp.Mul.make_args(e) if f not in singular))
    top, bottom = above, below
    for order in range(_MAX_ORDER + 1):
        value = bottom.subs(x, point)
        if not value.is_zero:
            return Quotient(x, above, below, point, sp.Integer(order)) if value.is_nonzero and order else None
        if not top.subs(x, point).is_zero:
            return None
        top, bottom = top.diff(x), bottom.diff(x)
    return None


class Quotient(sp.Function):
    """N(x)/D(x), both vanishing to the given order at the point: arguments x, N, D, point, order."""

    nargs = 5

    def _ball(self, z: acb, above: acb, below: acb, point: acb, order: acb) -> acb:
        value = above / below
        if value.is_finite() and not below.contains(0):
            return value
        hull = z.union(point)
        top, bottom = (f([hull], True) for f in self._derivatives())
        return top / bottom

    def _derivatives(self) -> tuple[BallFunction, BallFunction]:
        return _differentiated(self, ctx.prec)


@lru_cache(maxsize=64)
def _differentiated(quotient: Quotient, prec: int) -> tuple[BallFunction, BallFunction]:
    """The derivatives as ball functions; their constants depend on the precision."""
    x, above, below, _, order = quotient.args
    top, bottom = (ball_function(f.diff(x, int(order)), [x]) for f in (above, below))
    return top, bottom

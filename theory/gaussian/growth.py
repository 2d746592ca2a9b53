r"""Growth of a function on the real line, proved from the structure of its expression.

$$ |f(x)| \le A\, e^{B|x| + C x^2} \quad \text{for all } x \ge x_0, \text{ or all } x \le -x_0 $$

The constants decide how far a Gaussian integral must reach.  Every rule is a one-line inequality; where no rule
applies the answer is an error, never a guess.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import sympy as sp

from theory.errors import PrecisionError
from theory.gaussian.functions import Phi2

__all__ = ["Growth", "growth"]

_LOG_TINY = 690.0
_SLACK = 1 + 1e-9  # covers the rounding of the float constants
_BOUNDED = (sp.sin, sp.cos, sp.tanh, sp.erf, sp.sech, sp.sign, sp.Heaviside, sp.sinc, Phi2)


class Growth(NamedTuple):
    """Constants of the bound A exp(B |x| + C x^2)."""

    log_a: float
    b: float
    c: float

    def times(self, other: Growth) -> Growth:
        """Bound of a product."""
        return Growth(self.log_a + other.log_a, self.b + other.b, self.c + other.c)

    def plus(self, other: Growth) -> Growth:
        """Bound of a sum."""
        top = max(self.log_a, other.log_a)
        both = top + math.log(math.exp(self.log_a - top) + math.exp(other.log_a - top))
        return Growth(both, max(self.b, other.b), max(self.c, other.c))

    def power(self, p: float) -> Growth:
        """Bound of |f|**p for p > 0."""
        return Growth(self.log_a * p, self.b * p, self.c * p)


def growth(e: sp.Expr, x: sp.Symbol, side: int) -> Growth:
    """Bound of |e| for x >= 1 (side 1) or x <= -1 (side -1).

    Raises
    ------
    PrecisionError
        names the part of the expression that no rule bounds.
    """
    t = sp.Dummy("t", positive=True)
    return _Rules(t).bound(sp.expand(e.subs(x, side * t)) if e.is_polynomial(x) else e.subs(x, side * t))


class _Rules:
    """Rules for a variable known to be at least 1."""

    def __init__(self, x: sp.Symbol) -> None:
        self.x = x

    def bound(self, e: sp.Expr) -> Growth:
        if not e.has_free(self.x):
            size = sp.Abs(e.evalf(20))
            return Growth(float(sp.log(size)) + 1e-9 if size else -_LOG_TINY, 0.0, 0.0)
        if e == self.x:
            return Growth(-1.0, 1.0, 0.0)  # |x| <= e^{|x| - 1}
        if isinstance(e, sp.Add):
            total = self.bound(e.args[0])
            for a in e.args[1:]:
                total = total.plus(self.bound(a))
            return total
        if isinstance(e, sp.Mul):
            return self._product(e)
        if isinstance(e, sp.exp):
            return self._exponential(e.exp)
        if isinstance(e, sp.Pow):
            return self._power(e)
        return self._function(e)

    def _product(self, e: sp.Mul) -> Growth:
        try:
            product, rest = self._quotients(list(e.args))
            for a in rest:
                product = product.times(self.bound(a))
            return product
        except PrecisionError:
            # A sum of exponentials above another: term by term each may be a bounded quotient.
            sums = [a for a in e.args if a.is_Add and a.has(sp.exp)]
            if not sums or len(sums) > 2 or not any(a.is_Pow and a.exp.is_negative for a in e.args):
                raise
            parts = [self.bound(t * (e / sums[0])) for t in sums[0].args]
        total = parts[0]
        for part in parts[1:]:
            total = total.plus(part)
        return total

    def _quotients(self, factors: list[sp.Expr]) -> tuple[Growth, list[sp.Expr]]:
        """exp(r g) (c exp(g) + R)^-n <= c^-r (c exp(g) + R)^(r-n) for R >= 0 and 0 < r <= n; what is left of it."""
        found = Growth(0.0, 0.0, 0.0)
        for above in [f for f in factors if isinstance(f, sp.exp) and f.has_free(self.x)]:
            for below in factors:
                share = self._share(above.exp, below)
                if share is not None:
                    r, c = share
                    found = found.times(Growth(-float(r) * math.log(c) + 1e-9, 0.0, 0.0))
                    factors = [f for f in factors if f not in (above, below)] + [below * below.base**r]
                    break
        return found, factors

    def _share(self, exponent: sp.Expr, below: sp.Expr) -> tuple[sp.Rational, float] | None:
        if not (isinstance(below, sp.Pow) and below.exp.is_Rational and below.exp < 0 and below.base.is_Add):
            return None
        for term in below.base.args:
            c, moving = term.as_independent(self.x, as_Add=False)
            if not isinstance(moving, sp.exp) or not c.is_positive or self.floor(below.base - term) < 0:
                continue
            r = sp.cancel(exponent / moving.exp)
            if r.is_Rational and 0 < r <= -below.exp:
                return r, float(c.evalf(20))
        return None

    def _power(self, e: sp.Pow) -> Growth:
        base, p = e.base, e.exp
        if p.has_free(self.x):
            if base.is_positive and not base.has_free(self.x):
                return self._exponential(p * sp.log(base))
            raise self._unbounded(e)
        power = float(p)
        if base == self.x and power > 0:
            # max of t^p e^{-t} is at t = p
            return Growth(power * (math.log(power) - 1), 1.0, 0.0)
        if power > 0:
            return self.bound(base).power(power)
        floor = self.floor(base)
        if floor <= 0:
            floor = self.floor(-base)
        if floor <= 0 and p.is_Integer and base.is_extended_real:
            floor = self.floor(sp.Abs(base))
        if floor <= 0:
            raise self._unbounded(e)
        return Growth(power * math.log(floor / _SLACK), 0.0, 0.0)

    def _exponential(self, exponent: sp.Expr) -> Growth:
        """exp(g) where g is a quadratic plus terms bounded above, or a polynomial that falls."""
        log_a = b = c = 0.0
        exponent = sp.expand(exponent)
        if exponent.is_polynomial(self.x) and sp.degree(exponent, self.x) > 2:
            return Growth(self._top_of_polynomial(exponent), 0.0, 0.0)
        for term in sp.Add.make_args(exponent):
            if term.is_polynomial(self.x) and sp.degree(term, self.x) <= 2:
                coeff = float(sp.re(term.coeff(self.x, sp.degree(term, self.x)).evalf(20)))
                degree = sp.degree(term, self.x)
                if degree == 2:
                    c += coeff + abs(coeff) * 1e-12
                elif degree == 1 and coeff < 0:
                    log_a += coeff / _SLACK
                elif degree == 1:
                    b += coeff * _SLACK
                else:
                    log_a += coeff
            else:
                floor = self.floor(-term)
                if math.isfinite(floor):
                    log_a -= floor
                else:
                    log_a += self._supremum(term)
        return Growth(log_a, b, c)

    def _top_of_polynomial(self, e: sp.Expr) -> float:
        """Bound for x >= 1: the leading term, if negative, lends each positive term c x^j a share -a x^n."""
        poly = sp.Poly(e, self.x)
        terms = [(int(j), float(sp.re(c.evalf(20)))) for (j,), c in poly.terms()]
        (n, leading), *rest = terms
        rising = [(j, c * _SLACK) for j, c in rest if c > 0]
        if leading >= 0:
            raise self._unbounded(sp.exp(e))
        if not rising:
            return leading / _SLACK
        a = -leading / len(rising) / _SLACK
        top = 0.0
        for j, c in rising:
            if j == 0:
                top += c
                continue
            place = max(1.0, (c * j / (a * n)) ** (1 / (n - j)))  # c x^j - a x^n has its top there
            top += max(0.0, c * place**j) * _SLACK
        return top

    def _supremum(self, e: sp.Expr) -> float:
        """Bound of a bounded term: the top of A exp(B t + C t^2) with C < 0, or with B and C zero."""
        g = self.bound(e)
        if g.c > 0 or (g.c == 0 and g.b > 0):
            raise self._unbounded(sp.exp(e))
        top = g.log_a + (g.b**2 / (-4 * g.c) if g.c else 0.0)
        if top > 700:
            raise self._unbounded(sp.exp(e))
        return math.exp(top) * _SLACK

    def _function(self, e: sp.Expr) -> Growth:
        if isinstance(e, _BOUNDED):
            return Growth(0.0, 0.0, 0.0)
        if isinstance(e, sp.erfc):  # erfc(y) <= exp(-y^2) for y >= 0, and at most 2
            tail = self._exponential(-(e.args[0] ** 2)) if self.floor(e.args[0]) >= 0 else Growth(0.0, 0.0, 0.0)
            return tail.times(Growth(math.log(2.0), 0.0, 0.0))
        if isinstance(e, sp.atan | sp.asin | sp.acos):
            return Growth(math.log(math.pi) * _SLACK, 0.0, 0.0)
        inner = e.args[0] if e.args else e
        if isinstance(e, sp.Abs | sp.asinh):
            return self.bound(inner)
        if isinstance(e, sp.cosh | sp.sinh):
            return self._exponential(inner).plus(self._exponential(-inner))
        if isinstance(e, sp.log):
            floor = self.floor(inner)
            if floor > 0 and (spread := self._log_of_exponentials(inner)) is not None:
                return spread.plus(Growth(math.log(abs(math.log(floor)) + 1e-9), 0.0, 0.0))
            if floor > 0:  # log floor <= log f <= log A + B t + C t^2, with t <= e^{t-1} and t^2 <= 4 e^{t-2}
                g = self.bound(inner)
                constant = abs(math.log(floor)) + abs(g.log_a) + 1e-9
                slope = max(g.b, 0.0) / math.e + max(g.c, 0.0) * 4 / math.e**2
                linear = Growth(math.log(slope) + 1e-9, 1.0, 0.0) if slope else Growth(-_LOG_TINY, 0.0, 0.0)
                return Growth(math.log(constant) + 1e-9, 0.0, 0.0).plus(linear)
        if isinstance(e, sp.Max | sp.Min):
            total = self.bound(e.args[0])
            for a in e.args[1:]:
                total = total.plus(self.bound(a))
            return total
        if isinstance(e, sp.Piecewise):
            return self.bound(sp.Max(0, *(sp.Abs(v) for v, _ in e.args), evaluate=False))
        raise self._unbounded(e)

    def _log_of_exponentials(self, inner: sp.Expr) -> Growth | None:
        """log(c_1 exp(g_1) + ... + c_n exp(g_n)) <= log n + |log c_i| + |g_i|, summed over i."""
        terms = sp.Add.make_args(inner)
        total = Growth(math.log(math.log(len(terms) + 1)), 0.0, 0.0)
        for term in terms:
            c, moving = term.as_independent(self.x, as_Add=False)
            if not c.is_positive or not (moving == 1 or isinstance(moving, sp.exp)):
                return None
            total = total.plus(Growth(math.log(abs(float(sp.log(c).evalf(20))) + 1e-9), 0.0, 0.0))
            if moving != 1:
                total = total.plus(self.bound(moving.exp))
        return total

    def floor(self, e: sp.Expr) -> float:
        """A number that e exceeds everywhere; -inf where no rule gives one."""
        if not e.has_free(self.x):
            value = float(e.evalf(20))
            return value - abs(value) * 1e-12
        if e == self.x:
            return 1.0
        if isinstance(e, sp.Add):
            return sum(self.floor(a) for a in e.args)
        if isinstance(e, sp.Mul):
            return self._product_floor(e)
        if isinstance(e, sp.exp):
            least = self.floor(e.exp)
            return math.exp(min(least, _LOG_TINY)) / _SLACK
        if isinstance(e, sp.erfc | sp.sech | sp.Heaviside | sp.Abs):
            return 0.0
        if isinstance(e, sp.cosh):
            return 1.0
        if isinstance(e, sp.tanh | sp.sin | sp.cos | sp.erf | sp.sign):
            return -1.0
        if isinstance(e, sp.atan):
            return -math.pi / 2 - 1e-12
        if isinstance(e, sp.Pow) and not e.exp.has_free(self.x):
            return self._power_floor(e)
        if isinstance(e, sp.log):
            inner = self.floor(e.args[0])
            return math.log(inner) - 1e-12 if inner > 0 else -math.inf
        if isinstance(e, sp.Max):
            return max(self.floor(a) for a in e.args)
        return -math.inf

    def _product_floor(self, e: sp.Mul) -> float:
        coeff, rest = e.as_coeff_Mul()
        factors = sp.Mul.make_args(rest)
        if coeff < 0:
            if len(factors) == 1 and isinstance(factors[0], (*_BOUNDED, sp.atan)):
                return float(coeff) * math.pi / 2
            return -math.inf
        floors = [self.floor(f) for f in factors]
        if len(floors) == 1:
            return float(coeff) * floors[0]
        return float(coeff) * math.prod(floors) if all(f >= 0 for f in floors) else -math.inf

    def _power_floor(self, e: sp.Pow) -> float:
        inner = self.floor(e.base)
        if e.exp.is_even:
            return 0.0
        if inner < 0:
            return -math.inf
        if e.exp.is_positive:
            return inner ** float(e.exp)
        return 0.0

    def _unbounded(self, e: sp.Expr) -> PrecisionError:
        shown = e.xreplace({self.x: sp.Symbol("t")})
        return PrecisionError(f"no rule bounds the growth of {shown} as t = |x| tends to infinity")

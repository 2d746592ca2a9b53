r"""Polynomials far out with a proved remainder, $|f(x) - P(|x|)| \le C |x|^m e^{-c|x|}$ for $|x| \ge 1$."""

from __future__ import annotations

import math
from functools import reduce
from itertools import zip_longest
from typing import NamedTuple

from sympy import Add, Expr, Mul, Poly, Pow, S, Symbol, cosh, log, together

from theory.propagation.asymptotes import Asymptote, asymptote
from theory.propagation.exponential_limits import exponent_of, limit

__all__ = ["Outer", "outer_expansion"]

_SLACK = 1 + 1e-9
_SHARE = 0.5  # of a rate, given up for the powers of t in front of an exponential


Rest = tuple[float, int, float]  # C, m, c of C t^m e^(-ct)


class Outer(NamedTuple):
    r"""$|f - \sum_k p_k t^k| \le C t^m e^{-ct}$ for $t = |x| \ge 1$; m = 0 where c > 0, c infinite where C = 0."""

    coefficients: tuple[Expr, ...]
    size: float = 0.0
    rate: float = math.inf
    power: int = 0

    def plus(self, other: Outer) -> Outer:
        """Expansion of a sum."""
        pairs = zip_longest(self.coefficients, other.coefficients, fillvalue=S.Zero)
        return Outer(_trimmed([a + b for a, b in pairs]), *_joined(self.rest, other.rest))

    def times(self, other: Outer) -> Outer:
        """Expansion of a product."""
        product = [S.Zero] * (len(self.coefficients) + len(other.coefficients) - 1)
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                product[i + j] += a * b
        rests = [(self.size * other.size, self.power + other.power, self.rate + other.rate)]
        for here, there in ((self, other), (other, self)):
            top = sum(_size(c) for c in here.coefficients)
            rests.append((there.size * top, there.power + len(here.coefficients) - 1, there.rate))
        return Outer(_trimmed([c.expand() for c in product]), *_joined(*rests))

    @property
    def rest(self) -> Rest:
        """(C, m, c)."""
        return self.size, self.power, self.rate


def _trimmed(coefficients: list[Expr]) -> tuple[Expr, ...]:
    """Without zeros at the end: the degree decides the power of a remainder."""
    degree = max((k for k, c in enumerate(coefficients) if c != 0), default=0)
    return tuple(coefficients[: degree + 1])


def _joined(*rests: Rest) -> tuple[float, float, int]:
    """(C, c, m) of a bound of the sum of remainders."""
    faded = [_faded(*rest) for rest in rests if rest[0]]
    rate = min((c for _, _, c in faded), default=math.inf)
    return sum(size for size, _, _ in faded) * _SLACK, rate, max((m for _, m, _ in faded), default=0)


def _faded(size: float, power: int, rate: float) -> Rest:
    """The power drawn into the exponential, if that decays: the top of t^m e^(-at) is (m/(e a))^m."""
    if not power or not rate:
        return size, power, rate
    given = rate * _SHARE
    return size * (power / (math.e * given)) ** power * _SLACK, 0, rate - given


def outer_expansion(e: Expr, x: Symbol, side: int) -> Outer | None:
    r"""Expansion for x >= 1 (side 1) or x <= -1 (side -1) in powers of |x|; None where no rule applies.

    Examples
    --------
    >>> from sympy import tanh
    >>> x = Symbol("x", real=True)
    >>> outer_expansion(x * (1 + tanh(x)) + 3, x, 1).coefficients
    (3, 2)
    """
    if e.is_polynomial(x):
        coefficients = Poly(e.subs(x, side * x), x).all_coeffs()[::-1]
        return Outer(tuple(coefficients))
    if e.is_rational_function(x):
        return _of_quotient(e, x, side)
    if isinstance(e, Add | Mul):
        parts = [outer_expansion(a, x, side) for a in e.args]
        known = [p for p in parts if p is not None]
        if len(known) == len(parts):
            total = known[0]
            for part in known[1:]:
                total = total.plus(part) if isinstance(e, Add) else total.times(part)
            bounded = asymptote(e, x, side) if total.power else None
            return total if bounded is None else _along(bounded, side)
    if isinstance(e, Pow) and e.exp.is_Integer and e.exp > 0:
        base = outer_expansion(e.base, x, side)
        return base and reduce(Outer.times, [base] * int(e.exp))
    if isinstance(e, log) and (found := _of_logarithm(e.args[0], x, side)) is not None:
        return found
    near = limit(e, x, side)
    if near is not None:
        return Outer((near.value,), near.size, near.rate)
    line = asymptote(e, x, side)
    return None if line is None else _along(line, side)


def _along(line: Asymptote, side: int) -> Outer:
    return Outer((S.Zero, side * line.slope), *((line.distance, 0.0) if line.distance else ()))


def _of_quotient(e: Expr, x: Symbol, side: int) -> Outer | None:
    """P/Q in t = |x| with Q of non-negative coefficients: Q >= q_n t^n, and t^k <= t^(n-1) in the remainder."""
    above, below = (Poly(part.subs(x, side * x), x) for part in together(e).as_numer_denom())
    if below.LC().is_negative:
        above, below = -above, -below
    if not all(c.is_nonnegative for c in below.all_coeffs()):
        return None
    whole, rest = above.div(below)
    size = sum(_size(c) for c in rest.all_coeffs()) / _size(below.LC()) * _SLACK
    return Outer(tuple(whole.all_coeffs()[::-1]), *((size, 0.0) if size else ()))


def _of_logarithm(inner: Expr, x: Symbol, side: int) -> Outer | None:
    r"""$0 \le \log(1 + e^u) - u \le e^{-u}$ and $0 \le \log\cosh u - |u| + \log 2 \le e^{-2|u|}$, u = at + b rising."""
    hyperbolic = isinstance(inner, cosh)
    u = inner.args[0] if hyperbolic else exponent_of(inner)
    if u is None or not u.is_polynomial(x) or Poly(u, x).degree() != 1:
        return None
    slope, level = side * Poly(u, x).coeff_monomial(x), Poly(u, x).coeff_monomial(1)
    if hyperbolic and slope.is_negative:
        slope, level = -slope, -level
    if not slope.is_positive or (hyperbolic and _float(level + slope) < 0):
        return None
    twice = 2 if hyperbolic else 1
    size, rate = math.exp(-twice * _float(level)) * _SLACK, twice * _float(slope) / _SLACK
    return Outer((level - log(2) if hyperbolic else level, slope), size, rate)


def _size(value: Expr) -> float:
    return abs(_float(value))


def _float(value: Expr) -> float:
    return float(value.evalf(20))

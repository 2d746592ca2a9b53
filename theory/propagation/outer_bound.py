r"""No fixed point of the variance map at large variances, from the expansion of the activation far out.

With $h = w\varphi^2 + (s - 1)x^2 + c$, $h(\pm t) = P_\pm(t) + r_\pm(t)$, $P = P_+ + P_-$ and $r = r_+ + r_-$,
$$ F(q) - q = E_q h = \tfrac12\sum_k p_k E|X|^k + \int_0^\infty r(t)\,\frac{e^{-t^2/(2q)}}{\sqrt{2\pi q}}\,dt . $$
The last integral is at most $\int|r|/\sqrt{2\pi q}$ (where r does not decay, a power of q beyond the part up to there),
which the leading power of P beats.  Where P vanishes it differs from $\int r/\sqrt{2\pi q}$ by at most
$\int t^2|r|/(2q\sqrt{2\pi q})$.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from flint import acb, arb, fmpq
from sympy import Expr, Rational, S, gamma, pi, sqrt

from theory.balls import BallFunction, ball_function
from theory.enclosure import enclose
from theory.hermite.removable import resolved
from theory.propagation.outer_expansion import Outer, outer_expansion
from theory.propagation.rates import certified_sign
from theory.propagation.variance_curve import VarianceCurve

__all__ = ["settled_beyond"]

_DIGITS = 15
_FINE, _COARSE = 1 / 64, 1 / 8
_NEGLIGIBLE, _FARTHEST = 1e-6, 80.0
_LOWEST, _RUNGS = -20, 240  # powers of two in quarters, of the variance


def settled_beyond(curve: VarianceCurve) -> Rational | None:
    """A variance above which F(q) - q has one sign, at the precision of the caller; None where no rule applies.

    Raises
    ------
    PrecisionError
        if a coefficient of P, or the integral of r, is not told apart from zero.
    """
    outers = [_expansion(curve, side) for side in (-1, 1)]
    known = [o for o in outers if o is not None]
    if len(known) < 2:
        return None
    sides = [_Side(curve, outer, side) for outer, side in zip(known, (-1, 1), strict=True)]
    polynomial = known[0].plus(known[1]).coefficients
    powers = reversed(range(len(polynomial)))
    lead = next((k for k in powers if certified_sign(polynomial[k], "a coefficient of the variance map far out")), None)
    return _by_integral(sides) if lead is None else _by_power(polynomial[: lead + 1], sides)


def _expansion(curve: VarianceCurve, side: int) -> Outer | None:
    """Expansion of h on one side."""
    part = curve.phi.pieces.parts[0 if side < 0 else -1]
    outer = outer_expansion(part, curve.phi.variable, side)
    if outer is None:
        return None
    rest = Outer((curve.bias, S.Zero, curve.slope - 1))
    return outer.times(outer).times(Outer((curve.weight,))).plus(rest)


class _Cell(NamedTuple):
    """A stretch of t and a bound of |r| on it."""

    lower: float
    upper: float
    top: arb


class _Side:
    """The function r on one half-line."""

    def __init__(self, curve: VarianceCurve, outer: Outer, side: int) -> None:
        x = curve.phi.variable
        self.outer = outer
        polynomial = sum((c * x**k for k, c in enumerate(outer.coefficients)), S.Zero)
        pieces = curve.integral.terms[0].pieces
        ends = [side * b for b in pieces.breaks][::side]
        parts = pieces.parts[::side]
        first = sum(bool(enclose(e, _DIGITS) <= 0) for e in ends)
        self.breaks = [enclose(e, _DIGITS) for e in ends[first:]]
        self.functions: list[BallFunction] = [
            ball_function(resolved(part.subs(x, side * x) - polynomial, x), [x]) for part in parts[first:]
        ]
        start = max([1.0, *(float(b.upper()) for b in self.breaks)])
        self.edge = start
        if outer.size and outer.rate:
            needed = math.log(max(outer.size, 1.0) / _NEGLIGIBLE) / outer.rate
            self.edge = min(max(start, needed), max(start + 1, _FARTHEST))
        self.cells = list(self._cells(start))

    def _cells(self, start: float) -> Iterator[_Cell]:
        place = 0.0
        while place < self.edge:
            upper = min(self.edge, place + max(_FINE, _COARSE * min(1.0, place / 64)))
            cell = arb(place).union(arb(upper))
            top = arb(0)
            for i, f in enumerate(self.functions):
                if (i > 0 and cell < self.breaks[i - 1]) or (i < len(self.breaks) and cell > self.breaks[i]):
                    continue
                value = abs(f([acb(cell)], False).real)
                top = top.max(value.abs_upper()) if value.is_finite() else arb.pos_inf()
            if place >= start:
                faded = (-arb(self.outer.rate) * place).exp() if self.outer.size else arb(0)
                top = top.min((self.outer.size * faded).abs_upper())
            yield _Cell(place, upper, top)
            place = upper

    def absolute(self, power: int) -> arb:
        r"""Bound of $\int t^p |r|$ for p = 0 or 2."""
        total = arb(0)
        for lower, upper, top in self.cells:
            total += top * (upper - lower) * arb(upper) ** power
        return total + self._beyond(power)

    def _beyond(self, power: int) -> arb:
        if not self.outer.size or not self.outer.rate:
            return arb(0)
        c, t = arb(self.outer.rate), arb(self.edge)
        factor = 1 / c if power == 0 else t**2 / c + 2 * t / c**2 + 2 / c**3
        return self.outer.size * (-c * t).exp() * factor

    def integral(self) -> arb:
        r"""Ball around $\int r$."""
        total = arb(0)
        ends = [arb(0), *self.breaks, arb(self.edge)]
        for f, low, high in zip(self.functions, ends, ends[1:], strict=False):
            value = acb.integral(lambda z, analytic, f=f: f([z], analytic), acb(low), acb(high))
            total += value.real
        return total + arb(0, self._beyond(0).abs_upper())


def _by_power(polynomial: tuple[Expr, ...], sides: list[_Side]) -> Rational | None:
    """No other term grows faster than the leading one relative to it."""
    terms = [enclose(c, _DIGITS) * _half_moment(k) for k, c in enumerate(polynomial)]
    lead, rest = terms[-1], (sides[0].absolute(0) + sides[1].absolute(0)) / (2 * arb.pi()).sqrt()
    sign = 1 if lead > 0 else -1
    against = [(k, arb(0).max((-sign * t).upper())) for k, t in enumerate(terms[:-1])]
    # Remainders that do not decay are bounded by a power beyond the edge.
    against += [(s.outer.power, s.outer.size * _half_moment(s.outer.power)) for s in sides if not s.outer.rate]
    top = len(polynomial) - 1
    if any(k > top for k, _ in against):
        return None
    for rung in range(_RUNGS):
        variance = Rational(4 + rung % 4, 4) * Rational(2) ** (_LOWEST + rung // 4)
        y = _ball(variance).sqrt()
        loss = sum((t * y**k for k, t in against), rest / y)
        if loss < sign * lead * y**top:
            return variance
    return None


def _half_moment(k: int) -> arb:
    """E[Z^k; Z > 0]."""
    return enclose(sqrt(2) ** k * gamma(Rational(k + 1, 2)) / (2 * sqrt(pi)), _DIGITS)


def _by_integral(sides: list[_Side]) -> Rational | None:
    """The sign is that of the integral of r, up to a share of order 1/q."""
    if not all(s.outer.rate for s in sides):
        return None
    whole = sides[0].integral() + sides[1].integral()
    spread = sides[0].absolute(2) + sides[1].absolute(2)
    if not whole.is_finite() or whole.contains(0) or not spread.is_finite():
        return None
    mantissa, exponent = (int(part) for part in (spread / (2 * abs(whole).abs_lower())).abs_upper().man_exp())
    return mantissa * Rational(2) ** exponent


def _ball(value: Rational) -> arb:
    return arb(fmpq(int(value.p), int(value.q)))

r"""The sign of a Gaussian mean at small variances, proved from Taylor polynomials of both sides of zero.

With $a_j^\pm$ the Taylor coefficients of f above and below zero, $M$ the largest modulus of both pieces on the disc
$|z| \le \varrho$ and $m_j = E|Z|^j$,
$$ E_K f = \sum_{j \le J} \frac{a_j^+ + (-1)^j a_j^-}{2} m_j K^{j/2} + R, \qquad
   |R| \le 2 M m_{J+1} (K/\varrho^2)^{(J+1)/2} + \text{tail beyond } \varrho/2. $$
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from flint import acb, arb
from sympy import Add, Expr, Integer, Rational, Symbol, factorial, gamma, nan, oo, pi, sqrt, zoo

from theory.balls import ball_function, workprec
from theory.enclosure import sign_of_number
from theory.errors import PrecisionError, TheoryError, UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import Pieces
from theory.hermite.removable import resolved
from theory.propagation.variance_mean import Term, VarianceMean

__all__ = ["Taylor", "absolute_moment", "sides_at_zero", "sign_near_zero"]

_HIGHEST_ORDER = 8
_FIRST = 1 << 4
_RUNGS = 12
_BITS = 120
_BOXES = 8
_RADII = (1.0, 0.5, 0.25)


def absolute_moment(j: int) -> Expr:
    """E|Z|^j of a standard normal variable."""
    return sqrt(2) ** j * gamma(Rational(j + 1, 2)) / sqrt(pi)


def sides_at_zero(pieces: Pieces, ordering: Ordering) -> tuple[Expr, Expr]:
    """The expressions just below and just above zero."""
    signs = [ordering.sign(b) for b in pieces.breaks]
    below = sum(1 for s in signs if s < 0)
    return pieces.parts[below], pieces.parts[below + sum(1 for s in signs if s == 0)]


def sign_near_zero(mean: VarianceMean) -> tuple[int, Fraction] | None:
    """The sign of the mean on (0, K0] and K0, where it is proved."""
    try:
        with workprec(_BITS):
            return _sign_near_zero(mean)
    except (TheoryError, TypeError):
        return None


def _sign_near_zero(mean: VarianceMean) -> tuple[int, Fraction] | None:
    at_zero = [w for w, place in mean.kinks if place == 0]
    if at_zero:
        lead, value = -1, at_zero[0] / sqrt(2 * pi)
    else:
        orders = range(_HIGHEST_ORDER + 1)
        values = ((j, _coefficient(mean, j)) for j in orders)
        lead, value = next(((j, v) for j, v in values if not v.is_zero), (_HIGHEST_ORDER + 1, Integer(0)))
    sign = sign_of_number(value)
    if not sign or not value.is_finite:
        return None
    following = _coefficient(mean, lead + 1)
    bound = _Remainder(mean, lead, _ball(value), abs(_ball(following)))
    rungs = (Fraction(1, _FIRST << (2 * k)) for k in range(_RUNGS))
    return next(((sign, rung) for rung in rungs if bound.is_below_lead(rung)), None)


def _coefficient(mean: VarianceMean, j: int) -> Expr:
    """Coefficient of K**(j/2) of the terms, from the derivatives of the activation at zero."""
    phi = mean.phi
    sides = [Taylor(side, phi.variable) for side in sides_at_zero(phi.pieces, phi.ordering)]
    total: Expr = Integer(0)
    for term in mean.terms:
        if term.orders is None:
            raise UnsupportedError("the expansion at small variances takes products of derivatives of the activation")
        order = j - 2 * term.power
        if order >= 0:
            both = sides[1].product(term.orders, order) + (-1) ** order * sides[0].product(term.orders, order)
            total += term.weight * both / 2 * absolute_moment(order)
    return total.expand()


class Taylor:
    """Derivatives at zero of an expression, on demand."""

    def __init__(self, e: Expr, x: Symbol) -> None:
        self.x, self.derivatives = x, [e]

    def derivative(self, j: int) -> Expr:
        """The derivative of order j at zero."""
        while len(self.derivatives) <= j:
            self.derivatives.append(self.derivatives[-1].diff(self.x))
        value = self.derivatives[j].subs(self.x, 0)
        return self.derivatives[j].limit(self.x, 0) if value.has(nan, zoo, oo) else value

    def product(self, orders: tuple[int, int], j: int) -> Expr:
        """Taylor coefficient of order j of the product of two derivatives."""
        first, second = orders
        terms = (
            self.derivative(first + i) * self.derivative(second + j - i) / (factorial(i) * factorial(j - i))
            for i in range(j + 1)
        )
        return Add(*terms)


class _Piece(NamedTuple):
    """Constants of one term: bound of the coefficients used, largest modulus on the disc, mean square."""

    power: int
    top: arb
    radius: float
    square: arb


class _Remainder:
    """Bound, for all variances up to K, of what the leading term leaves out."""

    def __init__(self, mean: VarianceMean, lead: int, value: arb, following: arb) -> None:
        self.mean, self.lead, self.value, self.following = mean, lead, value, following
        self.pieces = [self._piece(term) for term in mean.terms]

    def _piece(self, term: Term) -> _Piece:
        x = self.mean.phi.variable
        sides = sides_at_zero(term.pieces, self.mean.phi.ordering)
        nearest = min([1.0, *(0.99 * abs(float(b)) for b in term.pieces.breaks if b != 0)])
        square = self.mean.square(term, Fraction(1, _FIRST))
        for radius in _RADII:
            tops = [_modulus(side, x, radius * nearest) for side in sides]
            if all(t.is_finite() for t in tops):
                top = max(tops, key=float)
                return _Piece(term.power, abs(_ball(term.weight)) * top, radius * nearest, square)
        raise PrecisionError(f"{sides} are not analytic on a disc around zero")

    def is_below_lead(self, rung: Fraction) -> bool:
        """Is the remainder below the leading term on (0, rung]?  Every quotient grows with K there."""
        variance = arb(rung.numerator) / rung.denominator
        root = variance.sqrt()
        rest = self.following * root ** (self.lead + 1)
        for power, top, radius, square in self.pieces:
            order = self.lead + 1 - 2 * power
            cut = arb(radius) / 2
            if not cut * cut > (8 * self.lead + 40) * variance:
                return False
            missing = max(order + 1, 0)
            part = 2 * top * _ball(absolute_moment(missing)) * (root / radius) ** missing
            # On |z| > cut: Cauchy-Schwarz for f, and the polynomial with coefficients at most top / radius**j.
            beyond = (-cut * cut / (2 * variance)).exp()
            part += (square * (1 / (_FIRST * variance)).sqrt() * beyond).sqrt()
            for j in range(order + 1):
                part += top / arb(radius) ** j * (_ball(absolute_moment(2 * j)) * variance**j * beyond).sqrt()
            rest += part * variance**power
        for weight, place in self.mean.kinks:
            if place != 0:
                spot = _ball(place)
                if not spot * spot > (self.lead + 4) * variance:
                    return False
                rest += abs(_ball(weight)) * (-spot * spot / (2 * variance)).exp() / (2 * arb.pi() * variance).sqrt()
        return bool(rest < abs(self.value) * root**self.lead)


def _ball(e: Expr) -> arb:
    return ball_function(e)((), False).real


def _modulus(e: Expr, x: Expr, radius: float) -> arb:
    """Largest modulus on a square around the disc; not finite where the function may not be analytic."""
    inner = ball_function(resolved(e, x), [x])
    top, half = arb(0), radius / _BOXES * 1.0001
    for i in range(_BOXES):
        for j in range(_BOXES):
            re, im = ((2 * n + 1 - _BOXES) * radius / _BOXES for n in (i, j))
            value = abs(inner([acb(arb(re, half), arb(im, half))], True))
            if not value.is_finite():
                return value
            top = max(top, value.abs_upper(), key=float)
    return top

r"""Expansion of the maps at a fixed point of slope one.

Correlations: with $\rho = 1 - \varepsilon$ a kink of slope jump J at b contributes
$\frac{2}{3\sqrt\pi} J^2 p(b)\, \varepsilon^{3/2}$ to $\kappa(1 - \varepsilon)$ (unit variance, p the normal density);
the regular part is $\kappa^{(m)}(1) = E[(\varphi^{(m)})^2]$.  Variances at zero: one-sided Taylor series of
$\varphi^2$, term by term.
"""

from __future__ import annotations

from itertools import pairwise

from flint import arb
from sympy import Add, Dummy, Expr, Integer, Rational, Symbol, exp, expand, factorial, gamma, pi, sqrt

from theory.activations import Activation
from theory.enclosure import enclose, sign_of_number
from theory.errors import TheoryError, UnsupportedError
from theory.gaussian.expectation import expect
from theory.gaussian.law import Gaussian
from theory.gaussian.pieces import SWITCHES, Pieces, as_piecewise
from theory.propagation.vanishing import vanishes

__all__ = [
    "first_departure",
    "has_jumps",
    "one_sided_taylor",
    "powers_at_zero",
    "sides_at_zero",
    "smooth_pieces",
    "terms_at_one",
    "terms_at_zero",
]

_DEPARTURE_ORDER = 4
_SMALL, _NEAR = Rational(1, 10**40), 1e-3


def smooth_pieces(phi: Activation) -> Pieces:
    """The pieces, refused where kinks hide inside them."""
    if any(part.has(*SWITCHES) for part in phi.pieces.parts):
        raise UnsupportedError(f"the kinks of {phi.expr} are not found in closed form; write the pieces out")
    return phi.pieces


def _jumps(pieces: Pieces, x: Symbol) -> list[tuple[Expr, Expr]]:
    """Breakpoints at which the function jumps, with the jump."""
    found = []
    for b, (before, after) in zip(pieces.breaks, pairwise(pieces.parts), strict=True):
        jump = after.subs(x, b) - before.subs(x, b)
        if not vanishes(jump):
            found.append((b, jump))
    return found


def has_jumps(phi: Activation) -> bool:
    """Is the function discontinuous?"""
    return bool(_jumps(smooth_pieces(phi), phi.variable))


def _diff(pieces: Pieces, x: Symbol) -> Pieces:
    return Pieces(pieces.breaks, tuple(p.diff(x) for p in pieces.parts))


def _mean_square(pieces: Pieces, phi: Activation, q: Expr) -> Expr:
    expr = as_piecewise(pieces.merged(), phi.variable)
    return expect(expr**2, Gaussian(phi.variable, cov=[[q]]), phi.assumptions)


def terms_at_one(phi: Activation, q: Expr, scale: Expr) -> list[tuple[Rational, Expr]]:
    r"""Terms $(p_j, \alpha_j)$ of $\varepsilon' = \varepsilon + \sum_j \alpha_j \varepsilon^{p_j}$ at correlation one.

    `scale` times the dual activation at variance q is the correlation map, whose slope at one is one; the
    activation is continuous.  Terms that are known to be followed by a different kind of power end the list.

    Examples
    --------
    >>> from theory.activations import activation
    >>> terms_at_one(activation("relu"), Integer(1), Integer(2))
    [(3/2, -2*sqrt(2)/(3*pi)), (2, 0)]
    """
    x = phi.variable
    first = _diff(smooth_pieces(phi), x)
    second = _diff(first, x)
    regular = q**2 * _mean_square(second, phi, q)
    kinks = _jumps(first, x)
    if kinks:
        singular = Integer(0)
        for b, jump in kinks:
            density = exp(-(b**2) / (2 * q)) / sqrt(2 * pi)
            place = second.breaks.index(b)
            middle = sum(part.subs(x, b) for part in second.parts[place : place + 2]) / 2
            singular += q * jump**2 * density
            regular += 2 * q ** Rational(3, 2) * jump * density * middle
        return [(Rational(3, 2), -scale * 2 * singular / (3 * sqrt(pi))), (Integer(2), -scale * regular / 2)]
    terms = [(Integer(2), -scale * regular / 2)]
    if not _jumps(second, x):
        third = _diff(second, x)
        terms.append((Integer(3), scale * q**3 * _mean_square(third, phi, q) / 6))
    return terms


def sides_at_zero(phi: Activation) -> tuple[Expr, Expr]:
    """The pieces just above and just below zero."""
    pieces = smooth_pieces(phi)
    signs = [phi.ordering.sign(b) for b in pieces.breaks]
    return pieces.parts[sum(s <= 0 for s in signs)], pieces.parts[sum(s < 0 for s in signs)]


def first_departure(phi: Activation) -> tuple[Expr, int] | None:
    r"""Where an activation that is linear on both sides of zero stops to be so, and which way $\varphi^2$ turns there.

    The smallest |b| of the breakpoints beyond which $\varphi^2$ differs from its continuation $\ell_\pm^2 x^2$, and
    the sign of the first derivative of the difference, outward and summed over the breakpoints at that distance, that
    is not zero.  None for other activations, and where no derivative up to the fourth decides.
    """
    x, pieces = phi.variable, smooth_pieces(phi)
    right, left = sides_at_zero(phi)
    if any(expand(side).diff(x, 2) != 0 or side.subs(x, 0) != 0 for side in (right, left)):
        return None
    departures: dict[Expr, list[tuple[Expr, Expr, int]]] = {}
    for b, (before, after) in zip(pieces.breaks, pairwise(pieces.parts), strict=True):
        side = phi.ordering.sign(b)
        if side:
            inner, outer = (right, after) if side > 0 else (left, before)
            departures.setdefault(abs(b), []).append((outer**2 - inner**2, b, side))
    for distance in sorted(departures, key=lambda d: float(d.evalf(20))):
        for order in range(_DEPARTURE_ORDER + 1):
            turns = (side**order * f.diff(x, order).subs(x, b) for f, b, side in departures[distance])
            sign = sign_of_number(expand(Add(*turns)))
            if sign != 0:
                return None if sign is None else (distance, sign)
    return None


def one_sided_taylor(phi: Activation, order: int) -> tuple[list[Expr], list[Expr]]:
    """Taylor coefficients of the activation at zero, from the right and from the left."""
    right, left = sides_at_zero(phi)
    return _taylor(right, phi.variable, order), _taylor(left, phi.variable, order)


def _taylor(part: Expr, x: Symbol, order: int) -> list[Expr]:
    found = []
    for k in range(order + 1):
        value = part.subs(x, 0)
        if not value.is_finite:
            value = part.limit(x, 0)
        if not value.is_finite:
            raise UnsupportedError(f"the derivative of order {k} of the activation is not finite at zero")
        found.append(value / factorial(k))
        part = part.diff(x)
    return found


def powers_at_zero(phi: Activation) -> list[tuple[Expr, Rational]] | None:
    r"""(c, a) of $c |x|^a$ with rational a, to the right and to the left of zero; a side that vanishes has none.

    None where the leading term is no such power, or the function does not come near it.
    """
    t = Dummy("t", positive=True)
    found = []
    for side, part in zip((1, -1), sides_at_zero(phi), strict=True):
        f = part.subs(phi.variable, side * t)
        if f == 0:
            continue
        try:
            factor, power = f.as_leading_term(t).as_coeff_exponent(t)
            share = enclose((f / (factor * t**power)).subs(t, _SMALL), 10)
        except (NotImplementedError, ValueError, TheoryError):
            return None
        if factor.has(t) or not power.is_Rational or not abs(share - 1) < arb(_NEAR):
            return None
        found.append((factor, power))
    return found or None


def terms_at_zero(phi: Activation, weight: Expr, slope: Expr, order: int) -> list[tuple[Rational, Expr]]:
    r"""Terms of $F(q) - q$ in powers of $\sqrt q$, F(q) = weight E phi^2 + slope q, up to power `order`.

    $E[Z^n; Z > 0] = 2^{n/2 - 1} \Gamma(\frac{n+1}{2})/\sqrt\pi$ times the coefficients of $\varphi^2$ on either side.
    """
    sides = [_square(side) for side in one_sided_taylor(phi, 2 * order)]
    terms = []
    for n in range(2 * order + 1):
        half = Integer(2) ** (Rational(n, 2) - 1) * gamma(Rational(n + 1, 2)) / sqrt(pi)
        coefficient = weight * half * (sides[0][n] + (-1) ** n * sides[1][n])
        terms.append((Rational(n, 2), coefficient + (slope - 1 if n == 2 else 0)))
    return terms


def _square(coefficients: list[Expr]) -> list[Expr]:
    size = len(coefficients)
    return [sum((coefficients[i] * coefficients[n - i] for i in range(n + 1)), Integer(0)) for n in range(size)]

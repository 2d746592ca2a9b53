r"""Proofs that the variance map has no fixed point near zero and none far out."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

from flint import acb, arb
from sympy import Expr, Integer, Rational, Symbol, ceiling, factorial, floor

from theory.balls import ball_function, workprec
from theory.enclosure import enclose, sign_of_number
from theory.errors import PrecisionError, TheoryError
from theory.hermite.removable import resolved
from theory.propagation.asymptotes import asymptote
from theory.propagation.growth_bounds import linear_bound
from theory.propagation.leading_term import dominated_beyond
from theory.propagation.local_expansion import smooth_pieces
from theory.propagation.outer_bound import settled_beyond
from theory.propagation.variance_curve import VarianceCurve

__all__ = ["excluded_above", "excluded_below"]

_BITS = 80
_CELLS = 64
_SPREAD = 60  # squared distance of the edge of the expansion, in variances
_SMALLEST = 14


def excluded_below(curve: VarianceCurve, terms: list[tuple[Rational, Expr]] | None) -> Rational | None:
    r"""A variance below which F(q) = q only at q = 0, or None.

    With a bias, $F(q) \ge c + sq$.  Otherwise the leading term $\alpha q^p$ of F(q) - q at zero (`terms`, in powers
    of $\sqrt q$) beats the Taylor remainder of $\varphi^2$ on [-d, d] and the tails beyond, by Cauchy-Schwarz.
    """
    with workprec(_BITS):
        floor_ = enclose(curve.bias, 15) / (1 - enclose(curve.slope, 15)) if curve.slope != 1 else arb(0)
        if floor_ > 0:
            return _below(floor_)
        if terms is None:
            return None
        leading = next(((p, a) for p, a in terms if sign_of_number(a) in (1, -1)), None)
        if leading is None:
            return None
        for k in range(-1, _SMALLEST):
            edge = Rational(2) ** -k
            if (top := _dominated(curve, *leading, edge)) is not None:
                return top
    return None


def _dominated(curve: VarianceCurve, p: Rational, alpha: Expr, edge: Rational) -> Rational | None:
    x, pieces = curve.phi.variable, smooth_pieces(curve.phi)
    if any(b != 0 and not abs(enclose(b, 15)) > _arb(edge) for b in pieces.breaks):
        return None
    order = int(2 * p)
    place = sum(bool(enclose(b, 15) < 0) for b in pieces.breaks)
    sides = (pieces.parts[place], pieces.parts[place + (0 in pieces.breaks)])
    remainder, edges = arb(0), arb(0)
    top = edge**2 / (_SPREAD + 8 * order)
    q = _arb(top)
    fade = (-(_arb(edge) ** 2) / (4 * q)).exp()
    for part, sign in zip(sides, (-1, 1), strict=True):
        f = part**2
        for j in range(order + 1):
            size = abs(_at(f, x, acb(0)))
            edges += size / math.factorial(j) * q ** (arb(j) / 2 - _arb(p)) * _arb(factorial(2 * j)).sqrt()
            f = f.diff(x)
        middle = _arb(edge) / 2
        remainder += abs(_at(f, x, acb(sign * middle + arb(0, middle)))) / math.factorial(order + 1)
    half = (arb(2) ** (arb(order + 1) / 2) * (arb(order + 2) / 2).gamma()) / arb.pi().sqrt() / 2
    weight = enclose(curve.weight, 15)
    loss = weight * (remainder * half * q.sqrt() + fade * edges)
    # E_q phi^4 <= sqrt(top / q) E_top phi^4 for q <= top
    fourth = curve.gap.square(curve.gap.terms[0], Fraction(int(top.p), int(top.q)))
    loss += weight * fourth.sqrt() * fade / q ** _arb(p)
    if p < 1:
        loss += abs(enclose(curve.slope, 15) - 1) * q ** (1 - _arb(p))
    return top if loss < abs(enclose(alpha, 15)) else None


def _at(f: Expr, x: Expr, point: acb) -> arb:
    return ball_function(resolved(f, x), [x])([point], False).real


def excluded_above(curve: VarianceCurve) -> Rational | None:
    r"""A variance above which F(q) = q has no solution, or None.

    By the leading term of a closed map, or the expansion of the activation far out; beyond these rules, from
    $|\varphi| \le A_\pm + B_\pm |x|$ far out and the largest value inside, F(q) - q is at most
    $(s - 1) q + \beta\sqrt q + \gamma$; for $s > 1$ the same from below, where the activation is linear up to a
    bounded part.
    """
    for rule in (_by_leading_term, settled_beyond, _from_above, _from_below):
        try:
            with workprec(_BITS):
                found = rule(curve)
        except TheoryError:
            continue
        if found is not None:
            return found
    return None


def _by_leading_term(curve: VarianceCurve) -> Rational | None:
    return dominated_beyond(curve.derivative(0), curve.q) if curve.is_closed else None


def _inner_edge(curve: VarianceCurve) -> arb:
    edge = arb(1)
    for b in smooth_pieces(curve.phi).breaks:
        edge = edge.max(abs(enclose(b, 15)).upper())
    return edge


def _from_above(curve: VarianceCurve) -> Rational | None:
    x, pieces = curve.phi.variable, smooth_pieces(curve.phi)
    bounds = [_envelope(pieces.parts[0], x, -1), _envelope(pieces.parts[-1], x, 1)]
    if None in bounds:
        return None
    weight, slope = enclose(curve.weight, 15), enclose(curve.slope, 15)
    steep, root, level = slope, arb(0), enclose(curve.bias, 15) + weight * _largest_square(curve)
    for a, b in (pair for pair in bounds if pair):
        steep += weight * b**2 / 2
        root += weight * a * b * (2 / arb.pi()).sqrt()
        level += weight * a**2 / 2
    if not steep < 1:
        return None
    return _above(_positive_root(1 - steep, root, level) ** 2)


def _envelope(part: Expr, x: Symbol, side: int) -> tuple[arb, arb] | None:
    """(A, B) with |part| <= A + B|x| far out, B the slope of the asymptote where there is one."""
    line = asymptote(part, x, side)
    if line is not None:
        return arb(line.distance), abs(enclose(line.slope, 15))
    bound = linear_bound(part, x, side)
    return None if bound is None else (arb(bound[0]), arb(bound[1]))


def _from_below(curve: VarianceCurve) -> Rational | None:
    x, pieces = curve.phi.variable, smooth_pieces(curve.phi)
    weight, slope = enclose(curve.weight, 15), enclose(curve.slope, 15)
    edge = _inner_edge(curve)
    steep, root, level = slope, arb(0), arb(0)
    for part, side in ((pieces.parts[0], -1), (pieces.parts[-1], 1)):
        line = asymptote(part, x, side)
        if line is None or line.slope == 0:
            continue
        b = abs(enclose(line.slope, 15))
        steep += weight * b**2 / 2
        root += weight * b * arb(line.distance) * (2 / arb.pi()).sqrt()
        level += weight * b**2 * edge**2 / 2
    if not steep > 1:
        return None
    return _above(_positive_root(steep - 1, root, level) ** 2)


def _positive_root(a: arb, b: arb, c: arb) -> arb:
    """The positive root of a y^2 = b y + c."""
    return (b + (b * b + 4 * a * c).sqrt()) / (2 * a)


def _largest_square(curve: VarianceCurve) -> arb:
    """Bound of phi^2 between the outer pieces, at least on [-1, 1]."""
    x, pieces = curve.phi.variable, smooth_pieces(curve.phi)
    edge = _inner_edge(curve)
    breaks = [enclose(b, 15) for b in pieces.breaks]
    largest = arb(0)
    functions = [ball_function(part, [x]) for part in pieces.parts]
    grid = [edge * (2 * i - _CELLS) / _CELLS for i in range(_CELLS + 1)]
    for low, high in pairwise(grid):
        cell = low.union(high)
        for i, f in enumerate(functions):
            if (i > 0 and cell < breaks[i - 1]) or (i < len(breaks) and cell > breaks[i]):
                continue
            value = abs(f([acb(cell)], False).real)
            if not value.is_finite():
                raise PrecisionError("the activation is not bounded by balls near the origin")
            largest = largest.max(value.upper())
    return largest**2


def _arb(value: Expr) -> arb:
    return ball_function(value)((), False).real


def _below(value: arb) -> Rational:
    return floor(Rational(value.lower().str(20, radius=False)) * 2**60) / Integer(2) ** 60 * (1 - Rational(1, 2**40))


def _above(value: arb) -> Rational:
    return (ceiling(Rational(value.upper().str(20, radius=False))) + 1) * (1 + Rational(1, 2**10))

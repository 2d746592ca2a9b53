r"""All fixed points of the variance map on a half-line, by proved subdivision.

An interval is settled where a Taylor bound keeps F(q) - q away from zero, or keeps its slope away from zero (then the
signs at its ends count the roots), or where an exact root of known multiplicity is the only one by the bound of the
next derivative.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import mpmath
from flint import arb
from sympy import Expr, Integer, Rational, S, oo, preorder_traversal, sqrt

from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import DivergenceError, PrecisionError, TheoryError, UnsupportedError
from theory.propagation.exact_roots import all_real_roots, closed_root
from theory.propagation.fixed_point import FixedPoint, FixedPoints
from theory.propagation.isolated_root import IsolatedRoot
from theory.propagation.local_expansion import one_sided_taylor, terms_at_zero
from theory.propagation.rates import Geometric, Rate, SuperExponential, certified_sign, power_law
from theory.propagation.vanishing import vanishes
from theory.propagation.variance_curve import VarianceCurve
from theory.propagation.variance_ends import excluded_above, excluded_below
from theory.symbols import q as variance_symbol

__all__ = ["variance_roots"]

_LOWEST, _HIGHEST = Rational(1, 2**20), Rational(2**12)
_NARROW = Rational(1, 2**24)
_SUSPECT = Rational(1, 2**7)
_FIRST_RATIO = Rational(19, 10)
_ORDERS = 3
_TRIAL_BITS = 120
_HIGHEST_ORDER = 12


def variance_roots(curve: VarianceCurve) -> FixedPoints:
    """Fixed points in [0, oo) of the variance map of a network without free parameters."""
    affine = _affine(curve)
    if affine is not None:
        return affine
    origin, terms = _at_zero(curve)
    solved = all_real_roots(curve.derivative(0), curve.q) if curve.is_closed else None
    if solved is not None:
        exact = [r for r in solved if _is_root(curve, r)]
        points = [*origin, *(_classified(curve, r) for r in sorted(exact, key=lambda r: r.evalf(30)))]
        return _listed(points, S.Zero, oo, [])
    low, high = excluded_below(curve, terms), excluded_above(curve)
    search = _Search(curve)
    missing = ["no bound excludes fixed points near zero"] * (low is None)
    missing += ["no bound excludes fixed points at large variances"] * (high is None)
    start, end = low or _LOWEST, high or max(_HIGHEST, (low or _LOWEST) * 2**12)
    roots, stop = search.roots(start, end)
    reached = (S.Zero if low is not None else start, oo if high is not None and stop is None else stop or end)
    if stop is not None:
        missing.append(search.trouble)
    return _listed([*origin, *(_classified(curve, r) for r in roots)], *reached, missing)


def _listed(points: list[FixedPoint], low: Expr, high: Expr, missing: list[str]) -> FixedPoints:
    reason = "; ".join(missing)
    if not points and not missing:
        reason = "F(q) - q has one sign for every variance q"
    return FixedPoints(points, range=(low, high), complete=not missing, reason=reason)


def _affine(curve: VarianceCurve) -> FixedPoints | None:
    """The linear map and the constant one, solved."""
    slope, q = curve.expr.diff(curve.q) if curve.is_closed else curve.q, curve.q
    if slope.has(q):
        return None
    offset = curve.expr.subs(q, 0)
    sign = certified_sign(slope - 1, "the slope of the variance map, less one,")
    level = certified_sign(offset, "the constant of the variance map")
    if sign == 0:
        if level == 0:
            return _listed([FixedPoint(variance_symbol, S.One, "continuum")], S.Zero, oo, [])
        return FixedPoints([], range=(S.Zero, oo), reason=f"F(q) = q + {offset} exceeds q: variances grow linearly")
    value = offset / (1 - slope)
    if sign > 0 and level > 0:
        return FixedPoints([], range=(S.Zero, oo), reason=f"F(q) = {slope} q + {offset} exceeds q at every variance")
    return _listed([_by_multiplier(value, slope)], S.Zero, oo, [])


def _by_multiplier(value: Expr, multiplier: Expr, order: Expr = oo) -> FixedPoint:
    size = certified_sign(multiplier**2 - 1, "the squared multiplier less one")
    if size > 0:
        return FixedPoint(value, multiplier, "repelling")
    if size == 0:
        raise UnsupportedError(f"the variance map has slope {multiplier} at {value}; no rule covers period doubling")
    rate: Rate = Geometric(multiplier) if certified_sign(multiplier, "the multiplier") else SuperExponential(order)
    return FixedPoint(value, multiplier, "attracting", rate)


def _at_zero(curve: VarianceCurve) -> tuple[list[FixedPoint], list[tuple[Rational, Expr]] | None]:
    """The fixed point at zero if there is one, and the expansion of F(q) - q up to its first term that is not zero."""
    if certified_sign(curve.bias, "the bias") > 0:
        return [], None
    try:
        values = [side[0] for side in one_sided_taylor(curve.phi, 0)]
        terms = terms_at_zero(curve.phi, curve.weight, curve.slope, 1)
    except TheoryError:
        values, terms = [curve.phi.expr.subs(curve.phi.variable, 0)] * 2, None
    if any(certified_sign(v, "the activation at zero") for v in values):
        return [], terms
    if terms is None:
        return [], None
    multiplier = terms[2][1] + 1
    if certified_sign(multiplier - 1, "the slope of the variance map at zero, less one,"):
        order = _first_order(curve) if certified_sign(multiplier, "the slope at zero") == 0 else oo
        return [_by_multiplier(S.Zero, multiplier, order)], terms
    for order in (3, _HIGHEST_ORDER // 2):
        terms = terms_at_zero(curve.phi, curve.weight, curve.slope, order)
        if any(certified_sign(a, f"the coefficient of q^{p}") for p, a in terms):
            break
    law = power_law([t for t in terms if t[0] > 1])
    return [FixedPoint(S.Zero, S.One, "attracting" if law else "repelling", law)], terms


def _first_order(curve: VarianceCurve) -> Expr:
    """Power p of F(q) ~ c q^p at zero."""
    for k, (right, left) in enumerate(zip(*one_sided_taylor(curve.phi, _HIGHEST_ORDER), strict=True)):
        if certified_sign(right**2 + left**2, f"the Taylor coefficient of order {k}"):
            return Integer(k)
    raise UnsupportedError(f"{curve.phi.expr} vanishes to order {_HIGHEST_ORDER} at zero; its rate needs higher orders")


def _is_root(curve: VarianceCurve, value: Expr) -> bool:
    """Positive, and a root of the equation rather than of its rationalised form."""
    if not enclose(value, 30) > 0:
        return False
    return bool(abs(enclose(value, 40) - enclose(curve.expr.subs(curve.q, value), 40)) < arb(10) ** -25)


def _classified(curve: VarianceCurve, value: Expr) -> FixedPoint:
    multiplier = curve.derivative(1).subs(curve.q, value) + 1
    if certified_sign(multiplier - 1, f"the slope of the variance map at {value}, less one,"):
        return _by_multiplier(value, multiplier)
    second, third = (curve.derivative(m).subs(curve.q, value) / d for m, d in ((2, 2), (3, 6)))
    bend = certified_sign(second, "the second derivative of the variance map")
    if bend == 0:
        law = power_law([(Integer(3), third)])
        return FixedPoint(value, S.One, "attracting" if law else "repelling", law)
    law = power_law([(Integer(2), -abs(second) if bend < 0 else -second), (Integer(3), third)])
    return FixedPoint(value, S.One, "attracting_from_above" if bend < 0 else "attracting_from_below", law)


class _Search:
    """Depth-first subdivision, from small variances to large ones."""

    def __init__(self, curve: VarianceCurve) -> None:
        self.curve, self.trouble = curve, ""
        self.tangent: list[Expr] = [c for c in self._named_numbers() if self._touches(c)]

    def roots(self, low: Rational, high: Rational) -> tuple[list[Expr], Rational | None]:
        """The roots, and where the search had to stop."""
        found: list[Expr] = []
        stack = list(_first_cells(low, high))[::-1]
        while stack:
            a, b = stack.pop()
            try:
                settled = self._settled(a, b)
            except (DivergenceError, PrecisionError, UnsupportedError) as error:
                self.trouble = f"the map is not bounded on [{a.evalf(5)}, {b.evalf(5)}]: {error}"
                return found, a
            if settled is not None:
                found += [r for r in settled if r not in found]
            elif b - a < _NARROW * a:
                self.trouble = f"F(q) - q is too close to zero near q = {a.evalf(12)} to count its roots"
                return found, a
            else:
                middle = _dyadic((a + b) / 2 + (b - a) / 37)
                stack += [(middle, b), (a, middle)]
        return found, None

    def _settled(self, a: Rational, b: Rational) -> list[Expr] | None:
        curve = self.curve
        middle, half = (a + b) / 2, (b - a) / 2
        h = arb(half.p) / half.q
        value, slope = curve.at(0, middle), curve.at(1, middle)
        bend = curve.bound(2, a, b)
        if abs(value) > abs(slope) * h + bend * h * h / 2:
            return []
        if abs(slope) > bend * h:
            return self._crossing(a, b)
        if b - a < _SUSPECT * a:
            self._recognise(middle)
        inside = [c for c in self.tangent if enclose(c, 20) > arb(a.p) / a.q and enclose(c, 20) < arb(b.p) / b.q]
        if len(inside) == 1 and any(
            abs(curve.at(m, middle)) > curve.bound(m + 1, a, b) * h
            for m in range(2, _ORDERS + 1)
            if m == 2 or vanishes(curve.derivative(2).subs(curve.q, inside[0]))
        ):
            return inside
        return None

    def _crossing(self, a: Rational, b: Rational) -> list[Expr]:
        """The root on an interval on which F(q) - q is strictly monotone; an end that is a root counts once."""
        ends = []
        for end in (a, b):
            value = self.curve.at(0, end)
            if value.contains(0):
                if vanishes(self.curve.derivative(0).subs(self.curve.q, end)):
                    return [end]
                value = self.curve.at(0, end, 400)
            ends.append(value)
        if ends[0].contains(0) or ends[1].contains(0):
            raise PrecisionError("a root is too close to the end of an interval")
        if ends[0] * ends[1] > 0:
            return []
        return [closed_root(IsolatedRoot(self.curve.derivative(0), self.curve.q, a, b))]

    def _named_numbers(self) -> Iterator[Expr]:
        """Numbers that occur in the weight and bias variances: a network built at a critical point names it."""
        seen = {node for source in (self.curve.weight, self.curve.bias) for node in preorder_traversal(source)}
        for node in seen:
            if isinstance(node, Expr) and node.is_number and node.is_positive and not node.is_infinite:
                yield node

    def _touches(self, c: Expr) -> bool:
        curve = self.curve
        with workprec(_TRIAL_BITS):
            trial = curve.derivative(0).subs(curve.q, c)
            if not ball_function(trial)((), False).real.contains(0):
                return False
        return all(vanishes(curve.derivative(m).subs(curve.q, c)) for m in (0, 1))

    def _recognise(self, near: Rational) -> None:
        """A rational or quadratic number near a point at which the map seems to touch the diagonal."""
        point = near
        for _ in range(7):
            slope, bend = self.curve.at(1, point, 200), self.curve.at(2, point, 200)
            if bend.contains(0):
                return
            with workprec(200):
                step = _fraction(slope / bend)
            point = _dyadic(point - step, 150)
            if not abs(point - near) < near / 20:
                return
        with mpmath.workdps(40):
            coefficients = mpmath.findpoly(mpmath.mpf(point.p) / point.q, 2, maxcoeff=200, tol=mpmath.mpf(10) ** -25)
        if coefficients is None:
            return
        c, b, a = (Integer(int(k)) for k in ([0, 0, 0, *coefficients][-3:])[::-1])
        roots = [-c / b] if a == 0 else [(-b + s * sqrt(b**2 - 4 * a * c)) / (2 * a) for s in (1, -1)]
        self.tangent += [r for r in roots if r.is_positive and r not in self.tangent and self._touches(r)]


def _fraction(value: arb) -> Rational:
    man, power = value.mid().man_exp()
    number = Fraction(int(man)) * Fraction(2) ** int(power)
    return Rational(number.numerator, number.denominator)


def _first_cells(low: Rational, high: Rational) -> Iterator[tuple[Rational, Rational]]:
    while low < high:
        top = min(_dyadic(low * _FIRST_RATIO), high)
        yield low, top
        low = top


def _dyadic(value: Rational, bits: int = 40) -> Rational:
    """A nearby number with few binary digits."""
    shift = bits + int(value.q).bit_length() - int(value.p).bit_length()
    scaled = value * Rational(2) ** shift
    return Rational(int(scaled.p // scaled.q)) / Rational(2) ** shift

r"""Search for all fixed points of the variance map between two variances, by proved subdivision.

F(q) - q is a power series with proved remainder on panels that cover the interval.  A part of a panel is settled where
the series keeps away from zero, or its slope does (then the signs at the ends count the roots), or where an exact root
of known multiplicity is the only one because the next derivative keeps away from zero.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import mpmath
from flint import arb, fmpq
from sympy import Expr, Integer, Rational, preorder_traversal, sqrt
from sympy.core.symbol import Str

from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import DivergenceError, PrecisionError, UnsupportedError
from theory.propagation.edge_of_chaos import slope_moment
from theory.propagation.exact_roots import closed_root, simple_root
from theory.propagation.isolated_root import IsolatedRoot
from theory.propagation.vanishing import vanishes
from theory.propagation.variance_curve import VarianceCurve
from theory.propagation.variance_root import VarianceRoot
from theory.propagation.variance_series import VarianceSeries

__all__ = ["VarianceSearch"]

_HALF = Fraction(5, 8)  # panels reach from 3K/8 to 13K/8
_LEVELS = ((24, -20.0), (48, -45.0), (72, -90.0))
_CUT = Fraction(61, 128)  # off the middle, where roots are less likely to sit exactly
_ISOLATING = Fraction(1, 8)  # the refinement of a root starts from such an interval
_SUSPECT = Fraction(1, 2**7)  # of an interval that may hold a point of contact
_NARROW = Fraction(1, 2**24)
_CLOSE = 0.05
_LARGEST_DENOMINATOR = 100
_NAMED_BITS = 120
_NEWTON_LENGTH, _NEWTON_TOLERANCE, _NEWTON_STEPS = 20, -110.0, 8


class VarianceSearch:
    """Subdivision from small variances to large ones, in panels on which the map is a series."""

    def __init__(self, curve: VarianceCurve) -> None:
        self.curve, self.trouble = curve, ""
        self.tangent: list[Expr] = []
        self.tried: set[Expr] = set()

    def roots(self, low: Rational, high: Rational) -> tuple[list[Expr], Rational | None]:
        """The roots, and where the search had to stop."""
        found: list[Expr] = []
        place, end = _exactly(low), _exactly(high)
        while place < end:
            center = _short(place / (1 - _HALF))
            cell = place / center - 1, min(end / center - 1, _HALF)
            inside, stop = self._panel(center, *cell)
            found += [r for r in inside if r not in found]
            if stop is not None:
                return found, stop
            place = center * (1 + cell[1])
        return found, None

    def _panel(self, center: Fraction, low: Fraction, high: Fraction) -> tuple[list[Expr], Rational | None]:
        """The roots at displacements in [low, high], and where the search had to stop."""
        found: list[Expr] = []
        stop: Rational | None = None
        for length, log_tolerance in _LEVELS:
            try:
                series = self.curve.gap.series(center, length, log_tolerance)
                found, stop = self._subdivided(series, center, low, high)
            except (DivergenceError, PrecisionError, UnsupportedError, OverflowError) as error:
                start, end = (float(center * (1 + d)) for d in (low, high))
                self.trouble = f"the map is not bounded on [{start:.5g}, {end:.5g}]: {error}"
                return [], _rational(center * (1 + low))
            if stop is None:
                return found, None
        self.trouble = f"F(q) - q is too close to zero near q = {stop.evalf(12)} to count its roots" if stop else ""
        return found, stop

    def _subdivided(
        self, series: VarianceSeries, center: Fraction, low: Fraction, high: Fraction
    ) -> tuple[list[Expr], Rational | None]:
        found: list[Expr] = []
        stack = [(low, high)]
        while stack:
            a, b = stack.pop()
            settled = self._settled(series, center, a, b)
            if settled is not None:
                found += [r for r in settled if r not in found]
            elif b - a < _NARROW:
                return found, _rational(center * (1 + a))
            else:
                middle = _short(a + _CUT * (b - a), b - a)
                stack += [(middle, b), (a, middle)]
        return found, None

    def _settled(self, series: VarianceSeries, center: Fraction, a: Fraction, b: Fraction) -> list[Expr] | None:
        box, middle = _box(a, b), _ball((a + b) / 2)
        slope = series.slope(box)
        tilted = series.value(middle) + slope * (box - middle)
        if not tilted.contains(0):
            return []
        if not slope.contains(0):
            return self._crossing(series, center, a, b)
        if b - a >= _SUSPECT:
            return None
        low, high = (_ball(center * (1 + d)) for d in (a, b))
        if not self._tangents(low, high):
            self._recognise(center * (1 + (a + b) / 2), b - a >= _SUSPECT / 2)
        inside = self._tangents(low, high)
        if len(inside) != 1:
            return None
        bent = series.derivative()
        if not bent.slope(box).contains(0):
            return inside
        flat = vanishes(self.curve.derivative(2).subs(self.curve.q, inside[0]))
        return inside if flat and not bent.derivative().slope(box).contains(0) else None

    def _crossing(self, series: VarianceSeries, center: Fraction, a: Fraction, b: Fraction) -> list[Expr] | None:
        """The root on an interval on which F(q) - q is strictly monotone; an end that is a root counts once."""
        curve = self.curve
        values = [series.value(_ball(d)) for d in (a, b)]
        low, high = (_rational(center * (1 + d)) for d in (a, b))
        for value, end in zip(values, (low, high), strict=True):
            if value.contains(0):
                return [end] if vanishes(curve.derivative(0).subs(curve.q, end)) else None
        if (values[0] > 0) == (values[1] > 0):
            return []
        if curve.is_closed:
            # The refinement asks for signs, and would never get one at a root that is a simple number.
            near = self._nearby_number(series, center, a, b)
            if low < near < high and vanishes(curve.derivative(0).subs(curve.q, near)):
                return [near]
            return [closed_root(IsolatedRoot(curve.derivative(0), curve.q, low, high))]
        if b - a > _ISOLATING:
            return None
        root = VarianceRoot(Str("gap"), curve.phi.expr, curve.phi.variable, low, high, *curve.affine)
        simple = simple_root(root, curve.derivative(0), curve.q)
        return [root if simple is None or not low < simple < high else simple]

    def _nearby_number(self, series: VarianceSeries, center: Fraction, a: Fraction, b: Fraction) -> Rational:
        """The rational number with a small denominator nearest to the zero of the series between a and b."""
        delta = (a + b) / 2
        for _ in range(_NEWTON_STEPS):
            here = _ball(delta)
            step = float(series.value(here).mid()) / float(series.slope(here).mid())
            delta = min(max(delta - Fraction(step), a), b).limit_denominator(10**12)
        return _rational((center * (1 + delta)).limit_denominator(_LARGEST_DENOMINATOR))

    def _tangents(self, low: arb, high: arb) -> list[Expr]:
        """The points of contact known between two numbers."""
        return [c for c in self.tangent if enclose(c, 20) > low and enclose(c, 20) < high]

    def _recognise(self, near: Fraction, first: bool) -> None:
        """Exact numbers at which the map touches the diagonal: named by the network, or simple ones near a point."""
        here = _ball(near)
        for c in [c for c, value in self.named if abs(value / here - 1) < arb(_CLOSE)]:
            self._try(c)
        # Newton's method would find the point of contact that is known.
        if first and not self._tangents(here * (1 - arb(_CLOSE)), here * (1 + arb(_CLOSE))):
            for c in self._simple_numbers(near):
                self._try(c)

    def _try(self, c: Expr) -> None:
        if c not in self.tried:
            self.tried.add(c)
            if vanishes(self.curve.gap_at(c)) and self._is_flat(c):
                self.tangent.append(c)

    def _is_flat(self, c: Expr) -> bool:
        """Is the slope of F(q) - q zero at c?"""
        curve = self.curve
        if vanishes(curve.derivative(1).subs(curve.q, c)):
            return True
        if not isinstance(c, VarianceRoot) or c != c.func(
            Str("curvature"), curve.phi.expr, curve.phi.variable, *c.bounds
        ):
            return False
        # F' = w (<phi'^2> + <phi phi''>) + s, and c is a zero of the second bracket.
        return vanishes(curve.weight * slope_moment(curve.phi, c) + curve.slope - 1)

    @cached_property
    def named(self) -> list[tuple[Expr, arb]]:
        """Positive numbers that occur in the weight and bias variances: a network built at a point names it."""
        seen = {node for source in (self.curve.weight, self.curve.bias) for node in preorder_traversal(source)}
        found = []
        for node in seen:
            if isinstance(node, Expr) and node.is_number and node.is_finite is not False:
                with workprec(_NAMED_BITS):
                    value = ball_function(node)((), False).real
                found += [(node, value)] * bool(value > 0)
        return found

    def _simple_numbers(self, near: Fraction) -> list[Expr]:
        """Rational and quadratic numbers next to the point near by at which the slope vanishes."""
        slope = self.curve.gap.series(near, _NEWTON_LENGTH, _NEWTON_TOLERANCE).derivative()
        with workprec(200):
            delta = arb(0)
            for _ in range(_NEWTON_STEPS):
                delta = (delta - slope.value(delta).mid() / slope.slope(delta).mid()).mid()
                if not abs(delta) < _CLOSE:
                    return []
            place = _ball(near) * (1 + delta)
        with mpmath.workdps(40):
            value = mpmath.mpf(place.mid().str(45, radius=False))
            coefficients = mpmath.findpoly(value, 2, maxcoeff=200, tol=mpmath.mpf(10) ** -25)
        if coefficients is None:
            return []
        c, b, a = (Integer(int(k)) for k in ([0, 0, 0, *coefficients][-3:])[::-1])
        roots = [-c / b] if a == 0 else [(-b + s * sqrt(b**2 - 4 * a * c)) / (2 * a) for s in (1, -1)]
        return [r for r in roots if r.is_positive]


def _box(low: Fraction, high: Fraction) -> arb:
    return arb(_ball((low + high) / 2), _ball((high - low) / 2).abs_upper())


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _exactly(value: Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def _short(value: Fraction, size: Fraction | None = None) -> Fraction:
    """A number with few binary digits, a bit below the value on the scale of `size`, its own if left out."""
    scale = abs(value) if size is None else size
    shift = 12 + scale.denominator.bit_length() - scale.numerator.bit_length()
    return Fraction(int(value * Fraction(2) ** shift // 1)) / Fraction(2) ** shift

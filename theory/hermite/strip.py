r"""Strip of analyticity of a function, with bounds that balls and the structure of the expression prove.

Rows of boxes cover $|\operatorname{Re} z| \le R$, $0 \le \operatorname{Im} z \le d$ from the real axis upwards; the
lower half follows by reflection, the function being real on the axis.  Beyond R the growth is proved from the
expression.  On every box the value must be finite with analyticity checked, so the function continues to the strip.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import sympy as sp
from flint import acb, arb

from theory.balls import workprec
from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.growth import Growth
from theory.hermite.half_strip import growth_in_half_strip
from theory.hermite.profile import Profile

__all__ = ["Strip", "log_gaussian_tail", "log_sum", "strip_of"]

_BITS = 53
_SLACK = 1e-9
_FIRST_HEIGHT = 0.5
_DEPTH = 7
_MAX_BOXES = 1500
_THINNEST = 2.0**-9
_STARTS = (8.0, 16.0, 40.0, 120.0, 400.0)

# Compositions of these are analytic wherever their enclosure with the analytic flag is finite; re, im and the like
# have enclosures too, but are not analytic.
_ANALYTIC = (
    sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech,
    sp.csch, sp.sinc, sp.erf, sp.erfc, sp.erfi, sp.asin, sp.acos, sp.atan, sp.asinh, sp.LambertW,
)  # fmt: skip


class _Row(NamedTuple):
    bottom: float
    top: float
    boxes: list[tuple[float, float, float]]  # left, right, log of the bound of |f|
    log_quarter: float  # of the integral of the bounds times exp(-x^2/4)
    log_half: float  # of the integral of the squared bounds times exp(-x^2/2)


@lru_cache(maxsize=64)
def strip_of(profile: Profile) -> Strip:
    """The strip of a function; it is widened on demand and kept."""
    return Strip(profile)


class Strip:
    """Rows of boxes around the real axis, and the growth beyond them.

    Raises
    ------
    UnsupportedError
        where the expression has a part that is not analytic, or no strip around the axis is free of singularities.
    PrecisionError
        where no rule bounds the growth.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        for node in sp.preorder_traversal(profile.expr):
            if node.has_free(profile.x) and node != profile.x and not isinstance(node, _ANALYTIC):
                raise UnsupportedError(f"no strip of analyticity: {node.func.__name__} is not known to be analytic")
            if not node.has_free(profile.x) and node.is_extended_real is False:
                raise UnsupportedError(f"the function must be real on the real line; {profile.expr} contains {node}")
        self.mean, self.sd = (float(v.evalf(20)) for v in (profile.mean, profile.sd))
        self.rows: list[_Row] = []
        self.closed = False
        self._height = _FIRST_HEIGHT
        self._growths: dict[float, tuple[Growth, Growth]] = {}
        self._place()

    def _place(self) -> None:
        """The distance from which the rules bound the growth, and the first row."""
        failure = PrecisionError("")
        for start in _STARTS:
            self.start = max(start, 3 * self.sd) + abs(self.mean)
            self.reach = (self.start + abs(self.mean)) / self.sd * (1 + _SLACK) + _SLACK
            try:
                self._growths = {0.0: self._far(_THINNEST)}
            except PrecisionError as error:
                failure = error
                continue
            self.grow()
            if not self.rows:
                raise UnsupportedError(
                    f"no strip around the real axis is free of singularities of {self.profile.expr} at the scale "
                    f"{self.profile.sd}"
                )
            return
        raise failure

    def _far(self, height: float) -> tuple[Growth, Growth]:
        """Growth in z on both sides beyond the boxes, for |Im z| <= height."""
        lifted = height * self.sd * (1 + _SLACK)
        with workprec(_BITS):
            sides = [growth_in_half_strip(self.profile.expr, self.profile.x, s, self.start, lifted) for s in (-1, 1)]
        return self._standard(sides[0]), self._standard(sides[1])

    def _standard(self, g: Growth) -> Growth:
        """A bound in |w|, w = mean + sd z, as a bound in |z|: sd|z| - |mean| <= |w| <= sd|z| + |mean|."""
        mean, sd = abs(self.mean), self.sd
        linear = sd * g.b + 2 * sd * mean * abs(g.c)
        constant = g.log_a + abs(g.b) * mean + abs(g.c) * mean**2
        slack = _SLACK * (abs(linear) + abs(constant) + 1)
        return Growth(constant + slack, linear + slack, g.c * sd**2 * (1 + math.copysign(_SLACK, g.c)))

    def growths(self, height: float) -> tuple[Growth, Growth]:
        """Proved growth on the left and on the right of the boxes; 0 for the real axis alone."""
        if height not in self._growths:
            self._growths[height] = self._far(height)
        return self._growths[height]

    def _is_bounded(self, height: float) -> bool:
        try:
            self.growths(height)
        except PrecisionError:
            return False
        return True

    # -- boxes --------------------------------------------------------------------------------------------------------

    def grow(self) -> bool:
        """Add a row on top; False once the singularities are too near for a useful one."""
        bottom = self.rows[-1].top if self.rows else 0.0
        while not self.closed:
            row = self._row(bottom, bottom + self._height) if self._is_bounded(bottom + self._height) else None
            if row is not None:
                self.rows.append(row)
                return True
            self._height /= 2
            self.closed = self._height < max(_THINNEST if not self.rows else 0.0, bottom / 10)
        return False

    def _row(self, bottom: float, top: float) -> _Row | None:
        height = top - bottom
        waiting: list[tuple[float, float, float, float, int]] = []
        left = 0.0
        while left < self.reach:
            right = min(left + max(height, left / 4), self.reach)
            waiting += [(left, right, bottom, top, 0), (-right, -left, bottom, top, 0)]
            left = right
        boxes: list[tuple[float, float, float]] = []
        with workprec(_BITS):
            f = self.profile.evaluator()
            while waiting:
                a, b, low, high, depth = waiting.pop()
                bound = _bound(f(_box(a, b, low, high)))
                nearest = max(0.0, a, -b)
                heavy = bound - nearest * nearest / 4 > 12 and depth < 3
                if bound < math.inf and not heavy:
                    boxes.append((a, b, bound))
                elif depth >= 2 * _DEPTH or len(boxes) + len(waiting) > _MAX_BOXES:
                    return None
                elif b - a > high - low:
                    middle = (a + b) / 2
                    waiting += [(a, middle, low, high, depth + 1), (middle, b, low, high, depth + 1)]
                else:
                    middle = (low + high) / 2
                    waiting += [(a, b, low, middle, depth + 1), (a, b, middle, high, depth + 1)]
        return _Row(bottom, top, boxes, _integral(boxes, 1.0, 0.25), _integral(boxes, 2.0, 0.5))

    # -- integrals of the bounds --------------------------------------------------------------------------------------

    def log_quarter(self, rows: int) -> float:
        r"""Bound of the log of $\int |f(x + iy)| e^{-x^2/4} dx$ for every |y| up to the top of the first `rows`."""
        inside = max(r.log_quarter for r in self.rows[:rows])
        tails = [log_gaussian_tail(g, 0.25, self.reach) for g in self.growths(self.rows[rows - 1].top)]
        return log_sum([inside, *tails])

    def log_half(self, rows: int) -> float:
        r"""Bound of the log of $\int |f(x + iy)|^2 e^{-x^2/2} dx$, likewise."""
        inside = max(r.log_half for r in self.rows[:rows])
        tails = [log_gaussian_tail(g.power(2), 0.5, self.reach) for g in self.growths(self.rows[rows - 1].top)]
        return log_sum([inside, *tails])

    def log_lattice_tail(self, power: int, rate: float, beyond: float, step: float) -> float:
        r"""Bound of the log of $\sum_{|x_j| > L} h |f(x_j)|^p e^{-a x_j^2}$ over a lattice of step h.

        On a box of width w there are at most w/h + 1 nodes.
        """
        first = max(beyond, self.reach)
        terms = [_lattice_tail(g.power(power), rate, first, step) for g in self.growths(0.0)]
        for a, b, bound in self.rows[0].boxes:
            nearest, end = max(0.0, a, -b, beyond), max(abs(a), abs(b))
            if end > beyond:
                terms.append(power * bound - rate * nearest * nearest + math.log(end - nearest + step))
        return log_sum(terms)


def _lattice_tail(g: Growth, rate: float, start: float, step: float) -> float:
    """An envelope with one peak: its sum over a lattice is at most its integral and one step of its largest value."""
    rest = rate - g.c
    if rest <= 1e-9 * rate:
        return math.inf
    peak = max(start, g.b / (2 * rest))
    log_peak = g.log_a + g.b * peak - rest * peak * peak + _SLACK * (1 + abs(g.log_a) + abs(g.b * peak))
    return log_sum([log_peak + math.log(step), log_gaussian_tail(g, rate, start)])


def log_gaussian_tail(g: Growth, rate: float, start: float) -> float:
    r"""Bound of the log of $\int_s^\infty A e^{Bx + Cx^2 - ax^2} dx$."""
    rest = rate - g.c
    if rest <= 1e-9 * rate:
        return math.inf
    slope = 2 * rest * start - g.b
    if slope > 0:  # the exponent is concave: below its tangent at s
        value = g.log_a + g.b * start - rest * start * start - math.log(slope)
        size = abs(g.log_a) + abs(g.b * start) + rest * start * start
    else:
        value = g.log_a + g.b * g.b / (4 * rest) + math.log(math.pi / rest) / 2
        size = abs(g.log_a) + g.b * g.b / (4 * rest)
    return value + _SLACK * (1 + size)


def log_sum(terms: list[float]) -> float:
    """Logarithm of a sum of exponentials, from above."""
    top = max(terms, default=-math.inf)
    if math.isinf(top):
        return top
    return top + math.log(sum(math.exp(t - top) for t in terms)) + _SLACK


def _integral(boxes: list[tuple[float, float, float]], power: float, rate: float) -> float:
    terms = []
    for a, b, bound in boxes:
        nearest = max(0.0, a, -b)
        terms.append(power * bound - rate * nearest * nearest + math.log(b - a) + _SLACK * (1 + abs(bound)))
    return log_sum(terms)


def _box(a: float, b: float, low: float, high: float) -> acb:
    """A box with a margin, so that neighbours overlap whatever the rounding."""
    across, up = (b - a) / 2 * (1 + _SLACK) + 1e-12, (high - low) / 2 * (1 + _SLACK) + 1e-12
    return acb(arb((a + b) / 2, across), arb((low + high) / 2, up))


def _bound(value: acb) -> float:
    if not value.is_finite():
        return math.inf
    top = value.abs_upper()
    return max(-690.0, float(top.log().upper()) + _SLACK) if top > 0 else -690.0

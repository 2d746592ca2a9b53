r"""Rigorous value of a Gaussian expectation from its definition.

The integral is cut at the kinks of the integrand, resolved on Gauss-Legendre panels with ellipse bounds, and closed
by a proved bound of the tails.  No closed form enters, so the value is an independent witness of one.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

import flint
import sympy as sp
from flint import acb, arb

from theory.balls import BallFunction, ball_function, workprec
from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.growth import Growth, growth
from theory.gaussian.law import Gaussian
from theory.gaussian.ordering import Ordering
from theory.gaussian.panels import ELLIPSES, Panel, gauss_error, gauss_legendre, lay_panels
from theory.gaussian.pieces import split
from theory.gaussian.separation import separable_terms

__all__ = ["Marginal", "Standardised", "integrate_ball", "panels_within", "standardise"]

_ATTEMPTS = 5
_MAX_REACH = 200.0
_FAR = 60.0  # kinks beyond this many standard deviations are left to the bound of the tails
_MAX_DIGITS = 250  # error bounds are floats, and 1e-300 must stay below them
_UNDERFLOW = 1e-300
_WIDE, _WIDEST = 4.0, 1.0  # half-widths of panels: in standard deviations across the ridge, and in those of a variable
_SPARE_DIGITS = 4.0


def integrate_ball(integrand: sp.Expr, law: Gaussian, digits: int) -> arb:
    r"""Ball around $E[f(X)]$ for one or two Gaussian variables with numeric parameters.

    Parameters
    ----------
    integrand : sum of products of functions of one variable each, smooth between finitely many kinks.
    law : one variable, or two with correlation strictly inside (-1, 1); numeric mean and covariance.
    digits : requested relative accuracy, $10^{-\text{digits}}$.

    Raises
    ------
    PrecisionError
        if the growth of the integrand or a singularity defeats the bounds, with the reason.
    UnsupportedError
        for a complex integrand, or one in which two variables do not separate.
    """
    if integrand.has(sp.I):
        raise UnsupportedError(f"integration from the definition needs a real integrand; received {integrand}")
    tolerance_digits = digits + 4.0
    for _ in range(_ATTEMPTS):
        if tolerance_digits > _MAX_DIGITS:
            break
        with workprec(int(3.33 * tolerance_digits) + 60):
            value = _attempt(integrand, law, tolerance_digits)
            size, radius = float(abs(value.mid())), float(value.rad())
        if radius <= size * 10.0**-digits or size + radius <= 10.0 ** (-2 * digits):
            return value
        missing = math.log10(max(radius, 1e-300)) - math.log10(max(size, 10.0 ** (-2 * digits))) + digits
        tolerance_digits += max(4.0, missing + 3)
    raise PrecisionError(f"{digits} digits of the expectation of {integrand} were not reached")


def _attempt(integrand: sp.Expr, law: Gaussian, tolerance_digits: float) -> arb:
    marginals = [Marginal(law, i) for i in range(len(law.variables))]
    if len(marginals) == 1:
        return _integral_1d(integrand, marginals[0], tolerance_digits)
    if len(marginals) == 2:
        terms = separable_terms(integrand, law.variables)
        total = arb(0)
        for f, g in terms:
            total += _integral_2d(f, g, law, marginals, tolerance_digits)
        return total
    raise UnsupportedError(f"integration from the definition covers one or two variables; received {law}")


class Marginal:
    """A variable as mean + sd * z."""

    def __init__(self, law: Gaussian, i: int) -> None:
        self.variable = law.variables[i]
        self.mean = _number(law.mean[i])
        self.sd = _number(sp.sqrt(law.cov[i, i]))


def _number(e: sp.Expr) -> arb:
    return ball_function(e)((), False).real


class Standardised(NamedTuple):
    """A function of a standard normal variable, with its kinks and its growth beyond `start`."""

    functions: list[Callable[[acb], acb]]
    cuts: list[arb]
    growth: Growth
    start: float

    def tail_square(self, reach: float) -> float:
        """Bound of E[f(Z)^2; |Z| > reach]."""
        return _gaussian_tail(self.growth.power(2), reach)

    def square(self, panels: Sequence[Panel], reach: float) -> float:
        """Bound of E[f(Z)^2] from the panels on [-reach, reach] and the growth beyond."""
        total = self.tail_square(reach)
        for p in panels:
            nearest = max(0.0, abs(float(p.center)) - float(p.half))
            total += p.real_top * p.real_top * float(p.half) * _exp(-(nearest**2) / 2 + 1e-9)
        return total * (1 + 1e-9)

    def likely_square(self) -> float:
        """Size of E[f(Z)^2] for planning; no bound."""
        g = self.growth.power(2)
        rest = 1 - 2 * g.c
        return max(1.0, _exp(g.log_a + g.b**2 / (2 * rest)) / math.sqrt(rest)) if rest > 0 else math.inf


def _exp(value: float) -> float:
    return math.exp(value) * (1 + 1e-9) + _UNDERFLOW if value < 700 else math.inf


def _gaussian_tail(g: Growth, reach: float) -> float:
    """Bound of the integral of A exp(B|z| + C z^2) over the normal tails beyond `reach`."""
    rest = 1 - 2 * g.c
    slope = rest * reach - g.b
    if rest <= 0 or slope <= 0:
        return math.inf
    return _exp(math.log(2) + g.log_a + g.b * reach - rest * reach**2 / 2) / (math.sqrt(2 * math.pi) * slope)


def standardise(f: sp.Expr, marginal: Marginal) -> Standardised:
    """A function of a variable as one of a standard normal variable, with its kinks and its proved growth."""
    x = marginal.variable
    pieces = split(f, x, Ordering())
    functions = []
    for part in pieces.parts:
        inner = ball_function(part, [x])
        functions.append(_rescaled(inner, marginal))
    cuts = [(_number(b) - marginal.mean) / marginal.sd for b in pieces.breaks]
    mean, sd = abs(float(marginal.mean)), float(marginal.sd)
    # The rules of growth hold for |x| >= 1.
    start = max([(1 + mean) / sd * (1 + 1e-9), *(abs(float(c)) + 0.5 for c in cuts if abs(float(c)) < _FAR)])
    left = sum(1 for c in cuts if float(c) < -start)
    right = sum(1 for c in cuts if float(c) <= start)
    outer = growth(pieces.parts[0], x, -1).plus(growth(pieces.parts[-1], x, 1))
    for side, parts in ((-1, pieces.parts[1 : left + 1]), (1, pieces.parts[right:-1])):
        for part in parts:
            outer = outer.plus(growth(part, x, side))
    linear = sd * (outer.b + 2 * abs(outer.c) * mean)
    constant = outer.log_a + outer.b * mean + max(outer.c, 0.0) * mean**2
    return Standardised(functions, cuts, Growth(constant, linear, outer.c * sd**2), start)


def _rescaled(inner: BallFunction, marginal: Marginal) -> Callable[[acb], acb]:
    return lambda z: inner([marginal.mean + marginal.sd * z], True)


def _reach(bound: Callable[[float], float], tolerance: float, start: float, what: str) -> float:
    """Where to cut the integral so that the tails beyond are below the tolerance."""
    reach = start
    while not bound(reach) <= tolerance:
        reach += 0.5
        if reach > _MAX_REACH:
            raise PrecisionError(f"no rule bounds the Gaussian tails of {what}; the expectation may be infinite")
    return reach


def panels_within(
    s: Standardised, reach: float, width: float, order: int, spread: float, tol: float, decay: float = 0.5
) -> list[Panel]:
    """Panels for a standardised function on [-reach, reach], cut at its kinks."""
    inner = [(c, f) for c, f in zip(s.cuts, s.functions[1:], strict=True) if -reach < float(c) < reach]
    before = sum(1 for c in s.cuts if float(c) <= -reach)
    functions = [s.functions[before], *(f for _, f in inner)]
    cuts = [arb(-reach), *(c for c, _ in inner), arb(reach)]
    return lay_panels(functions, cuts, width, order, spread, tol, decay)


def _integral_1d(f: sp.Expr, marginal: Marginal, tolerance_digits: float) -> arb:
    tolerance = 10.0**-tolerance_digits
    s = standardise(f, marginal)
    reach = _reach(lambda t: _gaussian_tail(s.growth, t), tolerance, s.start, str(f))
    order = int(1.1 * tolerance_digits) + 8
    panels = panels_within(s, reach, 1.0, order, 1.0, tolerance)
    total, error = arb(0), _gaussian_tail(s.growth, reach)
    nodes, _ = gauss_legendre(order)
    for p in panels:
        for t, value in zip(nodes, p.values, strict=True):
            z = p.center + p.half * t
            total += value * (-z * z / 2).exp()
        nearest = max(0.0, abs(float(p.center)) - p.reach)
        weight = _exp(p.height**2 / 2 - nearest**2 / 2)
        error += gauss_error(p.ratio, order) * float(p.half) * p.top * weight / math.sqrt(2 * math.pi)
    return total / (2 * arb.pi()).sqrt() + arb(0, error * (1 + 1e-9))


def _integral_2d(f: sp.Expr, g: sp.Expr, law: Gaussian, marginals: Sequence[Marginal], tolerance_digits: float) -> arb:
    tolerance = 10.0**-tolerance_digits
    first, second = standardise(f, marginals[0]), standardise(g, marginals[1])
    rho = _number(law.cov[0, 1]) / (marginals[0].sd * marginals[1].sd)
    rest = 1 - rho * rho
    if not rest > 0:
        raise UnsupportedError(f"the correlation must lie strictly inside (-1, 1); received {law}")
    spread = float(rest)

    def tail(t: float, first_square: float, second_square: float) -> float:
        """Cauchy-Schwarz for the part of f(U) g(V) where |U| > t or |V| > t."""
        return math.sqrt(first.tail_square(t) * second_square) + math.sqrt(second.tail_square(t) * first_square)

    likely = first.likely_square(), second.likely_square()
    reach = _reach(lambda t: tail(t, *likely), tolerance, max(first.start, second.start), f"{f} and {g}")
    width = min(max(math.sqrt(spread), _WIDEST), _WIDE * math.sqrt(spread))
    order = _order(width / math.sqrt(spread), tolerance_digits)
    rows = panels_within(first, reach, width, order, spread, tolerance)
    columns = panels_within(second, reach, width, order, spread, tolerance)
    value, error = _Bilinear(rho, rest, order).total(rows, columns, tolerance)
    scale = 2 * arb.pi() * rest.sqrt()
    beyond = tail(reach, first.square(rows, reach), second.square(columns, reach)) * (1 + 1e-9)
    return (value + arb(0, error)) / scale + arb(0, beyond)


def _order(width: float, digits: float) -> int:
    """Nodes that resolve the Gaussian weight on a panel whose half-width is given in standard deviations of it."""
    goal = -(digits + _SPARE_DIGITS) * math.log(10)
    order = 8
    while min(width**2 * (r - 1 / r) ** 2 / 8 - 2 * order * math.log(r) for r in ELLIPSES) > goal:
        order += 1
    return order


def _mass(panels: list[Panel]) -> float:
    """Bound of the integral of |f|, without its weight."""
    return sum(2 * float(p.half) * p.real_top for p in panels) * (1 + 1e-9)


class _Bilinear:
    """Sum over panel pairs of f(u) g(v) exp(-(u^2 - 2 rho u v + v^2) / (2 rest))."""

    def __init__(self, rho: arb, rest: arb, order: int) -> None:
        self.rho, self.rest, self.order = rho, rest, order
        self.nodes, _ = gauss_legendre(order)
        self._kernels: dict[tuple, flint.arb_mat] = {}
        self._shifts: dict[tuple, list[arb]] = {}

    def total(self, rows: list[Panel], columns: list[Panel], tolerance: float) -> tuple[arb, float]:
        left = [self._weighted(p) for p in rows]
        right = [self._weighted(p) for p in columns]
        total = arb(0)
        negligible = tolerance / (len(rows) * len(columns))
        mass = _mass(rows) * _mass(columns)
        # Pairs further than `band` off the ridge v = rho u add up to at most the tolerance.
        band = math.sqrt(2 * float(self.rest) * max(1.0, math.log(mass / tolerance))) if mass else 0.0
        widest = max(float(q.half) for q in columns)
        centers = [float(q.center) for q in columns]
        error = tolerance * (1 + 1e-6)
        for i, p in enumerate(rows):
            ridge, spread = float(self.rho) * float(p.center), abs(float(self.rho)) * float(p.half)
            window = band + spread + widest + 1e-9
            for j in range(bisect_left(centers, ridge - window), bisect_right(centers, ridge + window)):
                q = columns[j]
                area = 4 * float(p.half) * float(q.half) * (1 + 1e-9)
                bound = p.real_top * q.real_top * area * self._peak(p, q, float(p.half), float(q.half))
                if bound <= negligible:
                    error += bound
                    continue
                row = self._shifted(left[i], p, q, (0, j))
                column = self._shifted(right[j], q, p, (1, i))
                product = row * self._kernel(p, q) * column.transpose()
                total += product[0, 0] * (self.rho * p.center * q.center / self.rest).exp()
                error += self._pair_error(p, q)
        return total, error * (1 + 1e-6)

    def _weighted(self, p: Panel) -> list[arb]:
        out = []
        for t, value in zip(self.nodes, p.values, strict=True):
            z = p.center + p.half * t
            out.append(value * (-z * z / (2 * self.rest)).exp())
        return out

    def _shifted(self, values: list[arb], p: Panel, other: Panel, place: tuple[int, int]) -> flint.arb_mat:
        """Row of values times exp(rho * (center of the other panel) * (offset of the node) / rest)."""
        key = (p.size, place)
        if key not in self._shifts:
            rate = self.rho * other.center * p.half / self.rest
            self._shifts[key] = [(rate * t).exp() for t in self.nodes]
        entries = [a * b for a, b in zip(values, self._shifts[key], strict=True)]
        return flint.arb_mat(1, self.order, entries)

    def _kernel(self, p: Panel, q: Panel) -> flint.arb_mat:
        key = (p.size, q.size)
        if key not in self._kernels:
            rate = self.rho * p.half * q.half / self.rest
            scaled = [rate * t for t in self.nodes]
            entries = [(a * b).exp() for a in scaled for b in self.nodes]
            self._kernels[key] = flint.arb_mat(self.order, self.order, entries)
        return self._kernels[key]

    def _peak(self, p: Panel, q: Panel, reach_p: float, reach_q: float) -> float:
        """Largest value of the exponential on a rectangle: (v - rho u)^2 + rest u^2 from below."""
        rho, rest = float(self.rho), float(self.rest)
        u, v = float(p.center), float(q.center)
        across = max(0.0, abs(v - rho * u) - reach_q - abs(rho) * reach_p)
        along = max(0.0, abs(u) - reach_p)
        return _exp(-(across**2 / rest + along**2) / 2 + 1e-9)

    def _pair_error(self, p: Panel, q: Panel) -> float:
        """The rule in u for every v, then the rule in v for every node u."""
        half_p, half_q, rest = float(p.half), float(q.half), float(self.rest)
        in_u = gauss_error(p.ratio, self.order) * half_p * p.top * _exp(p.height**2 / (2 * rest))
        in_u *= self._peak(p, q, p.reach, half_q) * q.real_top * 2 * half_q
        in_v = gauss_error(q.ratio, self.order) * half_q * q.top * _exp(q.height**2 / (2 * rest))
        in_v *= self._peak(p, q, half_p, q.reach) * p.real_top * 2 * half_p
        return in_u + in_v

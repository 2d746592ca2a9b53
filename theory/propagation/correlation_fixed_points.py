r"""All fixed points of the correlation map at a given variance.

The map is $R(\rho) = a(\hat\varphi(\rho) - m) + g\rho + d$, a power series with non-negative coefficients and
$R(1) = 1$, hence convex on [0, 1]: besides 1 it has at most one fixed point in [0, 1), which exists if and only if
$R'(1) > 1$ or $R(0) = 0$.  On (-1, 0) there is none, because the odd part of R is at most $|\rho|$ there, with
equality only for a linear map; -1 is one only if R is odd.
"""

from __future__ import annotations

from sympy import Expr, Integer, Rational, Symbol, expand, oo

from theory.balls import workprec
from theory.errors import DivergenceError, DomainError, PrecisionError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.kernels import PAIR
from theory.gaussian.law import Gaussian
from theory.network import NetworkSpec
from theory.normal_form import is_zero
from theory.propagation.exact_roots import closed_root
from theory.propagation.fixed_point import FixedPoint, FixedPoints
from theory.propagation.isolated_root import IsolatedRoot, ball_at
from theory.propagation.local_expansion import has_jumps, smooth_pieces, terms_at_one
from theory.propagation.maps import correlation_map, correlation_slope, variance_map
from theory.propagation.rates import Geometric, SuperExponential, certified_sign, power_law
from theory.symbols import rho

__all__ = ["all_correlation_points"]

_CLOSEST = 200  # a root is looked for up to 1 - 2^-200
_HIGHEST_ORDER = 60
_RANGE = (Integer(-1), Integer(1))


def all_correlation_points(net: NetworkSpec, q: Expr) -> FixedPoints:
    """Fixed points in [-1, 1] of the correlation map at the numeric variance q > 0."""
    return _CorrelationMap(net, q).fixed_points()


class _CorrelationMap:
    """The map, its coefficients, and what is decided about them."""

    def __init__(self, net: NetworkSpec, q: Expr) -> None:
        self.net, self.q, self.phi = net, q, net.phi
        rule = net.normalization
        self.inner = Integer(1) if rule is not None and rule.place == "before" else q
        total = variance_map(net, q)
        if total.has(oo) or (isinstance(total, GaussianExpectation) and not _converges(total)):
            raise DivergenceError(f"E[phi^2] is infinite or not bounded at variance {q} for {net.phi.expr}")
        if certified_sign(total, "the variance of the next layer") == 0:
            raise DomainError(f"{net.phi.expr} has E[phi^2] = 0 and no bias; it cannot be normalised")
        branch, strength = (net.skip.branch, net.skip.strength) if net.skip else (Integer(1), Integer(0))
        self.scale = branch**2 * net.C_W / total
        self.mean = Integer(0)
        if rule is not None and rule.place == "after":
            self.mean = self.phi.moment(1, q) ** 2 if rule.centered else Integer(0)
            self.scale /= self.phi.moment(2, q) - self.mean
        self.linear = strength**2 * q / total
        self.offset = (1 - strength**2) * net.C_b / total
        if self.offset.is_negative:
            raise UnsupportedError("a skip of strength above 1 with a bias has no correlation map with R(0) >= 0")

    def fixed_points(self) -> FixedPoints:
        if self._is_affine():
            return self._of_affine_map()
        slope = oo if has_jumps(self.phi) else correlation_slope(self.net, self.q)
        steep = certified_sign(slope - 1, "the slope at correlation one, less one,")
        level = self._sign_at_zero()
        at_one = self._at_one(slope, steep)
        if level == 0:
            below = [self._at_zero()]
            if self._is_odd():
                below.insert(0, FixedPoint(Integer(-1), slope, "repelling"))
            return FixedPoints([*below, at_one], range=_RANGE)
        if steep > 0:
            return FixedPoints([self._between(), at_one], range=_RANGE)
        return FixedPoints([at_one], range=_RANGE)

    def _is_affine(self) -> bool:
        pieces = smooth_pieces(self.phi)
        if self.net.C_W == 0:
            return True
        bend = expand(pieces.parts[0]).diff(self.phi.variable, 2)
        return not pieces.breaks and (bend == 0 or is_zero(bend, {self.phi.variable: Rational(1, 3)}))

    def _of_affine_map(self) -> FixedPoints:
        slope = self.linear if self.net.C_W == 0 else correlation_slope(self.net, self.q)
        sign = certified_sign(slope - 1, "the slope of the affine correlation map, less one,")
        if sign == 0:
            return FixedPoints([FixedPoint(rho, Integer(1), "continuum")], range=_RANGE)
        rate = Geometric(slope) if certified_sign(slope, "the slope") else SuperExponential(oo)
        return FixedPoints([FixedPoint(Integer(1), slope, "attracting", rate)], range=_RANGE)

    def _sign_at_zero(self) -> int:
        """Sign of R(0) >= 0."""
        if certified_sign(self.offset, "the bias"):
            return 1
        rule = self.net.normalization
        if self.phi.parity == "odd" or (rule is not None and rule.place == "after" and rule.centered):
            return 0
        return abs(certified_sign(self.phi.moment(1, self.inner), "the mean of the activation"))

    def _is_odd(self) -> bool:
        """Is R odd: an odd activation, up to a mean that is removed?"""
        centred = self.mean != 0 or self.phi.parity == "odd"
        if self.phi.parity == "odd":
            return True
        middle = (self.phi.expr + self.phi.expr.subs(self.phi.variable, -self.phi.variable)) / 2
        return centred and not expand(middle).has(self.phi.variable)

    def _at_one(self, slope: Expr, steep: int) -> FixedPoint:
        if steep > 0:
            return FixedPoint(Integer(1), slope, "repelling")
        if steep < 0:
            return FixedPoint(Integer(1), slope, "attracting", Geometric(slope))
        law = power_law(terms_at_one(self.phi, self.inner, self.scale))
        return FixedPoint(Integer(1), Integer(1), "attracting", law)

    def _at_zero(self) -> FixedPoint:
        multiplier = self.scale * self.phi.hermite(1, self.inner) ** 2 + self.linear
        if certified_sign(multiplier, "the slope at correlation zero"):
            return FixedPoint(Integer(0), multiplier, "attracting", Geometric(multiplier))
        for k in range(2, _HIGHEST_ORDER):
            if certified_sign(self.phi.hermite(k, self.inner), f"the Hermite coefficient c_{k}"):
                return FixedPoint(Integer(0), Integer(0), "attracting", SuperExponential(Integer(k)))
        raise UnsupportedError(f"the Hermite coefficients c_1 ... c_{_HIGHEST_ORDER - 1} of {self.phi.expr} vanish")

    def _between(self) -> FixedPoint:
        curve = correlation_map(self.net, rho, self.q)
        equation = curve - rho
        # R(1) = 1, and no coefficient of R is negative.
        root = closed_root(IsolatedRoot(equation, rho, *self._ends(equation), Integer(1)))
        multiplier = self._slope_at(curve, root)
        return FixedPoint(root, multiplier, "attracting", Geometric(multiplier))

    def _ends(self, equation: Expr) -> tuple[Rational, Rational]:
        """Points below one at which the map lies above and under the diagonal."""
        power, low = 1, Rational(0)
        while power <= _CLOSEST:
            point = 1 - Rational(1, 2**power)
            with workprec(60 + 2 * power):  # as the root itself, which takes the signs at the ends again
                value = ball_at(equation, rho, point)
            if value < 0:
                return low, point
            low = point if value > 0 else low
            power += 1 if power < 8 else power // 4
        raise PrecisionError(f"the fixed point of the correlation map is closer to one than 2^-{_CLOSEST}")

    def _slope_at(self, curve: Expr, root: Expr) -> Expr:
        if not curve.has(GaussianExpectation):
            return curve.diff(rho).subs(rho, root)
        if not has_jumps(self.phi):
            derived = self.inner * self.phi.dual_derivative(root, self.inner, self.inner)
            return self.scale * derived + self.linear
        return self.scale * self._score_derivative(root) + self.linear

    def _score_derivative(self, root: Expr) -> Expr:
        r"""Derivative of the dual by that of the Gaussian density, for activations that jump."""
        u, v = PAIR
        r = Symbol("r", real=True)
        rest = 1 - r**2
        score = (u * v * (1 + r**2) - r * (u**2 + v**2)) / (self.inner * rest**2) + r / rest
        law = Gaussian([u, v], cov=[[self.inner, r * self.inner], [r * self.inner, self.inner]])
        return expect(expand(self.phi(u) * self.phi(v) * score), law, self.phi.assumptions).subs(r, root)


def _converges(value: GaussianExpectation) -> bool:
    try:
        return bool(value.evalf(5).is_finite)
    except PrecisionError:
        return False

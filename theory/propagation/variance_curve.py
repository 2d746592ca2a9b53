r"""The variance map $F(q) = w\,E\varphi(\sqrt q Z)^2 + sq + c$ with rigorous bounds on whole intervals.

With $f = \varphi^2$, $F^{(m)}(q) = \frac{w}{2^m q^m} E[f(X)\,He_{2m}(X/\sqrt q)]$ for m > 1, so that by
Cauchy-Schwarz $|F^{(m)}(q)| \le \frac{w \sqrt{(2m)!}}{2^m q^m} \sqrt{E_q f^2}$, and on [a, b] the density ratio gives
$E_q f^2 \le \sqrt{b/a}\, E_b f^2$.
"""

from __future__ import annotations

from functools import cache

from flint import arb, fmpq
from sympy import Dummy, Expr, Integer, Rational, expand, factorial, sqrt

from theory.balls import workprec
from theory.enclosure import enclose
from theory.errors import PrecisionError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian
from theory.hermite.evaluation import expectation_ball
from theory.hermite.polynomials import hermite_polynomial
from theory.network import NetworkSpec
from theory.propagation.isolated_root import ball_at
from theory.propagation.maps import variance_map

__all__ = ["VarianceCurve"]

_BITS = 90


class VarianceCurve:
    """The map as an expression and as balls: values, derivatives, Taylor bounds."""

    def __init__(self, net: NetworkSpec) -> None:
        self.net, self.phi = net, net.phi
        self.q = Dummy("q", positive=True)
        self.expr: Expr = variance_map(net, self.q)
        branch, strength = (net.skip.branch, net.skip.strength) if net.skip else (Integer(1), Integer(0))
        self.weight, self.slope = branch**2 * net.C_W, strength**2
        self.bias = net.C_b * (1 - strength**2)
        self._weight = enclose(self.weight, 20)
        self._fourth = cache(self._fourth_moment)
        self._derivatives: dict[int, Expr] = {0: self.expr - self.q}

    @property
    def is_closed(self) -> bool:
        """No expectation left in the map."""
        return not self.expr.has(GaussianExpectation)

    def derivative(self, m: int) -> Expr:
        """Derivative of order m of F(q) - q, as an expression in q."""
        if m not in self._derivatives:
            self._derivatives[m] = self._derive(m)
        return self._derivatives[m]

    def _derive(self, m: int) -> Expr:
        if self.is_closed:
            return self.expr.diff(self.q, m) - (1 if m == 1 else 0)
        x, q = self.phi.variable, self.q
        weighted = expand(hermite_polynomial(2 * m, x / sqrt(q)) / (2 * q) ** m)
        value = expect(self.phi.expr**2 * weighted, Gaussian(x, cov=[[q]]), self.phi.assumptions)
        return self.weight * value + (self.slope - 1 if m == 1 else 0)

    def at(self, m: int, point: Rational, bits: int = _BITS) -> arb:
        """Ball of the derivative of order m of F(q) - q, of radius small beside its natural scale q^(1-m)."""
        goal = _ball(point ** (1 - m)) / 2**40
        value = arb.nan()
        for work in (bits, 4 * bits, 16 * bits):
            with workprec(work):
                value = ball_at(self.derivative(m), self.q, point)
                if value.is_finite() and value.rad() < goal.max(abs(value.mid()) / 2**40):
                    break
        return value

    def bound(self, m: int, low: Rational, high: Rational) -> arb:
        """Bound of |F^(m)| on [low, high], m > 1."""
        with workprec(_BITS):
            a, b = _ball(low), _ball(high)
            square = self._fourth(_power_above(high)) * (_ball(_power_above(high)) / b).sqrt() * (b / a).sqrt()
            size = self._weight * _ball(factorial(2 * m)).sqrt() / (2 * a) ** m
            return (size * square.sqrt()).upper()

    def second_moment_bound(self, high: Rational) -> arb:
        """Bound of sqrt(E_q phi^4) (q / high)^(1/4) for q <= high."""
        with workprec(_BITS):
            return self._fourth(high).sqrt().upper()

    def _fourth_moment(self, point: Rational) -> arb:
        law = Gaussian(self.phi.variable, cov=[[point]])
        try:
            value = enclose(self.phi.moment(4, point), 8)
        except PrecisionError:  # a closed form that cancels
            value = expectation_ball(self.phi.expr**4, law, 8)
        if not value.is_finite():
            raise UnsupportedError(f"E[phi^4] is infinite at variance {point}, and with it the bounds of the map")
        return value


def _power_above(point: Rational) -> Rational:
    """The power of four next above, so that few fourth moments are needed."""
    power = Integer(1)
    while power < point:
        power *= 4
    while power / 4 >= point:
        power /= 4
    return Rational(power)


def _ball(value: Rational) -> arb:
    return arb(fmpq(int(value.p), int(value.q)))

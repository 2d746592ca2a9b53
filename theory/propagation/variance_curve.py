r"""The variance map $F(q) = w\,E\varphi(\sqrt q Z)^2 + sq + c$ of a network, as an expression and as a mean."""

from __future__ import annotations

from functools import cached_property

from sympy import Dummy, Expr, Integer, expand, sqrt

from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian
from theory.gaussian.pieces import Pieces
from theory.hermite.polynomials import hermite_polynomial
from theory.network import NetworkSpec
from theory.propagation.maps import variance_map
from theory.propagation.variance_mean import Term, VarianceMean, gap_mean

__all__ = ["VarianceCurve"]


class VarianceCurve:
    r"""The map and its derivatives.

    With $f = \varphi^2$, $F^{(m)}(q) = \frac{w}{2^m q^m} E[f(X)\,He_{2m}(X/\sqrt q)]$ for m > 1, X of variance q.
    """

    def __init__(self, net: NetworkSpec) -> None:
        self.net, self.phi = net, net.phi
        self.q = Dummy("q", positive=True)
        self.expr: Expr = variance_map(net, self.q)
        branch, strength = (net.skip.branch, net.skip.strength) if net.skip else (Integer(1), Integer(0))
        self.weight, self.slope = branch**2 * net.C_W, strength**2
        self.bias = net.C_b * (1 - strength**2)
        self._derivatives: dict[int, Expr] = {0: self.expr - self.q}

    @property
    def is_closed(self) -> bool:
        """No expectation left in the map."""
        return not self.expr.has(GaussianExpectation)

    @property
    def affine(self) -> tuple[Expr, Expr, Expr]:
        """The numbers (w, s, c)."""
        return self.weight, self.slope, self.bias

    @cached_property
    def gap(self) -> VarianceMean:
        """F(q) - q as a mean with rigorous series."""
        return gap_mean(self.phi, *self.affine)

    @cached_property
    def integral(self) -> VarianceMean:
        r"""F(q) - q as the mean of the one function $w\varphi^2 + (s - 1)x^2 + c$."""
        x, pieces = self.phi.variable, self.phi.pieces
        rest = (self.slope - 1) * x**2 + self.bias
        whole = Pieces(pieces.breaks, tuple(self.weight * part**2 + rest for part in pieces.parts))
        return VarianceMean(self.phi, (Term(Integer(1), 0, None, whole),), ())

    def gap_at(self, value: Expr) -> Expr:
        """F(q) - q at a number, with the expectations written at that number."""
        return self.weight * self.phi.moment(2, value) + (self.slope - 1) * value + self.bias

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

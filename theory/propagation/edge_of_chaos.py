r"""The edge of chaos as a parametric curve in the plane of weight and bias variance.

$$ C_W(q) = \frac{1}{E\varphi'(\sqrt q Z)^2}, \qquad C_b(q) = q - C_W(q)\, E\varphi(\sqrt q Z)^2 \ge 0 $$

On it the variance q is fixed and the perpendicular susceptibility is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from sympy import Abs, Add, Expr, Integer, Rational, Symbol, latex, oo

from theory import normal_form
from theory.activations import Activation
from theory.enclosure import enclose, sign_of_number
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.law import exact
from theory.network import NetworkSpec
from theory.propagation.variance_mean import K, balance_mean, curvature_mean, gaussian_mean
from theory.propagation.variance_zeros import Zeros, variance_zeros
from theory.propagation.written import equation

__all__ = ["Curve", "EdgePoint", "edge_of_chaos"]

_FARTHEST = 1000


@dataclass(frozen=True)
class EdgePoint:
    """A point of the edge of chaos: a fixed variance q with perpendicular susceptibility one."""

    phi: Activation
    q: Expr
    C_W: Expr
    C_b: Expr

    @cached_property
    def slope(self) -> Expr:
        r"""Slope of the variance map at q, $\chi_\parallel = C_W\,\partial_q E\varphi^2$."""
        return self.C_W * slope_of_second_moment(self.phi, self.q)

    @cached_property
    def curvature(self) -> Expr:
        """Second derivative of the variance map at q."""
        return self.C_W * curvature_of_second_moment(self.phi, self.q)

    @cached_property
    def stability(self) -> str:
        """Stability of the variance: attracting, repelling, attracting_from_above or attracting_from_below.

        `marginal` where slope one and curvature zero leave it to higher orders.
        """
        # chi_parallel - chi_perp, without the cancellation of slope - 1.
        side = _sign(curvature_mean(self.phi).at(self.q), self.phi)
        if side:
            return "repelling" if side > 0 else "attracting"
        bend = _sign(self.curvature, self.phi)
        return {1: "attracting_from_below", -1: "attracting_from_above", 0: "marginal"}[bend]

    def spec(self, **settings: Any) -> NetworkSpec:
        """A network with these variances."""
        return NetworkSpec(self.phi, C_W=self.C_W, C_b=self.C_b, **settings)

    def _repr_latex_(self) -> str:
        parts = equation("q", self.q), equation("C_W", self.C_W), equation("C_b", self.C_b)
        return "$" + r",\; ".join(parts) + "$"


@dataclass(frozen=True)
class Curve:
    """The edge of chaos of an activation, parametrised by the fixed variance q."""

    phi: Activation

    def C_W(self, q: Any) -> Expr:
        """Weight variance at the parameter q."""
        return 1 / _positive(slope_moment(self.phi, _variance(q)), self.phi)

    def C_b(self, q: Any) -> Expr:
        """Bias variance at the parameter q; negative outside the range."""
        q = _variance(q)
        return _difference(q, self.C_W(q) * self.phi.moment(2, q))

    def point(self, q: Any) -> EdgePoint:
        """The point of the curve at q.

        Raises
        ------
        DomainError
            if the bias variance would be negative there.
        """
        q = _variance(q)
        weight, bias = self.C_W(q), self.C_b(q)
        if not bias.free_symbols and (sign_of_number(bias) or 0) < 0:
            raise DomainError(f"the bias variance C_b(q) = {bias.evalf(8)} is negative at q = {q}: no network has it")
        return EdgePoint(self.phi, q, weight, bias)

    @cached_property
    def balance(self) -> Zeros:
        r"""Zeros and signs of $q E\varphi'^2 - E\varphi^2$, which has the sign of $C_b(q)$."""
        mean = balance_mean(self.phi)
        if self.phi.parity == "odd" and not _is_linear(self.phi):
            # Poincare: Var phi <= q E phi'^2, with equality for linear functions alone.
            return Zeros((), (1,), Integer(0), oo)
        sign = _balance_sign_by_kinks(self.phi)
        return Zeros((), (sign,), Integer(0), oo) if sign else variance_zeros("balance", mean)

    @property
    def range(self) -> tuple[tuple[Expr, Expr], ...]:
        """The open intervals of q on which C_b > 0; `complete` says whether every q > 0 was searched.

        Where C_b vanishes for all q, the whole half-line.
        """
        zeros = self.balance
        if zeros.signs is None:
            raise UnsupportedError(f"the sign of C_b(q) is open for symbolic parameters; C_b(q) = {self.C_b(K)}")
        if zeros.vanishes:
            return ((Integer(0), oo),)
        ends = [zeros.lower, *zeros.values, zeros.upper]
        signs = list(zeros.signs)
        if len(signs) != len(ends) - 1:  # zeros at which the sign does not change
            return tuple((a, b) for a, b in pairwise(ends) if self._sign_inside(a, b) > 0)
        return tuple((a, b) for a, b, s in zip(ends, ends[1:], signs, strict=False) if s > 0)

    def _sign_inside(self, lower: Expr, upper: Expr) -> int:
        low = Rational(str(lower.evalf(15)))
        probe = low + 1 if upper is oo else (low + Rational(str(upper.evalf(15)))) / 2
        return sign_of_number(self.C_b(probe)) or 0

    @property
    def complete(self) -> bool:
        """Is the range proved for every q > 0?"""
        return self.balance.complete

    @property
    def is_point(self) -> bool:
        """Do all q give the same pair of variances?"""
        return not self.C_W(K).has(K) and not self.C_b(K).has(K)

    def sample(self, n: int = 50) -> list[tuple[float, float, float]]:
        """Rows (q, C_W, C_b), n of them, with q spaced evenly in the logarithm inside the range."""
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise DomainError(f"the number of samples is a positive integer; received {n!r}")
        if not self.range:
            raise DomainError(f"{self.phi.expr} has no edge of chaos with C_b >= 0 in ({self.balance.lower}, oo)")
        lower, upper = self.range[0]
        bottom = float(lower) if lower > 0 else min(1e-3, float(upper) / _FARTHEST if upper is not oo else 1e-3)
        top = float(upper) if upper is not oo else max(_FARTHEST * bottom, 10.0)
        rows = []
        for i in range(n):
            # Inside, never at an end, where C_b is zero.
            value = bottom * (top / bottom) ** ((i + 0.5) / n)
            q = Rational(str(float(f"{value:.6g}")))
            weight, bias = (float(enclose(e, 17).mid()) for e in (self.C_W(q), self.C_b(q)))
            rows.append((float(q), weight, bias))
        return rows

    def latex(self) -> str:
        """The parametric form."""
        q = Symbol("q", positive=True)
        return rf"C_W(q) = {latex(self.C_W(q))}, \quad C_b(q) = {latex(self.C_b(q))}"

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


def edge_of_chaos(phi: Activation, q: Any = None) -> Any:
    r"""Edge of chaos of plain networks, as a `Curve`, or its `EdgePoint` at a variance q.

    Parameters
    ----------
    phi : continuous activation, not constant.
    q : positive variance; left out, the whole curve.

    Raises
    ------
    UnsupportedError
        if the activation jumps: $E\varphi'^2$ is infinite.
    DomainError
        for a constant activation, or a variance at which the bias variance would be negative.

    Examples
    --------
    >>> from theory.activations import activation
    >>> point = edge_of_chaos(activation("erf"), 1)
    >>> point.C_W, point.stability
    (sqrt(5)*pi/4, 'attracting')

    References
    ----------
    schoenholz2017deep
    """
    if not isinstance(phi, Activation):
        raise DomainError(f"the edge of chaos takes an Activation, such as th.activation('tanh'); received {phi!r}")
    if phi.derivative(1) == 0:
        raise DomainError(f"the activation {phi.expr} is constant; no weight variance gives susceptibility one")
    curve = Curve(phi)
    return curve if q is None else curve.point(q)


def slope_moment(phi: Activation, q: Expr) -> Expr:
    r"""$E\varphi'(\sqrt q Z)^2$."""
    return gaussian_mean(phi, phi.derivative(1) ** 2, q)


def slope_of_second_moment(phi: Activation, q: Expr) -> Expr:
    r"""$\partial_q E\varphi^2 = E[\varphi(X)^2 (X^2 - q)]/(2 q^2)$, kinks included."""
    x = phi.variable
    square = phi.expr**2
    return (gaussian_mean(phi, square * x**2, q) - q * gaussian_mean(phi, square, q)) / (2 * q**2)


def curvature_of_second_moment(phi: Activation, q: Expr) -> Expr:
    r"""$\partial_q^2 E\varphi^2 = E[\varphi(X)^2 (X^4 - 6 q X^2 + 3 q^2)]/(4 q^4)$."""
    x = phi.variable
    square = phi.expr**2
    moments = [gaussian_mean(phi, square * x**k, q) for k in (0, 2, 4)]
    return (moments[2] - 6 * q * moments[1] + 3 * q**2 * moments[0]) / (4 * q**4)


def _variance(q: Any) -> Expr:
    value = exact(q)
    if value.is_positive is False:
        raise DomainError(f"the variance q is positive; received {q}")
    if value.is_positive is None and not value.free_symbols and (sign_of_number(value) or 0) <= 0:
        raise DomainError(f"the variance q is positive; received {q}")
    return value


def _positive(value: Expr, phi: Activation) -> Expr:
    if value.is_zero:
        raise DomainError(f"the activation {phi.expr} is constant; no weight variance gives susceptibility one")
    return value


def _difference(q: Expr, used: Expr) -> Expr:
    value = q - used
    return Integer(0) if value.expand().is_zero else value


def _balance_sign_by_kinks(phi: Activation) -> int | None:
    r"""The sign of $q E\varphi'^2 - E\varphi^2$ at every q > 0 where the kinks of a piecewise linear function agree.

    Its derivative is $\frac q2 E(\varphi'^2)'' - E\varphi\varphi''$ in the sense of distributions: a sum over the kinks
    b of $J_b (b \bar s_b - \varphi(b))$ times the density of N(0, q) at b, with the jump J and the mean $\bar s$ of the
    slopes; at q = 0 it is $-\varphi(0)^2$.  The density falls with |b|, so one sign of all the partial sums, nearest
    kinks first, is the sign of the whole, exponentially small as it is near q = 0.
    """
    x, pieces, ordering = phi.variable, phi.pieces, phi.ordering
    if any(part.diff(x, 2).expand() != 0 for part in pieces.parts):
        return None
    weights: list[tuple[Expr, Expr]] = []
    for b, before, after in zip(pieces.breaks, pieces.parts, pieces.parts[1:], strict=False):
        low, high = before.diff(x), after.diff(x)
        weight = (high - low) * (b * (low + high) / 2 - after.subs(x, b))
        weights.append((Abs(b), weight.expand()))
    signs = {ordering.sign_or_none(-(phi(Integer(0)) ** 2))}
    if all(b.is_Rational for b, _ in weights):
        total: Expr = Integer(0)
        for _, group in groupby(sorted(weights, key=itemgetter(0)), key=itemgetter(0)):
            total += Add(*(weight for _, weight in group))
            signs.add(ordering.sign_or_none(total))
    else:
        signs |= {ordering.sign_or_none(weight) for _, weight in weights}
    signs.discard(0)
    return signs.pop() if len(signs) == 1 else None


def _is_linear(phi: Activation) -> bool:
    return not phi.derivative(1).has(phi.variable)


def _sign(value: Expr, phi: Activation) -> int:
    reduced = value.expand()
    if reduced.is_zero or (not reduced.free_symbols and normal_form.is_zero(reduced, {})):
        return 0
    sign = phi.ordering.sign_or_none(reduced) if reduced.free_symbols else sign_of_number(reduced)
    if sign is None:
        raise UnsupportedError(f"the sign of {reduced} is not decided; substitute numbers for its parameters")
    return sign

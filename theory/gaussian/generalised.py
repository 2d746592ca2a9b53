r"""Derivatives of piecewise smooth functions with their point masses, and expectations of them.

$$ \varphi^{(m)} = \{\varphi^{(m)}\} + \sum_b \sum_{j<m} J_{b,j}\,\delta_b^{(m-1-j)} $$

with $\{\cdot\}$ the derivative off the breakpoints b and $J_{b,j}$ the jump of the j-th derivative at b.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sympy import Add, Dummy, Expr, Integer, Mul, Symbol, exp, pi, sqrt
from sympy.core.relational import Relational

from theory.arguments import whole
from theory.errors import DivergenceError
from theory.gaussian.expectation import expect
from theory.gaussian.kernels import check_correlation, correlated_pair, pair_expectation
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.pieces import Pieces, as_piecewise

__all__ = ["Generalised", "PointMass", "density", "derivative_dual", "generalised_derivative"]

_HIGHEST_ORDER = 1000


class PointMass(NamedTuple):
    r"""The distribution `weight` $\cdot\,\delta_{\text{place}}^{(\text{order})}$."""

    place: Expr
    order: int
    weight: Expr


class Generalised(NamedTuple):
    """A function off its breakpoints, plus point masses and their derivatives."""

    regular: Pieces
    masses: tuple[PointMass, ...]


def generalised_derivative(phi: Any, order: int) -> Generalised:
    """Derivative of an `Activation` in the sense of distributions.

    Examples
    --------
    >>> from theory.activations import activation
    >>> generalised_derivative(activation("relu"), 2).masses
    (PointMass(place=0, order=0, weight=1),)
    """
    order = whole("the order of a derivative", order, 0, _HIGHEST_ORDER)
    x, pieces = phi.variable, phi.pieces
    masses: list[PointMass] = []
    for j in range(order):
        for b, before, after in zip(pieces.breaks, pieces.parts, pieces.parts[1:], strict=False):
            jump = after.subs(x, b) - before.subs(x, b)
            if phi.ordering.sign_or_none(jump) != 0:
                masses.append(PointMass(b, order - 1 - j, jump))
        pieces = Pieces(pieces.breaks, tuple(part.diff(x) for part in pieces.parts))
    return Generalised(pieces, tuple(masses))


def density(z: Expr, variance: Expr) -> Expr:
    """Normal density of the given variance."""
    return exp(-(z**2) / (2 * variance)) / sqrt(2 * pi * variance)


def derivative_dual(phi: Any, rho: Any, q1: Any = 1, q2: Any = 1, order: int = 1) -> Expr:
    r"""$E[\varphi^{(m)}(U)\varphi^{(m)}(V)]$ for a centred pair, with the point masses of kinks and jumps.

    It is the m-th derivative of the dual activation in the covariance (Price), finite for $|\rho| < 1$.

    Raises
    ------
    DivergenceError
        at correlation 1 or -1 if the derivative has a point mass.

    Examples
    --------
    >>> from theory.activations import activation
    >>> from theory.symbols import rho
    >>> derivative_dual(activation("step"), rho)
    1/(2*pi*sqrt(1 - rho**2))
    """
    rho, q1, q2 = exact(rho), exact(q1), exact(q2)
    check_correlation(rho)
    derived = generalised_derivative(phi, order)
    regular = as_piecewise(derived.regular.merged(), phi.variable)
    value = pair_expectation(regular, regular, phi.variable, rho, q1, q2, phi.assumptions)
    if not derived.masses:
        return value
    if abs(rho) == 1:
        message = f"the derivative of order {order} has point masses; its dual diverges at correlation {rho}"
        raise DivergenceError(message, rho**2 < 1)
    first = _mass_against_function(derived.masses, regular, phi.variable, rho, q1, q2, phi.assumptions)
    second = (
        first
        if q1 == q2
        else _mass_against_function(derived.masses, regular, phi.variable, rho, q2, q1, phi.assumptions)
    )
    return Add(value, first, second, _masses_against_masses(derived.masses, rho, q1, q2))


def _mass_against_function(
    masses: tuple[PointMass, ...], g: Expr, x: Symbol, rho: Expr, q1: Expr, q2: Expr, assume: Iterable[Relational]
) -> Expr:
    r"""$\sum w (-1)^d \partial_u^d [p_{q_1}(u) E(g(V) | U = u)]$ at the places of the masses."""
    if g == 0:
        return Integer(0)
    u = Dummy("u", real=True)
    slope, rest = rho * sqrt(q2) / sqrt(q1), q2 * (1 - rho**2)
    total = []
    for place, order, weight in masses:
        if order:
            mean, point = slope * u, u
        else:
            mean, point = slope * place, place
        inside = density(point, q1) * expect(g, Gaussian(x, mean=[mean], cov=[[rest]]), assume)
        value = inside.diff(u, order).subs(u, place) if order else inside
        total.append(weight * (-1) ** order * value)
    return Add(*total)


def _masses_against_masses(masses: tuple[PointMass, ...], rho: Expr, q1: Expr, q2: Expr) -> Expr:
    u, v = Dummy("u", real=True), Dummy("v", real=True)
    (a, c), (_, b) = correlated_pair(sqrt(q1), sqrt(q2), rho)
    determinant = q1 * q2 * (1 - rho**2)
    joint = exp(-(b * u**2 - 2 * c * u * v + a * v**2) / (2 * determinant)) / (
        2 * pi * sqrt(q1 * q2) * sqrt(1 - rho**2)
    )
    total = []
    for left in masses:
        for right in masses:
            value = joint.diff(u, left.order).diff(v, right.order) if left.order or right.order else joint
            sign = (-1) ** (left.order + right.order)
            total.append(Mul(sign, left.weight, right.weight, value.subs({u: left.place, v: right.place})))
    return Add(*total)

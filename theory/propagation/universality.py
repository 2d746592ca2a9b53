r"""Universality classes: what the variance map does next to a critical fixed point.

At $K^* = 0$ it is $C_W g(K) = K + a K^p + \dots$ with $p = 2$ for activations twice differentiable at 0 and
$p = 3/2$ where $\varphi''$ jumps there; at $K^* > 0$ it is $K + a (K - K^*)^2 + \dots$
"""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr, Integer, Rational, oo

from theory.activations import Activation
from theory.errors import UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.propagation.small_variance import Taylor, absolute_moment, sides_at_zero

__all__ = ["HALF_STABLE", "KSTAR_ZERO", "SCALE_INVARIANT", "Origin", "origin", "second_moment_slope_at_zero"]

SCALE_INVARIANT, KSTAR_ZERO, HALF_STABLE = "scale-invariant", "K*=0", "half-stable"
_HIGHEST_ORDER = 8


class Origin(NamedTuple):
    r"""Expansions at variance zero of an activation with $\varphi(0) = 0$.

    $g(K) = A (K + a K^p + \dots)$ and $E\varphi'^2 = A (1 + b K^r + \dots)$; an expansion that ends has a zero
    coefficient.  `side` is the sign of $g(K)/A - K$ for small K.
    """

    slope: Expr
    coefficient: Expr
    power: Rational
    perpendicular: Expr
    perpendicular_power: Rational
    side: int | None


def origin(phi: Activation) -> Origin | str:
    """The expansions at zero, or the reason why zero is no critical variance."""
    x, ordering = phi.variable, phi.ordering
    below, above = sides_at_zero(phi.pieces, ordering)
    sides = [Taylor(below, x), Taylor(above, x)]
    value = sides[1].derivative(0)
    if any(ordering.sign_or_none(side.derivative(0)) != 0 for side in sides):
        return f"phi(0) = {value} is not zero, which excludes K* = 0"
    slope = _mean(sides, (1, 1), 0)
    if ordering.sign_or_none(slope) == 0:
        return "phi'(0) = 0, so the variance map is flat at K = 0"
    coefficient, power = _first(sides, (0, 0), 3, slope, ordering)
    perpendicular, perpendicular_power = _first(sides, (1, 1), 1, slope, ordering)
    side = ordering.sign_or_none(coefficient)
    if side == 0:
        side = _beyond_powers(phi, slope, (below, above), ordering)
    return Origin(slope, coefficient, power / 2, perpendicular, perpendicular_power / 2, side)


def second_moment_slope_at_zero(phi: Activation) -> Expr:
    r"""One-sided slope of $E\varphi(\sqrt q Z)^2$ at q = 0, infinite where a term of order $\sqrt q$ is there.

    Examples
    --------
    >>> from theory.activations import activation
    >>> second_moment_slope_at_zero(activation("relu")), second_moment_slope_at_zero(activation("softplus"))
    (1/2, log(2)/4 + 1/4)
    """
    sides = [Taylor(side, phi.variable) for side in sides_at_zero(phi.pieces, phi.ordering)]
    root = _mean(sides, (0, 0), 1)
    sign = phi.ordering.sign_or_none(root)
    if sign is None:
        raise UnsupportedError(f"whether the coefficient {root} of sqrt(q) vanishes is not decided")
    return _mean(sides, (0, 0), 2) if sign == 0 else sign * oo


def _mean(sides: list[Taylor], orders: tuple[int, int], j: int) -> Expr:
    """Coefficient of K**(j/2) in the mean of the product of two derivatives."""
    both = sides[1].product(orders, j) + (-1) ** j * sides[0].product(orders, j)
    return (both / 2 * absolute_moment(j)).expand()


def _first(
    sides: list[Taylor], orders: tuple[int, int], lowest: int, slope: Expr, ordering: Ordering
) -> tuple[Expr, Rational]:
    for j in range(lowest, _HIGHEST_ORDER + 1):
        value = _mean(sides, orders, j)
        if ordering.sign_or_none(value) != 0:
            return (value / slope).factor(), Rational(j)
    return Integer(0), Rational(_HIGHEST_ORDER)


def _beyond_powers(phi: Activation, slope: Expr, sides: tuple[Expr, Expr], ordering: Ordering) -> int | None:
    r"""Sign of $E\varphi^2 - AK$ where both sides of zero are linear: the nearest kinks decide; 0 without kinks."""
    x = phi.variable
    if any(not side.diff(x, 2).expand().is_zero for side in sides):
        return None
    kinks = [b for b in phi.pieces.breaks if ordering.sign(b) != 0]
    if not kinks:
        return 0
    sizes = [b * ordering.sign(b) for b in kinks]
    nearest = [b for b, s in zip(kinks, sizes, strict=True) if all(ordering.compare(s, o) <= 0 for o in sizes)]
    signs: set[int | None] = set()
    for b in nearest:
        outward = ordering.sign(b)
        index = phi.pieces.breaks.index(b) + (1 if outward > 0 else 0)
        inner = sides[0] if outward < 0 else sides[1]
        difference = phi.pieces.parts[index] ** 2 - inner**2
        values = ((outward**j * difference.diff(x, j).subs(x, b)).expand() for j in range(_HIGHEST_ORDER))
        signs.add(next((s for v in values if (s := ordering.sign_or_none(v)) != 0), None))
    return signs.pop() if len(signs) == 1 else None

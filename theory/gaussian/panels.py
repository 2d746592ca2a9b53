r"""Gauss-Legendre panels with rigorous error bounds.

On $[-1, 1]$ the rule of $n \ge 2$ nodes integrates a function that is analytic and bounded by $M$ inside the
Bernstein ellipse of parameter $r$ with error at most $\frac{64}{15} M r^{-2n}/(1 - r^{-2})$: the rule is exact to
degree $2n - 1$, the Chebyshev coefficients are below $2 M r^{-k}$, and odd terms vanish.  (trefethen2008gauss)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import flint
from flint import acb, arb

from theory.errors import PrecisionError, UnsupportedError

__all__ = ["ELLIPSES", "Panel", "gauss_error", "gauss_legendre", "lay_panels"]

ELLIPSES = (8.0, 6.0, 4.5, 3.5, 2.75, 2.2, 1.8, 1.5)
_MAX_PANELS = 2000
_SLACK = 1 + 1e-9  # covers the rounding of bounds kept as floats
_UNDERFLOW = 1e-300
_MAX_DEPTH = 24

AnalyticFunction = Callable[[acb], acb]


@lru_cache(maxsize=32)
def _gauss_legendre(order: int, prec: int) -> tuple[tuple[arb, ...], tuple[arb, ...]]:
    pairs = [arb.legendre_p_root(order, i, weight=True) for i in range(order)]
    return tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)


def gauss_legendre(order: int) -> tuple[tuple[arb, ...], tuple[arb, ...]]:
    """Enclosed nodes and weights on [-1, 1] at the current precision."""
    return _gauss_legendre(order, flint.ctx.prec)


def gauss_error(ratio: float, order: int) -> float:
    """Error of the rule per unit bound M, for the ellipse of parameter `ratio`."""
    return 64 / 15 * ratio ** (-2 * order) / (1 - ratio**-2) * _SLACK + _UNDERFLOW


class Panel(NamedTuple):
    """An interval `[center - half, center + half]` with the values of a function at the nodes."""

    center: arb
    half: arb
    size: tuple[int, int]  # segment and depth: panels of equal size share their kernel matrix
    ratio: float  # parameter of the ellipse on which the function was bounded
    top: float  # bound of |f| inside the ellipse
    real_top: float  # bound of |f| on the interval
    values: list[arb]  # half * weight * f(node)

    @property
    def height(self) -> float:
        """Imaginary half-axis of the ellipse."""
        return float(self.half) * (self.ratio - 1 / self.ratio) / 2 * _SLACK

    @property
    def reach(self) -> float:
        """Real half-axis of the ellipse."""
        return float(self.half) * (self.ratio + 1 / self.ratio) / 2 * _SLACK


def lay_panels(
    functions: Sequence[AnalyticFunction],
    cuts: Sequence[arb],
    width: float,
    order: int,
    spread: float,
    tolerance: float,
    decay: float = 0.5,
) -> list[Panel]:
    """Panels on which `functions[i]`, analytic between `cuts[i]` and `cuts[i + 1]`, are resolved.

    `spread` is the variance scale of the Gaussian weight across the panel: off the axis by y the weight grows as
    exp(y^2 / (2 spread)), which limits the useful ellipses; along the axis it is exp(-decay x^2).

    Raises
    ------
    PrecisionError
        if bisection does not resolve the function, as at a pole or branch point on the real line.
    """
    panels: list[Panel] = []
    for segment, (f, left, right) in enumerate(zip(functions, cuts, cuts[1:], strict=False)):
        count = max(1, math.ceil(float(right - left) / (2 * width) - 1e-9))
        full = (right - left) / (2 * count)
        stack = [(left + (2 * i + 1) * full, full, 0) for i in reversed(range(count))]
        while stack:
            center, half, depth = stack.pop()
            panel = _try_panel(f, center, half, (segment, depth), order, (spread, decay), tolerance)
            if panel is not None:
                panels.append(panel)
            elif depth >= _MAX_DEPTH or len(panels) + len(stack) > _MAX_PANELS:
                where = float(center)
                raise PrecisionError(
                    f"the integrand is not resolved near {where:.6g} standard deviations; "
                    "is there a singularity on the real line?"
                )
            else:
                quarter = half / 2
                stack += [(center + quarter, quarter, depth + 1), (center - quarter, quarter, depth + 1)]
    return panels


def _try_panel(
    f: AnalyticFunction,
    center: arb,
    half: arb,
    size: tuple[int, int],
    order: int,
    weight: tuple[float, float],
    tolerance: float,
) -> Panel | None:
    middle, radius = float(center), float(half) * _SLACK
    spread, decay = weight
    for ratio in ELLIPSES:
        height = radius * (ratio - 1 / ratio) / 2
        reach = radius * (ratio + 1 / ratio) / 2
        nearest = max(0.0, abs(middle) - reach)
        # The weight, and its growth off the axis, count in what the panel must resolve.
        log_weight = height * height / (2 * spread) - nearest * nearest * decay
        if log_weight > 60:
            continue
        error = gauss_error(ratio, order) * math.exp(log_weight)
        if error > tolerance * 1e30:
            return None
        top = _top(f, middle, reach, height)
        if error * top <= tolerance:
            nodes, weights = gauss_legendre(order)
            found = [f(acb(center + half * t)) for t in nodes]
            if not all(v.imag.contains(0) for v in found if v.is_finite()):
                raise UnsupportedError(f"an integrand is real on the real line; this one is not near {middle:.6g}")
            values = [half * w * v.real for v, w in zip(found, weights, strict=True)]
            if all(v.is_finite() for v in values):
                return Panel(center, half, size, ratio, top, _top(f, middle, radius, 0.0), values)
    return None


def _top(f: AnalyticFunction, center: float, reach: float, height: float) -> float:
    """Upper bound of |f| on a box, from a cover by balls; infinite where f may not be analytic."""
    across, up = 4, (3 if height else 1)
    width, rise = reach / across, height / up
    top = 0.0
    for i in range(across):
        x = arb(center + reach * ((2 * i + 1) / across - 1), width * _SLACK + 1e-14)
        for j in range(up):
            y = arb(height * ((2 * j + 1) / up - 1), rise * _SLACK) if height else arb(0)
            value = f(acb(x, y))
            if not value.is_finite():
                return math.inf
            top = max(top, float(value.abs_upper()) * _SLACK)
    return top

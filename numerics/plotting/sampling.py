"""Exact maps at the points of a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Float, Rational, Symbol

from theory.enclosure import enclose
from theory.errors import DivergenceError, DomainError
from theory.gaussian.law import exact
from theory.network import NetworkSpec
from theory.propagation.fixed_points import variance_fixed_points
from theory.propagation.maps import settled_variance, variance_map
from theory.symbols import q

__all__ = ["angles", "at_variance", "drawn_variance", "orbit", "sampled", "variance_orbit"]

_DIGITS = 10  # far below the width of a line
_GRID = 10**12
_TINIEST, _HUGEST = 1e-60, 1e60


def angles(count: int) -> NDArray[np.float64]:
    """Correlations in [-1, 1], evenly spaced in the angle, in which dual activations are smooth."""
    values: NDArray[np.float64] = -np.cos(np.linspace(0, np.pi, count))
    return values


def sampled(expr: Expr, symbol: Symbol, points: Iterable[float]) -> NDArray[np.float64]:
    """Values of an expression in one symbol, correct to ten digits."""
    if extra := expr.free_symbols - {symbol}:
        raise DomainError(f"a picture needs numbers; {', '.join(sorted(map(str, extra)))} is free")
    return np.array([_value(expr, symbol, point) for point in points])


def orbit(expr: Expr, symbol: Symbol, start: float, steps: int) -> NDArray[np.float64]:
    """The start and its images under a map."""
    values = [start]
    for _ in range(steps):
        values.append(_value(expr, symbol, values[-1]))
    return np.array(values)


def variance_orbit(net: NetworkSpec, start: float, depth: int) -> NDArray[np.float64]:
    """Variances of layers 1, ..., depth at infinite width.

    Raises
    ------
    DivergenceError
        if they leave the range of a picture, with the layer.
    """
    step, values = variance_map(net, q), [start]
    while len(values) < depth:
        values.append(_value(step, q, values[-1]))
        if not _TINIEST < values[-1] < _HUGEST:
            raise DivergenceError(
                f"the variance is {values[-1]:.3g} at layer {len(values)}, too far from one to go on; "
                "take fewer layers or other variances"
            )
    return np.array(values)


def _value(expr: Expr, symbol: Symbol, point: float) -> float:
    return float(enclose(expr.subs(symbol, _rational(point)), _DIGITS).mid())


def _rational(point: float) -> Rational:
    """A rational of bounded size, which keeps exact arithmetic cheap; relative to tiny numbers."""
    scale = 10 ** max(0, -math.floor(math.log10(abs(point)))) if point else 1
    return Rational(round(point * scale * _GRID), scale * _GRID)


def at_variance(expr: Expr, value: float) -> Expr:
    """An expression in q at a variance."""
    return expr.subs(q, _rational(value))


def drawn_variance(net: NetworkSpec, variance: Any = None) -> Expr:
    """The variance; left out, the one that does not matter or the one positive attracting fixed point, to 12 digits."""
    if variance is not None:
        value = _rational(variance) if isinstance(variance, float) and math.isfinite(variance) else exact(variance)
        if not value.is_positive:
            raise DomainError(f"the variance q is positive; received {variance}")
        return value
    try:
        return settled_variance(net)
    except DomainError:
        stable = [p.value for p in variance_fixed_points(net) if p.attracts and p.value != 0]
    if len(stable) != 1:
        raise DomainError(f"the variance map has {len(stable)} positive attracting fixed points; give q=")
    return Rational(str(Float(stable[0].evalf(12), 12)))

r"""Layers of a positively homogeneous activation, with the angle of two inputs in place of their correlation.

$\varphi(tx) = t\varphi(x)$ for t > 0 gives $E\varphi(U)\varphi(V) = \sqrt{q_1 q_2}\,f(\theta)$, $\rho = \cos\theta$.
The squared distance $D = q_1 + q_2 - 2 q_{12}$ is carried along,

$$ D' = C_W\left(f(0)(\sqrt{q_1} - \sqrt{q_2})^2 + 2\sqrt{q_1 q_2}\,(f(0) - f(\theta))\right), $$

so that small angles keep their digits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from numerics.codegen import CompiledFunction, compile
from numerics.pairs import PairKernels, Pairs
from theory.activations import Activation
from theory.errors import DivergenceError, TheoryError
from theory.network import NetworkSpec

__all__ = ["angle_layers", "is_angle_network"]

Array = NDArray[np.float64]
_THETA, _SINE, _HALF = sp.symbols("theta sine half", nonnegative=True)
_RHO = sp.Symbol("rho", real=True)


class _AngleForm(NamedTuple):
    """Functions of (theta, sin theta, sin^2(theta/2)): f(0) - f and the dual of the derivative; f(0) and slope at 0."""

    gap: CompiledFunction
    slope: CompiledFunction
    square: float
    slope_square: float


def is_angle_network(net: NetworkSpec) -> bool:
    """Is the network plain and its activation made of two half-lines through the origin?"""
    return net.skip is None and net.normalization is None and _angle_form(net.phi) is not None


def angle_layers(net: NetworkSpec, start: Pairs, depth: int) -> PairKernels:
    """The last layer."""
    form = _angle_form(net.phi)
    if form is None:
        raise DivergenceError("the activation is not positively homogeneous")
    C_W, C_b = float(net.C_W), float(net.C_b)
    i, j = start.first, start.second
    q, cross, distance, total = start.variances, start.covariances, start.distances, start.sums
    wanted = net.parameterization == "ntk"
    diagonal, above = (q, cross) if wanted else (None, None)
    for _ in range(depth - 1):
        root = np.sqrt(q)
        a, b = root[i], root[j]
        g, spread = a * b, (a - b) ** 2
        safe = np.where(g > 0, 4 * g, 1.0)
        half = np.clip((distance - spread) / safe, 0.0, 1.0)
        rest = np.clip((total - spread) / safe, 0.0, 1.0)
        theta = 2 * np.arctan2(np.sqrt(half), np.sqrt(rest))
        sine = 2 * np.sqrt(half * rest)
        gap = form.gap(theta, sine, half)
        q = C_W * form.square * q + C_b
        distance = C_W * (form.square * spread + 2 * g * gap)
        total = C_W * (form.square * spread + 2 * g * (2 * form.square - gap)) + 4 * C_b
        cross = C_W * g * (form.square - gap) + C_b
        if diagonal is not None and above is not None:
            diagonal = q + C_W * form.slope_square * diagonal
            above = cross + C_W * form.slope(theta, sine, half) * above
    return PairKernels(q, cross, diagonal, above)


@lru_cache(maxsize=64)
def _angle_form(phi: Activation) -> _AngleForm | None:
    x, pieces = phi.variable, phi.pieces
    if any(b != 0 for b in pieces.breaks) or any((p / x).cancel().has(x) for p in pieces.parts):
        return None
    try:
        dual, slope = _in_angle(phi.dual(_RHO)), _in_angle(phi.dual_derivative(_RHO))
        square, slope_square = phi.moment(2), phi.dual_derivative(1)
    except TheoryError:
        return None
    if dual is None or slope is None:
        return None
    gap = sp.expand(square - dual)
    places = [_THETA, _SINE, _HALF]
    return _AngleForm(
        compile(gap, places, target="numpy"), compile(slope, places, target="numpy"), float(square), float(slope_square)
    )


def _in_angle(expr: sp.Expr) -> sp.Expr | None:
    """An expression in the correlation, in the angle; None where the correlation appears in another way."""
    form = expr.replace(sp.asin, lambda a: sp.pi / 2 - _THETA if a == _RHO else sp.asin(a))
    form = form.replace(sp.acos, lambda a: _THETA if a == _RHO else sp.acos(a))
    form = form.replace(sp.sqrt(1 - _RHO**2), _SINE)
    form = sp.expand(form.subs(_RHO, 1 - 2 * _HALF))
    return form if form.free_symbols <= {_THETA, _SINE, _HALF} and not form.has(sp.asin, sp.acos) else None

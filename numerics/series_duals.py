r"""Duals of an analytic activation without closed form, by Hermite series at arrays of pairs.

$$ E\varphi(U)\varphi(V) = \sum_k c_k(q_1)\, c_k(q_2)\, \rho^k, \qquad
   c_k(q) = E\varphi(\sqrt q Z)\,He_k(Z)/\sqrt{k!} $$

The coefficients of all variances come from one trapezoidal rule, whose step is halved until they agree; the tail is
$\big(\sum_{k > K} c_k(q_1)^2 \sum_{k > K} c_k(q_2)^2\big)^{1/2} |\rho|^{K+1}$ at most, with Parseval's sums.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from numerics.codegen import CompiledFunction, compile
from theory.activations import Activation
from theory.errors import PrecisionError, UnsupportedError

if TYPE_CHECKING:
    from numerics.coefficient_panels import CoefficientPanels

__all__ = ["ACCURACY", "TERMS", "SeriesDuals", "coefficients", "relative_tails"]

Array = NDArray[np.float64]
_REACH = 16.0
_STEPS = (1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256)
TERMS = (32, 64, 128, 256, 512, 1024, 2048)
_AGREEMENT = 1e-14
ACCURACY = 1e-13


class SeriesDuals:
    """Duals of the activation and of its derivative.

    Raises
    ------
    UnsupportedError
        for an activation with kinks, whose series converges too slowly.
    """

    def __init__(self, phi: Activation) -> None:
        if phi.pieces.breaks or phi.expr.has(sp.Piecewise, sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min):
            raise UnsupportedError(
                f"kernels on data take closed forms or analytic activations; {phi.expr} has kinks and no closed form: "
                "use theory.propagation.iteration.iterate with digits"
            )
        self.phi = phi
        self.functions = [compile(f, phi.variable, target="numpy") for f in (phi.expr, phi.derivative())]

    @cached_property
    def panels(self) -> CoefficientPanels:
        """The coefficients at variances of many inputs."""
        from numerics.coefficient_panels import CoefficientPanels

        return CoefficientPanels(self.functions)

    def values(
        self, rho: Array, q: Array, i: NDArray[np.intp], j: NDArray[np.intp], with_means: bool
    ) -> tuple[Array, Array | None, Array, Array | None, Array | None]:
        """Mean squares, those of the derivative, duals of the pairs, those of the derivative, means."""
        distinct, place = np.unique(q, return_inverse=True)
        a, b = place[i], place[j]
        (square, pair, mean), (slope_square, slope, _) = (_dual(f, rho, distinct, a, b) for f in self.functions)
        return square[place], slope_square[place], pair, slope, mean[place] if with_means else None

    def means(self, q: Array) -> Array:
        """Means at the variances."""
        return coefficients(self.functions[0], q, 1)[0][:, 0]

    def at_zero(self) -> float:
        """The activation at zero."""
        return float(self.phi(0))


def _dual(
    function: CompiledFunction, rho: Array, q: Array, a: NDArray[np.intp], b: NDArray[np.intp]
) -> tuple[Array, Array, Array]:
    """Mean squares at the variances, duals of the pairs, means at the variances."""
    size = float(np.abs(rho).max()) if rho.size else 0.0
    for terms in TERMS:
        c, square = coefficients(function, q, terms)
        tail = relative_tails(c, square)
        if (np.max(tail) ** 2) * size**terms <= ACCURACY or not rho.size:
            return square, _summed(c, rho, a, b), c[:, 0]
        if float(np.max(tail[a] * tail[b] * np.abs(rho) ** terms)) <= ACCURACY:
            return square, _summed(c, rho, a, b), c[:, 0]
    raise PrecisionError(
        f"the Hermite series did not reach {ACCURACY:g} with {TERMS[-1]} terms (variances up to {q.max():.3g}, "
        f"correlations up to {size:.6f}); use theory.propagation.iteration.iterate with digits"
    )


def relative_tails(c: Array, square: Array) -> Array:
    """Roots of the sums of squares beyond the coefficients, relative to the root mean squares."""
    tail = np.sqrt(np.maximum(square - np.sum(c * c, axis=1), 0.0) / square)
    # Rounding alone leaves this much of a Parseval sum.
    return np.where(tail**2 < 64 * np.finfo(float).eps, 0.0, tail) if _decayed(c, square) else tail


def _decayed(c: Array, square: Array) -> bool:
    """Are the last coefficients, a quarter of them, far below the tolerance together?"""
    last = c[:, -max(1, c.shape[1] // 4) :]
    return bool((np.sum(last * last, axis=1) <= 1e-3 * ACCURACY * square).all())


def _summed(c: Array, rho: Array, a: NDArray[np.intp], b: NDArray[np.intp]) -> Array:
    """The series by Horner's rule; odd and even parts keep the sign of the correlation."""
    columns = np.ascontiguousarray(c.T)
    total = np.zeros_like(rho)
    for row in columns[::-1]:
        total = total * rho + row[a] * row[b]
    return total


def coefficients(function: CompiledFunction, q: Array, terms: int) -> tuple[Array, Array]:
    """The coefficients (variance, k) and the mean squares."""
    root = np.sqrt(q)[:, None]
    before: Array | None = None
    for step in _STEPS:
        nodes, table = _table(step, terms)
        values = function(root * nodes)
        if not np.isfinite(values).all():
            raise PrecisionError(
                f"the activation is not a finite number at some |x| <= {_REACH * float(root.max()):.4g}"
            )
        weights = step * np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
        square = (values**2) @ weights
        ends = values[:, [0, -1]] ** 2 * weights[[0, -1]] / step
        c = (values * np.sqrt(weights)) @ table
        if before is not None and np.max(np.abs(c - before) / np.sqrt(square)[:, None]) <= _AGREEMENT:
            if (ends > 1e-20 * square[:, None]).any():
                raise PrecisionError("the activation grows too fast for the quadrature of its Hermite coefficients")
            return c, square
        before = c
    raise PrecisionError(
        f"the trapezoidal rule did not settle at variances up to {q.max():.4g}: the activation has singularities near "
        "the real axis; use theory.propagation.iteration.iterate with digits"
    )


@lru_cache(maxsize=24)
def _table(step: float, terms: int) -> tuple[Array, Array]:
    """Nodes, and normalised Hermite polynomials at them times the root of the weights."""
    half = int(_REACH / step)
    nodes: Array = step * np.arange(-half, half + 1, dtype=np.float64)
    weights = step * np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
    table = np.empty((terms, len(nodes)))
    table[0] = np.sqrt(weights)
    if terms > 1:
        table[1] = nodes * table[0]
    for k in range(2, terms):
        table[k] = (nodes * table[k - 1] - np.sqrt(k - 1) * table[k - 2]) / np.sqrt(k)
    return nodes, np.ascontiguousarray(table.T)

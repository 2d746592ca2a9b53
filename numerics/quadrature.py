r"""Double-precision Gaussian quadrature, split at the kinks.

Composite Gauss-Legendre in standardised coordinates; the error estimate is the change under twice the panels.  It shares
no code with the ball integration and knows no closed form.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol, sqrt

from numerics.codegen import compile as compile_expression
from theory.errors import UnsupportedError
from theory.gaussian.law import Gaussian
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import split
from theory.gaussian.separation import separable_terms

__all__ = ["Estimate", "gaussian_quadrature"]

_REACH = 9.5  # normal tails beyond are below 1e-20
_ORDER = 12
_CLOSEST = 0.02  # 1 - rho^2 below this needs another route


class Estimate(NamedTuple):
    """A value and the size of its error, estimated and not proved."""

    value: float
    error: float


def gaussian_quadrature(integrand: Expr, law: Gaussian) -> Estimate:
    """E[integrand] for one or two variables with numeric parameters.

    Raises
    ------
    UnsupportedError
        for three or more variables, correlations within 0.01 of the ends, or variables that do not separate.
    """
    coarse, size = _value(integrand, law, 0.5)
    fine, _ = _value(integrand, law, 0.25)
    return Estimate(fine, abs(fine - coarse) + 64 * np.finfo(float).eps * size)


def _value(integrand: Expr, law: Gaussian, width: float) -> tuple[float, float]:
    if len(law.variables) == 1:
        nodes, weights, values = _sampled(integrand, law, 0, width)
        terms = weights * values * np.exp(-(nodes**2) / 2) / math.sqrt(2 * math.pi)
        return float(terms.sum()), float(np.abs(terms).sum())
    if len(law.variables) != 2:
        raise UnsupportedError(f"quadrature covers one or two variables; received {len(law.variables)}")
    rho = float(law.cov[0, 1] / sqrt(law.cov[0, 0] * law.cov[1, 1]))
    rest = 1 - rho * rho
    if rest < _CLOSEST:
        raise UnsupportedError(f"quadrature needs 1 - rho^2 of at least {_CLOSEST}; received rho = {rho}")
    total = size = 0.0
    for f, g in separable_terms(integrand, law.variables):
        u, wu, fu = _sampled(f, law, 0, width * math.sqrt(rest))
        v, wv, gv = _sampled(g, law, 1, width * math.sqrt(rest))
        for rows in np.array_split(np.arange(u.size), 1 + u.size * v.size // 2_000_000):
            a = u[rows, None]
            kernel = np.exp(-((a - rho * v) ** 2 / rest + v**2) / 2) / (2 * math.pi * math.sqrt(rest))
            total += float((wu * fu)[rows] @ kernel @ (wv * gv))
            size += float(np.abs(wu * fu)[rows] @ kernel @ np.abs(wv * gv))
    return total, size


def _sampled(
    f: Expr, law: Gaussian, i: int, width: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights in standard deviations, and the values of f there."""
    x: Symbol = law.variables[i]
    mean, sd = float(law.mean[i]), math.sqrt(float(law.cov[i, i]))
    pieces = split(f, x, Ordering())
    cuts = sorted({(float(b) - mean) / sd for b in pieces.breaks})
    inner = [c for c in cuts if -_REACH < c < _REACH]
    ends = [-_REACH, *inner, _REACH]
    base, base_weights = np.polynomial.legendre.leggauss(_ORDER)
    nodes, weights = [], []
    for left, right in zip(ends, ends[1:], strict=False):
        count = max(1, math.ceil((right - left) / width))
        edges = np.linspace(left, right, count + 1)
        half = (edges[1:] - edges[:-1])[:, None] / 2
        nodes.append((edges[:-1, None] + half * (1 + base)).ravel())
        weights.append((half * base_weights).ravel())
    z, w = np.concatenate(nodes), np.concatenate(weights)
    values = compile_expression(f, x, target="numpy")(mean + sd * z)
    return z, w, np.asarray(values, dtype=np.float64)

r"""Double-precision Gaussian quadrature, split at the kinks.

Composite Gauss-Legendre in standardised coordinates, out to where the integrand has no mass left; the error estimate
is the change under twice the panels.  It shares with the ball integration and knows no closed form.
"""

from __future__ import annotations

import itertools
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

_REACHES = (9.5, 14.0, 20.0, 37.0)  # normal tails beyond the first are below 1e-20, beyond the last below a double
_RING = 1.0  # the outermost part, whose share of the mass tells what lies beyond
_NEGLIGIBLE = 1e-12  # the ring is part of the error estimate
_ORDER = 12
_CLOSEST = 0.05  # 1 - rho^2 below this needs another route


class Estimate(NamedTuple):
    """A value, the size of its error, estimated and not proved, and the mean of the absolute value."""

    value: float
    error: float
    mass: float


def gaussian_quadrature(integrand: Expr, law: Gaussian) -> Estimate:
    """E[integrand] for one or two variables with numeric parameters.

    Raises
    ------
    UnsupportedError
        for three or more variables, correlations within 0.025 of the ends, variables that do not separate, or
        mass out of reach.
    """
    for reach in _REACHES:
        with np.errstate(all="ignore"):  # what overflows is not finite, and refused below
            coarse, size, ring = _value(integrand, law, reach, 0.5)
            if not ring <= _NEGLIGIBLE * size and math.isfinite(size):
                continue
            fine, _, _ = _value(integrand, law, reach, 0.25)
        if math.isfinite(size) and math.isfinite(fine):
            return Estimate(fine, abs(fine - coarse) + ring + 64 * np.finfo(float).eps * size, size)
        break
    raise UnsupportedError(f"quadrature reaches {_REACHES[-1]} standard deviations; {integrand} has mass beyond")


def _value(integrand: Expr, law: Gaussian, reach: float, width: float) -> tuple[float, float, float]:
    """Integral, absolute mass, and the mass in the outermost ring."""
    if len(law.variables) == 1:
        nodes, weights, values = _sampled(integrand, law, 0, reach, width)
        terms = weights * values * np.exp(-(nodes**2) / 2) / math.sqrt(2 * math.pi)
        mass = np.abs(terms)
        return float(terms.sum()), float(mass.sum()), float(mass[np.abs(nodes) > reach - _RING].sum())
    if len(law.variables) != 2:
        raise UnsupportedError(f"quadrature covers one or two variables; received {len(law.variables)}")
    rho = float(law.cov[0, 1] / sqrt(law.cov[0, 0] * law.cov[1, 1]))
    rest = 1 - rho * rho
    if rest < _CLOSEST:
        raise UnsupportedError(f"quadrature needs 1 - rho^2 of at least {_CLOSEST}; received rho = {rho}")
    total = size = ring = 0.0
    for f, g in separable_terms(integrand, law.variables):
        u, wu, fu = _sampled(f, law, 0, reach, width * math.sqrt(rest))
        v, wv, gv = _sampled(g, law, 1, reach, width * math.sqrt(rest))
        outer = np.abs(v) > reach - _RING
        for rows in np.array_split(np.arange(u.size), 1 + u.size * v.size // 2_000_000):
            a = u[rows, None]
            kernel = np.exp(-((a - rho * v) ** 2 / rest + v**2) / 2) / (2 * math.pi * math.sqrt(rest))
            total += float((wu * fu)[rows] @ kernel @ (wv * gv))
            left, right = np.abs(wu * fu)[rows], np.abs(wv * gv)
            column = kernel @ right
            size += float(left @ column)
            edge = np.abs(u[rows]) > reach - _RING
            ring += float(left[edge] @ column[edge] + left @ (kernel[:, outer] @ right[outer]))
    return total, size, ring


def _sampled(
    f: Expr, law: Gaussian, i: int, reach: float, width: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights in standard deviations, and the values of f there."""
    x: Symbol = law.variables[i]
    mean, sd = float(law.mean[i]), math.sqrt(float(law.cov[i, i]))
    pieces = split(f, x, Ordering())
    cuts = sorted({(float(b) - mean) / sd for b in pieces.breaks})
    ends = [-reach, *(c for c in cuts if -reach < c < reach), reach]
    base, base_weights = np.polynomial.legendre.leggauss(_ORDER)
    nodes, weights = [], []
    for left, right in itertools.pairwise(ends):
        count = max(1, math.ceil((right - left) / width))
        edges = np.linspace(left, right, count + 1)
        half = (edges[1:] - edges[:-1])[:, None] / 2
        nodes.append((edges[:-1, None] + half * (1 + base)).ravel())
        weights.append((half * base_weights).ravel())
    z, w = np.concatenate(nodes), np.concatenate(weights)
    values = compile_expression(f, x, target="numpy")(mean + sd * z)
    return z, w, np.asarray(values, dtype=np.float64)

"""Expectations of a Gaussian pair by tensor Gauss-Legendre quadrature in double precision.

An oracle for the tests: it knows nothing of the packages, only numpy.  Functions are vectorised callables; their
kinks are listed by the caller, and the grid is cut there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["pair_mean", "single_mean"]

Real = NDArray[np.float64]
Vectorised = Callable[[Real], Real]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_REACH = 11.0  # standard deviations


def single_mean(f: Vectorised, q: float = 1.0, kinks: Sequence[float] = (), width: float = 0.5) -> float:
    """E f(X) for X ~ N(0, q)."""
    z, w = _grid(np.asarray(kinks) / np.sqrt(q), width)
    return float(np.sum(w * _density(z) * f(np.sqrt(q) * z)))


def pair_mean(
    f: Vectorised,
    g: Vectorised,
    rho: float,
    q1: float = 1.0,
    q2: float = 1.0,
    kinks_f: Sequence[float] = (),
    kinks_g: Sequence[float] = (),
    width: float = 0.7,
) -> float:
    """E f(U) g(V) for a centred pair with variances q1, q2 and correlation rho in [-1, 1].

    `width` bounds the panels, in standard deviations; the density across them is resolved for |rho| <= 0.97.
    """
    a, b = np.sqrt(q1), np.sqrt(q2)
    if abs(rho) == 1:
        kinks = [*(np.asarray(kinks_f) / a), *(np.asarray(kinks_g) / (rho * b))]
        return single_mean(lambda z: f(a * z) * g(rho * b * z), 1.0, kinks, width)
    u, wu = _grid(np.asarray(kinks_f) / a, width)
    v, wv = _grid(np.asarray(kinks_g) / b, width)
    rest = 1 - rho**2
    gap = v[None, :] - rho * u[:, None]
    density = np.exp(-gap * gap / (2 * rest)) / np.sqrt(2 * np.pi * rest)
    return float((wu * _density(u) * f(a * u)) @ density @ (wv * g(b * v)))


def _density(z: Real) -> Real:
    return np.exp(-z * z / 2) / np.sqrt(2 * np.pi)


def _grid(kinks: Iterable[float], width: float) -> tuple[Real, Real]:
    """Nodes and weights on panels no wider than `width` that end at the kinks."""
    inner = sorted({float(k) for k in kinks if abs(k) < _REACH})
    ends = [-_REACH, *inner, _REACH]
    edges = [np.linspace(a, b, int(np.ceil((b - a) / width)) + 1) for a, b in itertools.pairwise(ends)]
    left = np.concatenate([e[:-1] for e in edges])
    half = np.concatenate([np.diff(e) for e in edges]) / 2
    nodes = left[:, None] + half[:, None] * (1 + _NODES)
    return nodes.ravel(), (half[:, None] * _WEIGHTS).ravel()

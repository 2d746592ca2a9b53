"""Edges of the spectra of products of random matrices, by free multiplicative convolution."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Edge(NamedTuple):
    """Square root of the right edge of a law, and how far below it the largest singular value is at width 1."""

    norm: float
    shift: float


def edge(inverse: Callable[[Array], Array]) -> Edge:
    r"""Edge of the law whose moment series has the inverse chi(z), z > 0.

    The edge is E = min 1/chi.  Where 1/chi has second derivative K the density is a sqrt(E - x)/pi with
    a = sqrt(2/K)/E, and the largest of n eigenvalues is 1.2065 (n a)^(-2/3) below E on average, by Tracy and Widom.
    """
    z = np.exp(np.linspace(math.log(1e-3), math.log(1e3), 20_001))
    values = 1 / inverse(z)
    at = int(values.argmin())
    near = z[at] * (1 + 1e-3 * np.arange(-1, 2))
    low, middle, high = 1 / inverse(near)
    curvature = (low - 2 * middle + high) / (1e-3 * z[at]) ** 2
    density = math.sqrt(2 / curvature) / middle
    return Edge(math.sqrt(middle), 1.2065 * density ** (-2 / 3) / (2 * math.sqrt(middle)))


def linear_edge(depth: int) -> Edge:
    """The norm is sqrt((L + 1)^(L + 1)/L^L)."""
    return edge(lambda z: z / (1 + z) ** (depth + 1))


def relu_edge(depth: int) -> Edge:
    """Edge for `depth` matrices of variance 2/n and depth - 1 free projections of trace 1/2."""
    return edge(lambda z: z / (2 * (1 + z) ** 2 * (1 + 2 * z) ** (depth - 1)))


def autoregressive_edge(depth: int, r: float) -> Edge:
    """Edge for rows with correlation r^|j - k|: matrices G T^(1/2), T the Toeplitz matrix of the correlations."""
    a, c = 1 + r * r, 1 - r * r
    return edge(lambda z: (c * z / (a * z + np.sqrt(4 * r * r * z * z + c * c))) ** depth * z ** (1 - depth) / (1 + z))

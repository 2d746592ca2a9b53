"""Piecewise Chebyshev series in the angle arccos(r) of a correlation r."""

import math
from typing import Any

import numpy as np

from numerics.loops.elementary import fast_acos
from numerics.loops.jit import kernel

BLOCK = 512


@kernel
def angle_series(coefficients: Any, values: Any, result: Any) -> None:
    """Values at the correlations; row i of `coefficients` covers the i-th of equal parts of [0, pi]."""
    parts, degree = coefficients.shape[0], coefficients.shape[1] - 1
    # Point by point the recurrence waits for itself; over a block it becomes vector instructions.
    x, b, c = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    part = np.empty(BLOCK, np.int64)
    for start in range(0, values.shape[0], BLOCK):
        count = min(BLOCK, values.shape[0] - start)
        for j in range(count):
            r = values[start + j]
            inside = r >= -1.0 and r <= 1.0
            place = fast_acos(r if inside else 0.0) * (parts / math.pi)
            index = np.int64(place)
            index = parts - 1 if index > parts - 1 else index
            part[j] = index
            x[j] = 2.0 * (place - index) - 1.0 if inside else math.nan
            b[j] = 0.0
            c[j] = 0.0
        for i in range(degree, 0, -1):
            for j in range(count):
                new = coefficients[part[j], i] + 2.0 * x[j] * b[j] - c[j]
                c[j] = b[j]
                b[j] = new
        for j in range(count):
            result[start + j] = coefficients[part[j], 0] + x[j] * b[j] - c[j]

"""Power series in a correlation: even and odd parts by Horner's rule, over blocks of points at once."""

from typing import Any

import numpy as np

from numerics.loops.jit import kernel

BLOCK = 512


@kernel
def power_series(even: Any, odd: Any, values: Any, result: Any) -> None:
    """result = sum even_i r^(2i) + r sum odd_i r^(2i) at the points r; of the same length, lowest power first."""
    a, b, square = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    last = even.shape[0] - 1
    for start in range(0, values.shape[0], BLOCK):
        count = min(BLOCK, values.shape[0] - start)
        for j in range(count):
            square[j] = values[start + j] * values[start + j]
            a[j] = even[last]
            b[j] = odd[last]
        for i in range(last - 1, -1, -1):
            p, q = even[i], odd[i]
            for j in range(count):
                a[j] = a[j] * square[j] + p
                b[j] = b[j] * square[j] + q
        for j in range(count):
            result[start + j] = a[j] + values[start + j] * b[j]

"""Power series in a correlation: even and odd parts by Horner's rule, which vectorises over the points."""

from typing import Any

from numerics.kernels.jit import kernel


@kernel
def power_series(even: Any, odd: Any, values: Any, result: Any) -> None:
    """result = sum even_i r^(2i) + r sum odd_i r^(2i) at the points r; of the same length, lowest power first."""
    last = even.shape[0] - 1
    for j in range(values.shape[0]):
        r = values[j]
        square = r * r
        a, b = even[last], odd[last]
        for i in range(last - 1, -1, -1):
            a = a * square + even[i]
            b = b * square + odd[i]
        result[j] = a + r * b

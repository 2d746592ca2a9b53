"""The activation and its derivative on vectors, as functions that other kernels are handed at run time.

What does not depend on the activation is compiled once for all; what is compiled anew for an activation is this.
"""

from typing import Any

from numba import carray, cfunc, types

from numerics.loops.activation import activation, derivative

VECTOR = types.CPointer(types.float64)


@cfunc(types.void(VECTOR, VECTOR, types.intp), cache=True)
def activation_block(source: Any, target: Any, count: int) -> None:
    """target = activation(source), `count` values."""
    values, results = carray(source, count), carray(target, count)
    for i in range(count):
        results[i] = activation(values[i])


@cfunc(types.void(VECTOR, VECTOR, types.intp), cache=True)
def derivative_block(source: Any, target: Any, count: int) -> None:
    """target = derivative(source), `count` values."""
    values, results = carray(source, count), carray(target, count)
    for i in range(count):
        results[i] = derivative(values[i])

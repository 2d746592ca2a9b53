"""The decorators of all kernels, so that the compiler flags are set in one place."""

from collections.abc import Callable
from typing import Any

from numba import njit


def kernel(function: Callable[..., Any]) -> Any:
    """Compiled form of `function`: cached on disk, free of the interpreter lock, IEEE division."""
    return njit(cache=True, nogil=True, error_model="numpy")(function)


def fused(function: Callable[..., Any]) -> Any:
    """`kernel` put in place of its calls, so that a loop over it vectorises; a product and a sum may round once."""
    return njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, forceinline=True)(function)


def reduction(function: Callable[..., Any]) -> Any:
    """`kernel` that may reorder its sums into vector lanes: the same bits on one machine, not on all."""
    return njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})(function)

"""The decorators of all kernels, so that the compiler flags are set in one place."""

from collections.abc import Callable
from typing import Any

from numba import njit


def kernel(function: Callable[..., Any]) -> Any:
    """Compiled form of `function`: cached on disk, free of the interpreter lock, IEEE division."""
    return njit(cache=True, nogil=True, error_model="numpy")(function)


def part(function: Callable[..., Any]) -> Any:
    """`kernel` that only kernels call: the code that unpacks its arguments from Python is never compiled."""
    return njit(cache=True, nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """`part` with a single caller: it becomes a piece of that caller before anything is compiled."""
    return njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)


def fused(function: Callable[..., Any]) -> Any:
    """`kernel` put in place of its calls, so that a loop over it vectorises; a product and a sum may round once."""
    return njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, forceinline=True)(function)


def reduction(function: Callable[..., Any]) -> Any:
    """`kernel` that may reorder its sums into vector lanes: the same bits on one machine, not on all."""
    return njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})(function)

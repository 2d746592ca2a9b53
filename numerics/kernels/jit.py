"""The one decorator of all kernels, so that the compiler flags are set in one place."""

from collections.abc import Callable
from typing import Any

from numba import njit


def kernel(function: Callable[..., Any]) -> Any:
    """Compiled form of `function`: cached on disk, free of the interpreter lock, IEEE division."""
    return njit(cache=True, nogil=True, error_model="numpy")(function)

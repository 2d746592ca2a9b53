"""The state of a random generator as an array, so that a kernel can save it and draw the same numbers again."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from theory.errors import TheoryError

__all__ = ["generator_memory"]


def generator_memory(generator: np.random.Generator) -> NDArray[np.uint64]:
    """The four words of an SFC64 generator in place: writing to the array sets the generator.

    The array must not outlive the generator.  Gaussian doubles use nothing of the state but these words.

    Raises
    ------
    TheoryError
        if the memory does not hold the documented state, as for another kind of generator.

    Examples
    --------
    >>> generator = np.random.Generator(np.random.SFC64(0))
    >>> memory = generator_memory(generator)
    >>> saved, first = memory.copy(), generator.standard_normal()
    >>> memory[:] = saved
    >>> generator.standard_normal() == first
    True
    """
    bits = generator.bit_generator
    if isinstance(bits, np.random.SFC64):
        memory = np.ctypeslib.as_array((ctypes.c_uint64 * 4).from_address(bits.ctypes.state_address))
        if np.array_equal(memory, bits.state["state"]["state"]):
            return memory
    raise TheoryError(f"draws are repeated through the state of an SFC64 generator; received {type(bits).__name__}")

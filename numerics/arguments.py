"""Arguments of public functions that become floats: numbers and arrays, read once at the border."""

from __future__ import annotations

import math
import reprlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import DomainError

__all__ = ["real_array", "real_number"]


def real_array(what: str, values: Any) -> NDArray[np.float64]:
    """A copy of `values` as a contiguous array of doubles, of any shape.

    Raises
    ------
    DomainError
        for texts, complex numbers and ragged rows.

    Examples
    --------
    >>> real_array("inputs", [[1, 2], [3, 4]]).shape
    (2, 2)
    """
    try:
        found = np.asarray(values)
        if found.dtype.kind not in "biufO":
            raise TypeError(f"entries of type {found.dtype}")
        if found.dtype == object and any(value is None for value in found.flat):
            raise TypeError("None is no number")  # numpy would read it as not-a-number
        return np.array(found, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        shown = f"{reprlib.repr(values)} ({error})"
        raise DomainError(f"{what} must be an array of real numbers; received {shown}") from error


def real_number(what: str, value: Any) -> float:
    """`value` as a double, which may be infinite.

    Raises
    ------
    DomainError
        for texts, truth values, arrays, complex numbers, and what is not a number.

    Examples
    --------
    >>> from sympy import Rational
    >>> real_number("alpha", Rational(1, 4))
    0.25
    """
    is_single = not isinstance(value, bool | str | bytes) and np.ndim(value) == 0
    try:
        number = float(value) if is_single else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isnan(number):
        raise DomainError(f"{what} is a real number; received {reprlib.repr(value)}")
    return number

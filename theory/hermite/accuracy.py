"""How far a ball is from the digits asked for."""

from __future__ import annotations

import math

from flint import arb

__all__ = ["log_missing"]

_LOG_TEN = math.log(10)


def log_missing(value: arb, digits: int) -> float:
    """Log of the factor by which the radius is too large; 0 or less where the digits are reached.

    A value whose modulus is below 10^(-2 digits) counts as zero, which has no leading digit.
    """
    radius, size = value.rad(), abs(value.mid())
    if not radius > 0:
        return 0.0
    floor = -2 * digits * _LOG_TEN
    if math.log(2) + float(max(size, radius).log()) <= floor:
        return 0.0
    log_size = float(size.log()) if size > 0 else -math.inf
    return float(radius.log()) - max(log_size - digits * _LOG_TEN, floor - 1)

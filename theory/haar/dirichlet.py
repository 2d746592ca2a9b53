"""Moments of one row or column: a vector uniform on the real or complex unit sphere."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import factorial, prod

from flint import fmpq_poly

from theory.haar.rational import RationalFunction

__all__ = ["double_factorial", "real_sphere", "rising_poles", "unit_sphere"]


@cache
def double_factorial(m: int) -> int:
    """`m!! = m (m - 2) ...`, with `(-1)!! = 0!! = 1`.

    >>> [double_factorial(m) for m in (-1, 0, 5, 6)]
    [1, 1, 15, 48]
    """
    return prod(range(m, 0, -2))


def rising_poles(start: int, count: int, step: int) -> dict[int, int]:
    """Poles of `1/((n + start)(n + start + step) ...)` with `count` factors."""
    return {-(start + step * i): 1 for i in range(count)}


def real_sphere(powers: Iterable[int]) -> RationalFunction:
    """`E prod v_i^(a_i) = prod (a_i - 1)!! / (n (n + 2) ... (n + 2k - 2))`, `sum a_i = 2k`, v uniform.

    Zero if a power is odd.
    """
    exponents = tuple(powers)
    if any(a % 2 for a in exponents):
        return RationalFunction.constant(0)
    weight = prod(double_factorial(a - 1) for a in exponents)
    return RationalFunction(fmpq_poly([weight]), rising_poles(0, sum(exponents) // 2, 2))


def unit_sphere(powers: Iterable[int]) -> RationalFunction:
    """`E prod |u_i|^(2 a_i) = prod a_i! / (n (n + 1) ... (n + k - 1))`, `sum a_i = k`, u uniform in C^n."""
    exponents = tuple(powers)
    weight = prod(factorial(a) for a in exponents)
    return RationalFunction(fmpq_poly([weight]), rising_poles(0, sum(exponents), 1))

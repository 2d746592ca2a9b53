"""Attracting correlation of the kernel map a + (1 - a) rho^2."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import rho


@th.theorem(topics=["fixed_point", "kernel"], sources=["joudaki2024kernel"], status="derived", needs=[])
def quadratic_kernel_fixed_point():
    """kappa(rho) = a + (1 - a) rho^2 fixes rho* = a/(1 - a) with slope 2 a, which attracts for a < 1/2.

    At a = 0.35 it is the map at which the published rate for kernel maps with slope above one at rho = 1 fails.
    """
    a = symbols("a", positive=True)
    kernel = a + (1 - a) * rho**2

    def claim(value, multiplier=2 * a):
        return th.FixedPoint(kernel, rho, value, multiplier)

    stated = a / (1 - a)
    return th.Statement(
        claim=claim(stated),
        domains={a: th.Interval(Rational(1, 20), Rational(9, 20))},
        near_misses=[a, 1 / (1 + a), claim(stated, a), claim(stated, 2 - 2 * a)],
    )

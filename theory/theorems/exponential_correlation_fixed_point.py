"""Inner fixed point of the kernel map of an exponential activation."""

from sympy import LambertW, Rational, Symbol, exp

import theory as th
from theory.symbols import rho

a = Symbol("a", positive=True)


@th.theorem(topics=["fixed point", "kernel", "exponential"], sources=[], status="derived", needs=["exponential_dual"])
def exponential_correlation_fixed_point():
    """exp(a^2 (rho - 1)), the normalised kernel map of exp(a x), a > 1, fixes -W(-a^2 exp(-a^2))/a^2."""
    value = -LambertW(-(a**2) * exp(-(a**2))) / a**2
    return th.Statement(
        claim=th.FixedPoint(exp(a**2 * (rho - 1)), rho, value, a**2 * value),
        domains={a: th.Interval(Rational(11, 10), 2)},
        resolution=Rational(1, 1000),
        near_misses=[-LambertW(-(a**2) * exp(-(a**2))), -LambertW(-a * exp(-a)) / a],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )

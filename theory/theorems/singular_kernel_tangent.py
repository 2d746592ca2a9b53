"""Tangent kernel of a singular kernel at every depth, in closed form for geometric Hermite weights."""

from sympy import Rational, Symbol

import theory as th
from theory.symbols import ell, rho

p = Symbol("p", positive=True)


@th.theorem(
    topics=["depth", "classification", "tangent kernel"],
    sources=["radhakrishnan2023wide"],
    status="derived",
    needs=["singular_kernel_schroeder"],
)
def singular_kernel_tangent():
    """K_l = p^l rho ((l + 1)(1 - rho) + rho (1 - p^(l+1))/(1 - p))/(1 - (1 - p^l) rho)^2 obeys K' = S' + K kappa'(S).

    Here kappa = p rho/(1 - (1 - p) rho), S_l = p^l rho/(1 - (1 - p^l) rho), K_0 = rho.  So K_l/((l + 1) p^l) tends to
    rho/(1 - rho) at a fixed rho, with the order of S, while at a fixed depth the limit rho -> 1 has one power more: the
    two limits do not commute.
    """

    def tangent(power, count):
        sum_ = count * (1 - rho) + rho * (1 - p * power) / (1 - p)
        return power * rho * sum_ / (1 - (1 - power) * rho) ** 2

    depth = p**ell
    signal = depth * rho / (1 - (1 - depth) * rho)
    after = p * signal / (1 - (1 - p) * signal) + tangent(depth, ell + 1) * p / (1 - (1 - p) * signal) ** 2
    stated = tangent(p * depth, ell + 2)
    return th.Statement(
        claim=th.Identity(after, stated),
        domains={
            ell: th.Integers(1, 30),
            rho: th.Interval(-1, 1),
            p: th.Interval(Rational(1, 10), Rational(9, 10)),
        },
        near_misses=[tangent(p * depth, ell + 1), tangent(depth, ell + 2), p * tangent(depth, ell + 1)],
        missing_witness="a recursion of rational functions; nothing is random",
    )

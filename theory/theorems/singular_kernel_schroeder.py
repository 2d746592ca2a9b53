"""Schroeder's equation of a singular kernel that can be solved: geometric Hermite weights."""

from sympy import Symbol

import theory as th
from theory.symbols import rho

p = Symbol("p", positive=True)


@th.theorem(
    topics=["depth", "classification"], sources=["radhakrishnan2023wide"], status="derived", needs=["mehler_formula"]
)
def singular_kernel_schroeder():
    """R(kappa) = A'^2 R for R = rho/(1 - rho), kappa = p rho/(1 - (1 - p) rho), A'^2 = kappa'(0) = p.

    So kappa iterated L times, divided by p^L, tends to R, singular at 1 with the power -log(p)/log(1/p) = 1, the
    exponent -log(A'^2)/log(B') of the source with B' = kappa'(1) = 1/p.  The solvable case is our own.
    """
    image = p * rho / (1 - (1 - p) * rho)
    stated = p * rho / (1 - rho)
    return th.Statement(
        claim=th.Identity(image / (1 - image), stated),
        domains={rho: th.Interval(-1, 1, right_open=True), p: th.Interval(0, 1, left_open=True)},
        near_misses=[rho / (1 - rho), p**2 * rho / (1 - rho), p * rho / (1 - rho) ** 2],
        missing_witness="a rational identity; nothing is random",
    )

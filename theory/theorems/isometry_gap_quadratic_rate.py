"""Decay of the isometry gap of two nearly orthogonal representations."""

from sympy import Symbol, log

import theory as th
from theory.kernel_family import kernel_polynomial
from theory.symbols import rho

a = Symbol("a", nonnegative=True)  # slope of the kernel map at zero


def _builder(rate):
    def build(weights):
        bend = kernel_polynomial(weights, rho)
        image = rho * (a + (1 - a) * bend)
        return th.Bound(-log(1 - image**2) / 2, -rate * log(1 - rho**2) / 2)

    return build


@th.theorem(topics=["isometry", "kernel"], sources=[], status="derived", needs=["mehler_formula"])
def isometry_gap_quadratic_rate():
    """-log I falls by (a + (1 - a) rho)^2 in a layer with kappa(0) = 0, kappa'(0) = a, for two inputs, 0 <= rho < 1.

    So nearly orthogonal inputs keep the share a^2 of their gap per layer, less than a bound of rate 1/(2 - a) says.
    """
    family = th.HermiteWeights(4, centered=True)

    def claim(rate, text):
        left, right = r"-\tfrac{1}{2}\log(1 - \kappa_a(\rho)^2)", rf"-\tfrac{{1}}{{2}}\,{text}\log(1 - \rho^2)"
        map_ = r"\kappa_a(\rho) = a\rho + (1 - a)\,\rho\,\kappa(\rho)"
        return th.ForAll(family, _builder(rate), rf"{left} \le {right},\quad {map_}")

    return th.Statement(
        claim=claim((a + (1 - a) * rho) ** 2, r"(a + (1 - a)\rho)^2"),
        domains={rho: th.Interval(0, 1, right_open=True), a: th.Interval(0, 1, right_open=True)},
        near_misses=[claim(a**2, "a^2")],
    )

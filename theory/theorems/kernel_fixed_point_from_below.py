"""Contraction towards an inner fixed point from below, at the slope there."""

from sympy import Rational, Symbol

import theory as th
from theory.kernel_family import kernel_with_fixed_point
from theory.symbols import rho

star = Rational(1, 2)  # the fixed point


def _slope(weights):
    x = Symbol("x")
    return kernel_with_fixed_point(weights, star, x).diff(x).subs(x, star)


def _builder(rate):
    def build(weights):
        return th.Bound(abs(star - kernel_with_fixed_point(weights, star, rho)), rate(_slope(weights)) * (star - rho))

    return build


@th.theorem(topics=["depth", "kernel"], sources=[], status="derived", needs=["mehler_formula"])
def kernel_fixed_point_from_below():
    """rho* - kappa(rho) <= kappa'(rho*) (rho* - rho) for 0 <= rho <= rho* = kappa(rho*) = 1/2, by convexity."""
    family = th.HermiteWeights(8, centered=True)

    def claim(rate, text):
        map_ = r"\kappa_* = c + (1 - c)\kappa,\ \kappa_*(\rho^*) = \rho^* = \tfrac{1}{2}"
        return th.ForAll(family, _builder(rate), rf"\rho^* - \kappa_*(\rho) \le {text}(\rho^* - \rho),\quad {map_}")

    return th.Statement(
        claim=claim(lambda slope: slope, r"\kappa_*'(\rho^*)"),
        domains={rho: th.Interval(0, star)},
        near_misses=[
            claim(lambda slope: slope**2, r"\kappa_*'(\rho^*)^2"),
            claim(lambda slope: slope * (1 - star / 2), r"\frac{3}{4}\kappa_*'(\rho^*)"),
        ],
    )

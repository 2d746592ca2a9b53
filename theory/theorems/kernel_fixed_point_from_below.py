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
    return th.Statement(
        claim=th.ForAll(family, _builder(lambda slope: slope)),
        domains={rho: th.Interval(0, star)},
        near_misses=[
            th.ForAll(family, _builder(lambda slope: slope**2)),
            th.ForAll(family, _builder(lambda slope: slope * (1 - star / 2))),
        ],
    )

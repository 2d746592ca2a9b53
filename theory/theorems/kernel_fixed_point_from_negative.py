"""Contraction towards an inner fixed point from negative correlations."""

from sympy import Rational

import theory as th
from theory.kernel_family import kernel_with_fixed_point
from theory.symbols import rho

star = Rational(1, 2)  # the fixed point


def _builder(rate):
    def build(weights):
        image = kernel_with_fixed_point(weights, star, rho)
        return th.Bound(star - image, rate(image.subs(rho, 0)) * abs(star - rho))

    return build


@th.theorem(topics=["depth", "kernel"], sources=[], status="derived", needs=["mehler_formula"])
def kernel_fixed_point_from_negative():
    """rho* - kappa(rho) <= (1 - kappa(0))(rho* - rho) for -1 <= rho <= 0 and rho* = kappa(rho*), here rho* = 1/2.

    The part of odd order falls by at most (1 - kappa(0)) |rho|, and rho* - kappa(0) <= (1 - kappa(0)) rho*.  With the
    rates at the fixed point, from above and from below, this replaces the published rate for kernel maps with slope
    above one at one.
    """
    family = th.HermiteWeights(8, centered=True)

    def claim(rate, text):
        map_ = r"\kappa_* = c + (1 - c)\kappa,\ \kappa_*(\rho^*) = \rho^* = \tfrac{1}{2}"
        return th.ForAll(family, _builder(rate), rf"\rho^* - \kappa_*(\rho) \le {text}(\rho^* - \rho),\quad {map_}")

    return th.Statement(
        claim=claim(lambda offset: 1 - offset, r"(1 - \kappa_*(0))"),
        domains={rho: th.Interval(-1, 0)},
        near_misses=[
            claim(lambda offset: 1 - 2 * offset, r"(1 - 2\kappa_*(0))"),
            claim(lambda offset: (1 - offset) ** 2, r"(1 - \kappa_*(0))^2"),
        ],
    )

"""Contraction towards an inner fixed point from above, in the potential (rho - rho*)/(1 - rho)."""

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
        image = kernel_with_fixed_point(weights, star, rho)
        return th.Bound(abs(image - star) / (1 - image), rate(_slope(weights)) * (rho - star) / (1 - rho))

    return build


@th.theorem(topics=["depth", "kernel"], sources=[], status="derived", needs=["kernel_potential_contraction"])
def kernel_fixed_point_potential():
    """(kappa - rho*)/(1 - kappa) <= (rho - rho*)/((1 - rho)(2 - kappa'(rho*))) for rho >= rho* = kappa(rho*).

    Conjugated by rho = rho* + (1 - rho*) u the map is a centred one with slope kappa'(rho*) at zero.  Here rho* = 1/2.
    """
    family = th.HermiteWeights(8, centered=True)

    def claim(rate, text):
        map_ = r"\kappa_* = c + (1 - c)\kappa,\ \kappa_*(\rho^*) = \rho^* = \tfrac{1}{2}"
        left, right = r"\frac{\kappa_*(\rho) - \rho^*}{1 - \kappa_*(\rho)}", r"\frac{\rho - \rho^*}{1 - \rho}"
        return th.ForAll(family, _builder(rate), rf"{left} \le {text}{right},\quad {map_}")

    return th.Statement(
        claim=claim(lambda slope: 1 / (2 - slope), r"\frac{1}{2 - \kappa_*'(\rho^*)}\,"),
        domains={rho: th.Interval(star, 1, right_open=True)},
        near_misses=[
            claim(lambda slope: slope, r"\kappa_*'(\rho^*)\,"),
            claim(lambda slope: (1 - star) / (2 - slope), r"\frac{1 - \rho^*}{2 - \kappa_*'(\rho^*)}\,"),
        ],
    )

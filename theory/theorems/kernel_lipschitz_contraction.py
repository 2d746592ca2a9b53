"""A kernel map is Lipschitz at one with its slope there."""

from sympy import Symbol

import theory as th
from theory.kernel_family import kernel_polynomial
from theory.symbols import rho

c = Symbol("c", nonnegative=True)  # the value of the map at correlation zero


def _builder(rate):
    def build(weights):
        image = c + (1 - c) * kernel_polynomial(weights, rho)
        slope = (1 - c) * sum(weight * power for power, weight in enumerate(weights))
        return th.Bound(abs(1 - image), rate(slope, weights) * (1 - rho))

    return build


@th.theorem(topics=["depth", "kernel"], sources=["joudaki2024kernel"], status="derived", needs=["mehler_formula"])
def kernel_lipschitz_contraction():
    """1 - kappa(rho) <= kappa'(1) (1 - rho) for every kernel map, with kappa(0) >= 0 and rho in [-1, 1].

    With kappa'(1) < 1 all inputs align at this geometric rate.  The rate is that of the authors' code and summary; the
    text of the paper was not seen.
    """
    family = th.HermiteWeights(8, centered=True)

    def claim(rate, text):
        map_ = r"\kappa_c(\rho) = c + (1 - c)\kappa(\rho)"
        return th.ForAll(family, _builder(rate), rf"1 - \kappa_c(\rho) \le {text}\,(1 - \rho),\quad {map_}")

    return th.Statement(
        claim=claim(lambda slope, _: slope, r"\kappa_c'(1)"),
        domains={rho: th.Interval(-1, 1), c: th.Interval(0, 1)},
        near_misses=[
            claim(lambda slope, _: slope**2, r"\kappa_c'(1)^2"),
            claim(lambda _, weights: (1 - c) * weights[1], r"\kappa_c'(0)"),
        ],
    )

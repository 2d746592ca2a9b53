"""A kernel map without constant and linear part separates correlations super-exponentially."""

from sympy import Symbol

import theory as th
from theory.kernel_family import kernel_polynomial
from theory.symbols import rho

smaller = Symbol("sigma", nonnegative=True)
c = Symbol("c", nonnegative=True)  # weight of the second power


def _map(weights, r):
    return r**2 * (c + (1 - c) * kernel_polynomial(weights, r))


def _builder(power):
    def build(weights):
        return th.Bound(_map(weights, smaller), (smaller / rho) ** power * _map(weights, rho))

    return build


@th.theorem(
    topics=["depth", "classification"], sources=["radhakrishnan2023wide"], status="derived", needs=["mehler_formula"]
)
def nearest_neighbour_kernel_ratio():
    """kappa(s)/kappa(r) <= (s/r)^2 for 0 <= s <= r if E phi = E phi' = 0: the nearest neighbour takes the whole vote.

    By induction S_L(s)/S_L(r) <= (s/r)^(2^L).  The source claims the limit; the inequality is our own.
    """
    family = th.HermiteWeights(6, centered=True)

    def claim(power):
        left, right = r"\kappa_2(\sigma)", rf"\left(\frac{{\sigma}}{{\rho}}\right)^{{{power}}} \kappa_2(\rho)"
        map_ = r"\kappa_2(\rho) = \rho^2 (c + (1 - c)\kappa(\rho))"
        return th.ForAll(family, _builder(power), rf"{left} \le {right},\quad {map_}")

    return th.Statement(
        claim=claim(2),
        domains={
            rho: th.Interval(0, 1, left_open=True),
            smaller: th.Interval(0, rho),
            c: th.Interval(0, 1),
        },
        near_misses=[claim(3), claim(4)],
    )

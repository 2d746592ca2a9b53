"""A kernel map has no fixed point at a negative correlation inside the interval."""

from sympy import Rational, Symbol

import theory as th
from theory.kernel_family import kernel_polynomial
from theory.symbols import rho

c = Symbol("c", nonnegative=True)  # the value of the map at correlation zero


def _builder(damage):
    def build(weights):
        image = c + (1 - c) * kernel_polynomial(weights, rho)
        return th.Bound(rho, damage(image))

    return build


@th.theorem(topics=["depth", "kernel"], sources=["joudaki2024kernel"], status="derived", needs=["mehler_formula"])
def kernel_above_diagonal():
    """kappa(rho) >= rho for -1 <= rho <= 0 and every kernel map: fixed points below zero exist at -1 at most.

    Unless the map is rho itself.  The uniqueness of the attracting fixed point is stated in the authors' summary; the
    text of the paper was not seen.
    """
    family = th.HermiteWeights(8, centered=True)

    def claim(damage, text):
        map_ = r"\kappa_c(\rho) = c + (1 - c)\kappa(\rho)"
        return th.ForAll(family, _builder(damage), rf"\rho \le {text},\quad {map_}")

    return th.Statement(
        claim=claim(lambda image: image, r"\kappa_c(\rho)"),
        domains={rho: th.Interval(-1, 0), c: th.Interval(0, 1)},
        near_misses=[
            claim(lambda image: image - Rational(1, 10), r"\kappa_c(\rho) - \frac{1}{10}"),
            claim(lambda image: 6 * image / 5, r"\frac{6}{5}\kappa_c(\rho)"),
        ],
    )

"""Floor of the squared correlation of two representations in a sign network of width n."""

from sympy import Rational, pi

import theory as th
from theory.symbols import n, z


@th.theorem(topics=["depth", "finite width", "isometry"], sources=[], status="derived", needs=["mehler_formula"])
def sign_width_floor():
    """v -> 1/n + (1 - 1/n)(4/pi^2) v fixes v* = pi^2/(pi^2 n - 4 (n - 1)), with multiplier (4/pi^2)(1 - 1/n).

    The overlap r of two sign vectors of length n obeys E[r'^2 | r] = 1/n + (1 - 1/n) kappa(r)^2 exactly, with
    kappa(r) = (2/pi) asin(r) and kappa(r)^2 >= (4/pi^2) r^2; so E[r^2] ends at v* or above, near 1/(n (1 - lambda^2)),
    lambda = kappa'(0).  The isometry gap of two inputs is at least r^2/2.
    """
    image = 1 / n + (1 - 1 / n) * 4 * z / pi**2
    stated, multiplier = pi**2 / (pi**2 * n - 4 * (n - 1)), 4 * (1 - 1 / n) / pi**2

    def claim(value, slope=multiplier):
        return th.FixedPoint(image, z, value, slope)

    return th.Statement(
        claim=claim(stated),
        domains={n: th.Integers(2, 4000)},
        near_misses=[1 / n, pi / (pi * n - 2 * (n - 1)), claim(stated, Rational(1, 2))],
        missing_witness="an affine map; its value and slope are enclosed at the stated point",
    )

"""Off-diagonal limit of the tangent kernel of a deep network that votes with the majority."""

from sympy import Rational, Symbol

import theory as th
from theory.symbols import z

c = Symbol("c", positive=True)


@th.theorem(
    topics=["depth", "classification"], sources=["radhakrishnan2023wide"], status="derived", needs=["mehler_formula"]
)
def majority_vote_tangent_kernel():
    """K -> rho* + K kappa'(rho*) settles at rho*/(1 - kappa'(rho*)), for kappa = c + (1 - c) rho^2, rho* = c/(1 - c).

    A constant off the diagonal makes the prediction the sum of the labels; this needs c < 1/2, that is kappa'(1) > 1.
    """
    star = c / (1 - c)
    image = star + 2 * c * z
    return th.Statement(
        claim=th.FixedPoint(image, z, star / (1 - 2 * c), 2 * c),
        domains={c: th.Interval(Rational(1, 20), Rational(9, 20))},
        near_misses=[star / (2 * c - 1), star / (1 - c), 1 / (1 - 2 * c)],
        missing_witness="an affine map; its value and slope are enclosed at the stated point",
    )

"""Without centring the rectifier widens the isometry gap of two representations in every layer."""

from sympy import Rational, acos, log, pi, sqrt

import theory as th
from theory.symbols import rho


@th.theorem(topics=["isometry", "relu", "depth"], sources=["joudaki2023impact"], status="derived", needs=["relu_dual"])
def relu_isometry_gap_growth():
    """-log(1 - rho^2) <= -log(1 - kappa(rho)^2), twice the isometry gaps before and after, for 0 <= rho < 1.

    kappa is the uncentred kernel map of the rectifier.  The source shows the growth in a figure; with the mean removed
    after the activation the gap shrinks instead.
    """
    arc = sqrt(1 - rho**2) + rho * (pi - acos(rho))
    stated = -log(1 - (arc / pi) ** 2)
    return th.Statement(
        claim=th.Bound(-log(1 - rho**2), stated),
        domains={rho: th.Interval(0, 1, right_open=True)},
        near_misses=[-log(1 - ((arc - 1) / (pi - 1)) ** 2), -log(1 - (arc / pi) ** 2 * Rational(9, 10))],
        missing_witness="a deterministic inequality; nothing is random",
    )

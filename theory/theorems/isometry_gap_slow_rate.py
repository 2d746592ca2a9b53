"""Refuted: the isometry gap decays at the rate of the bound on it."""

from sympy import Rational, exp, log

import theory as th
from theory.symbols import rho


@th.theorem(
    topics=["isometry", "exponential", "rate", "refuted"],
    sources=["joudaki2023impact"],
    status="refuted",
    needs=["isometry_gap_quadratic_rate"],
)
def isometry_gap_slow_rate():
    """FALSE: a layer keeps at least the share 1/beta of the isometry gap, beta = 2 - c_1^2/sum_(k >= 1) c_k^2.

    For two inputs and the centred exponential, 1/beta = 0.705; nearly orthogonal inputs keep kappa'(0)^2 = 0.339.
    Only the upper bound with rate 1/beta holds.  The text of the paper was not seen.
    """
    image = (exp(rho) - 1) / (exp(1) - 1)
    strength = 2 - 1 / (exp(1) - 1)
    return th.Statement(
        claim=th.Refutation(
            th.Bound(-log(1 - rho**2) / (2 * strength), -log(1 - image**2) / 2), at={rho: Rational(1, 10)}
        ),
        domains={rho: th.Interval(Rational(1, 100), Rational(9, 10))},
    )

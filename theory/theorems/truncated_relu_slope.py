"""Refuted: twenty-five Hermite terms classify the rectifier."""

from sympy import Rational, factorial, pi

import theory as th


@th.theorem(
    topics=["hermite", "relu", "refuted"], sources=["joudaki2024kernel"], status="refuted", needs=["relu_hermite"]
)
def truncated_relu_slope():
    """FALSE: the slope at one of the kernel map, from 25 Hermite terms and renormalised, is within 1e-4 of one.

    It is 0.949: the terms of a kinked activation decay like k^(-3/2), so a truncated series reports a geometric rate
    where the rate is l^-2.  The rule is that of the authors' code.
    """
    weights = [1 / (2 * pi), Rational(1, 4)]
    for k in range(1, 13):
        odd = factorial(2 * k - 2) / (2 ** (k - 1) * factorial(k - 1))  # (2k - 3)!!
        weights += [odd**2 / (2 * pi * factorial(2 * k)), 0]
    slope = sum(k * weight for k, weight in enumerate(weights)) / sum(weights)
    return th.Statement(
        claim=th.Refutation(th.Bound(1 - Rational(1, 10000), slope)),
        domains={},
        missing_witness="one number against another; their enclosures decide",
    )

"""Weights of the first two Hermite polynomials that make a singular kernel of order four."""

from sympy import log, sqrt

import theory as th


@th.theorem(
    topics=["depth", "classification"], sources=["radhakrishnan2023wide"], status="derived", needs=["mehler_formula"]
)
def singular_kernel_golden_weight():
    """phi = sqrt(p) h_1 + sqrt(1 - p) h_2 has the order -2 log(p)/log(2 - p) = 4 at p = (3 - sqrt(5))/2.

    The order is -4 log(A')/log(B') with A'^2 = p and B' = E phi'^2 = 2 - p; the source claims consistency where it is
    the dimension of the data.  The golden case is our own.
    """
    share = (3 - sqrt(5)) / 2
    return th.Statement(
        claim=th.Identity(-2 * log(share) / log(2 - share), 4),
        domains={},
        near_misses=[2, 3, 8],
        missing_witness="one number against another; their enclosures decide",
    )

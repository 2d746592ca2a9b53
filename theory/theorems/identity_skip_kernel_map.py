"""Refuted: the residual kernel map of a random skip holds for an identity skip."""

from sympy import Rational, acos, pi, sqrt, symbols

import theory as th
from theory.symbols import rho

r = symbols("r", positive=True)


def _kernel(c):
    return (sqrt(1 - c**2) + c * (pi - acos(c))) / pi


@th.theorem(
    topics=["depth", "skip", "relu", "refuted"],
    sources=["joudaki2024kernel"],
    status="refuted",
    needs=["identity_skip_relu_variance", "random_skip_multiplier"],
)
def identity_skip_kernel_map():
    """FALSE: correlations follow (1 - r^2) kappa + r^2 rho through sqrt(2 (1 - r^2)) relu(W x) + r x, an identity skip.

    The mean of the rectifier stays along the skip and aligns the inputs further; with a random projection of the
    skip, as in the authors' code, the map is right.  Two blocks are compared.
    """
    published = rho
    for _ in range(2):
        published = (1 - r**2) * _kernel(published) + r**2 * published
    shared = 2 * r * (1 - r**2) / pi  # twice branch times skip times the two means
    return th.Statement(
        claim=th.Refutation(
            th.Identity((published + shared) / (1 + shared), published), at={r: Rational(3, 5), rho: 0}
        ),
        domains={r: th.Interval(0, 1), rho: th.Interval(-1, 1)},
        missing_witness="one number against another; their enclosures decide",
    )

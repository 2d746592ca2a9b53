"""Refuted: layer normalisation before the activation centres the kernel map."""

from sympy import acos, pi, sqrt

import theory as th
from theory.symbols import rho


@th.theorem(
    topics=["kernel", "relu", "normalization", "refuted"],
    sources=["joudaki2024kernel"],
    status="refuted",
    needs=["relu_layer_norm_kernel"],
)
def normalization_before_activation():
    """FALSE: the rectifier behind layer normalisation has the centred kernel map, as the rectifier before it has.

    The mean over a layer of W x is of order 1/sqrt(n), so removing it changes nothing in the limit: two orthogonal
    inputs get the correlation 1/pi, where the centred map keeps them orthogonal.
    """
    before = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / pi
    after = (sqrt(1 - rho**2) + rho * (pi - acos(rho)) - 1) / (pi - 1)
    return th.Statement(
        claim=th.Refutation(th.Identity(before, after), at={rho: 0}),
        domains={rho: th.Interval(-1, 1)},
        missing_witness="one number against another; their enclosures decide",
    )

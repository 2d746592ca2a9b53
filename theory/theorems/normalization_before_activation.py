"""Refuted: layer normalisation before the activation centres the kernel map."""

from sympy import Max, acos, pi, sqrt

import theory as th
from theory.symbols import rho, u, v


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
    centred = (sqrt(1 - rho**2) + rho * (pi - acos(rho)) - 1) / (pi - 1)
    claim = th.GaussianIdentity(2 * Max(u, 0) * Max(v, 0), th.Gaussian([u, v], corr=rho), centred)
    return th.Statement(
        claim=th.Refutation(claim, at={rho: 0}),
        domains={rho: th.Interval(-1, 1)},
        missing_witness="the definition is integrated at one point with error bounds",
    )

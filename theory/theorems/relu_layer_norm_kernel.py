"""Kernel map of the rectifier where layer normalisation follows the activation."""

from sympy import Max, Rational, acos, pi, sqrt

import theory as th
from theory.symbols import rho, u, v


@th.theorem(
    topics=["kernel", "relu", "normalization"],
    sources=["joudaki2024kernel"],
    status="derived",
    needs=["relu_dual", "relu_variance"],
)
def relu_layer_norm_kernel():
    """E[(relu(U) - m)(relu(V) - m)]/Var = (sqrt(1 - rho^2) + rho (pi - acos(rho)) - 1)/(pi - 1), m = 1/sqrt(2 pi).

    With the mean removed after the activation the map is centred; removing it before, where it is zero in the limit of
    width, leaves the uncentred map.  Read from the authors' code; the text of the paper was not seen.
    """
    mean, variance = 1 / sqrt(2 * pi), (1 - 1 / pi) / 2
    stated = (sqrt(1 - rho**2) + rho * (pi - acos(rho)) - 1) / (pi - 1)
    integrand = (Max(u, 0) - mean) * (Max(v, 0) - mean) / variance
    law = th.Gaussian([u, v], corr=rho)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains={rho: th.Interval(-1, 1)},
        derive=lambda: th.Activation(Max(u, 0), u).centered_kernel_map(rho),
        resolution=Rational(1, 50),
        near_misses=[
            (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / pi,
            (sqrt(1 - rho**2) + rho * (pi - acos(rho)) - 1) / pi,
        ],
    )

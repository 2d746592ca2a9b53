"""Layer normalisation after the rectifier makes its correlations vanish at a geometric rate."""

from sympy import Integer, acos, pi, sqrt

import theory as th
from theory.symbols import rho


@th.theorem(
    topics=["kernel", "relu", "normalization", "fixed_point"],
    sources=["joudaki2024kernel", "joudaki2023impact"],
    status="derived",
    needs=["relu_layer_norm_kernel", "kernel_potential_contraction"],
)
def relu_layer_norm_fixed_point():
    """The centred kernel map of the rectifier fixes 0 with the multiplier pi/(2 (pi - 1)) = 0.7335.

    The strength of the non-linearity is beta_0 = 2 - 0.7335 = 1.2665; 1/beta_0 bounds the decay of the potential, the
    multiplier is its true rate.  The uncentred map fixes 1 with slope one instead.
    """
    kernel = (sqrt(1 - rho**2) + rho * (pi - acos(rho)) - 1) / (pi - 1)

    def claim(value, multiplier):
        return th.FixedPoint(kernel, rho, value, multiplier)

    stated = pi / (2 * (pi - 1))
    return th.Statement(
        claim=claim(Integer(0), stated),
        domains={},
        near_misses=[
            claim(Integer(0), 1 / (2 - stated)),
            claim(Integer(0), 2 - stated),
            claim(Integer(0), pi / (2 * pi - 1)),
        ],
    )

"""Growth of gradients through a sine network at the variance it settles at."""

from sympy import LambertW, Matrix, Rational, Tuple, cos, exp

import theory as th
from theory.symbols import u


@th.theorem(
    topics=["sine", "initialisation", "depth"],
    sources=["sitzmann2020implicit"],
    status="derived",
    needs=["siren_variance_fixed_point", "cosine_dual"],
)
def siren_gradient_growth():
    """2 E[cos(X)^2] = 2 - q* = 1.2032 at X ~ N(0, q*), q* = 1 + W(-2 exp(-2))/2, Var W = 2/n.

    The squared gradient grows by this factor in each layer: the network is on the chaotic side of its edge of chaos.
    """
    star = 1 + LambertW(-2 * exp(-2)) / 2
    gain = 2 * th.GaussianExpectation(cos(u) ** 2, Tuple(u), Matrix([[star]]), Tuple(0))
    return th.Statement(
        claim=th.Identity(gain, 2 - star),
        domains={},
        near_misses=[1, star, 2 - star**2, Rational(12, 10)],
        missing_witness="one mean against one number; both are enclosed",
    )

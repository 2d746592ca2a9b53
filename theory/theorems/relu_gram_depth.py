"""Second-layer Gram entry of a wide rectifier network."""

from sympy import Max, Rational, acos, pi, sqrt

import theory as th
from theory.observables import GramEntry
from theory.symbols import n, rho, x


def _kernel_map(r):
    return (sqrt(1 - r**2) + r * (pi - acos(r))) / pi


@th.theorem(topics=["depth", "relu"], sources=["cho2009kernel", "lee2018deep"], status="theorem", needs=["relu_dual"])
def relu_gram_depth():
    """The activation Gram entry of layer 2 tends to kappa(kappa(rho))/2 under variance 2/n, as n -> oo."""
    limit = _kernel_map(_kernel_map(rho)) / 2
    return th.Statement(
        claim=th.WidthLimit(GramEntry(Max(x, 0), x, rho, depth=2, C_W=2), limit, n, envelope=1 / n),
        domains={rho: th.Interval(Rational(-9, 10), Rational(9, 10))},
        derive=lambda: _iterated(2),
        resolution=Rational(1, 100),
        near_misses=[_kernel_map(rho) / 2, limit + Rational(1, 25)],
    )


def _iterated(depth):
    kappa, phi = rho, th.Activation(Max(x, 0), x)
    for _ in range(depth):
        kappa = phi.kernel_map(rho).subs(rho, kappa)
    return kappa / 2

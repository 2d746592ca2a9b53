"""Second-layer Gram entry of a wide sine network."""

from sympy import Rational, exp, sin, sinh

import theory as th
from theory.observables import GramEntry
from theory.symbols import n, rho, x


@th.theorem(topics=["depth", "sine"], sources=["sitzmann2020implicit"], status="derived", needs=["sine_dual"])
def siren_gram_depth():
    """The activation Gram entry of layer 2 tends to exp(-q) sinh(2 sinh(rho)/e), q = 1 - exp(-2), for C_W = 2."""
    inner = 2 * exp(-1) * sinh(rho)
    scale = exp(exp(-2) - 1)
    return th.Statement(
        claim=th.WidthLimit(GramEntry(sin(x), x, rho, depth=2, C_W=2), scale * sinh(inner), n, envelope=2 / n),
        domains={rho: th.Interval(Rational(-9, 10), Rational(9, 10))},
        derive=_second_layer,
        resolution=Rational(1, 100),
        near_misses=[exp(-1) * sinh(rho), exp(-1) * sinh(inner)],
    )


def _second_layer():
    phi = th.Activation(sin(x), x)
    variance, covariance = 2 * phi.moment(2), 2 * phi.dual(rho)
    return phi.dual_cov(variance, variance, covariance)

"""Second-layer Gram entry of a wide error-function network with biases."""

from sympy import Rational, asin, erf, pi, sqrt

import theory as th
from theory.observables import GramEntry
from theory.symbols import n, rho, x


@th.theorem(topics=["depth", "erf"], sources=["williams1997computing"], status="derived", needs=["erf_dual"])
def erf_gram_depth():
    """The activation Gram entry of layer 2 tends to (2/pi) asin(2 c/(1 + 2 q)), C_W = 2 and C_b = 1/2.

    Here q and c are the second pre-activation variance and covariance.
    """

    def second(r):
        return Rational(1, 2) + 4 * asin(Rational(2, 3) * r) / pi

    limit = 2 * asin(2 * second(rho) / (1 + 2 * second(1))) / pi
    biasless = 2 * asin(2 * (second(rho) - Rational(1, 2)) / (1 + 2 * second(1))) / pi
    return th.Statement(
        claim=th.WidthLimit(
            GramEntry(erf(x), x, rho, depth=2, C_W=2, C_b=Rational(1, 2)), limit, n, envelope=3 / (2 * n)
        ),
        domains={rho: th.Interval(Rational(-9, 10), Rational(9, 10))},
        derive=_second_layer,
        resolution=Rational(1, 50),
        near_misses=[2 * asin(2 * rho / 3) / pi, biasless, limit * sqrt(2)],
    )


def _second_layer():
    phi = th.Activation(erf(x), x)
    variance, covariance = (2 * e + Rational(1, 2) for e in (phi.moment(2), phi.dual(rho)))
    return phi.dual_cov(variance, variance, covariance)

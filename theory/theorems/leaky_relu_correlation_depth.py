"""Rate at which the correlations of a leaky rectifier network tend to one, for any slope."""

from sympy import Rational, Symbol, asin, pi, sqrt

import theory as th
from theory.orbits import Orbit
from theory.symbols import ell, rho

a = Symbol("a", real=True)


@th.theorem(
    topics=["depth", "relu", "rate"], sources=[], status="derived", needs=["leaky_relu_dual", "relu_kink_expansion"]
)
def leaky_relu_correlation_depth():
    """1 - rho_l ~ (9 pi^2/2) ((1 + a^2)/(1 - a)^2)^2/l^2 for the slope a on the negative side.

    The kink moves the kernel map by (2 sqrt(2)/(3 pi)) (1 - a)^2/(1 + a^2) (1 - rho)^(3/2).
    """
    absolute = 2 * (sqrt(1 - rho**2) + rho * asin(rho)) / pi
    kernel = ((1 + a) ** 2 * rho + (1 - a) ** 2 * absolute) / (2 * (1 + a**2))
    orbit = Orbit(kernel, rho, Rational(1, 5), 1 - rho)

    def claim(constant, exponent=2):
        return th.DepthAsymptotic(orbit, ell, exponent, constant)

    stated = 9 * pi**2 / 2 * ((1 + a**2) / (1 - a) ** 2) ** 2
    return th.Statement(
        claim=claim(stated),
        domains={a: th.Interval(-Rational(1, 2), Rational(1, 2))},
        near_misses=[
            9 * pi**2 / 2 * (1 + a**2) / (1 - a) ** 2,
            9 * pi**2 / 2 / (1 - a) ** 4,
            claim(stated, 1),
        ],
    )

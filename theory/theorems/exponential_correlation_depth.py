"""Rate at which the correlations under the exponential activation tend to one, logarithm included."""

from sympy import Integer, Rational, exp

import theory as th
from theory.orbits import Orbit
from theory.symbols import ell, rho


@th.theorem(
    topics=["depth", "exponential", "rate"], sources=[], status="derived", needs=["exponential_correlation_decay"]
)
def exponential_correlation_depth():
    """1 - rho_l = (2/l)(1 - log(l)/(3 l) + O(1/l)) for the kernel map exp(rho - 1) of exp(x): 2/kappa''(1) = 2."""
    orbit = Orbit(exp(rho - 1), rho, Integer(0), 1 - rho)

    def claim(constant, logarithm):
        return th.DepthAsymptotic(orbit, ell, Integer(1), constant, logarithm)

    stated = Integer(2)
    return th.Statement(
        claim=claim(stated, -Rational(1, 3)),
        domains={},
        near_misses=[1, 4, claim(stated, Rational(1, 3)), claim(stated, -Rational(2, 3))],
    )

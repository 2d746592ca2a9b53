"""Rate at which the correlations of an error-function network tend to one on its edge of chaos."""

from sympy import Rational, asin, sqrt

import theory as th
from theory.orbits import Orbit
from theory.symbols import ell, q, rho


@th.theorem(
    topics=["depth", "erf", "rate", "criticality"],
    sources=["schoenholz2017deep"],
    status="derived",
    needs=["erf_edge_of_chaos"],
)
def erf_critical_correlation_depth():
    """1 - rho_l ~ (1 + 4 q)/(2 q^2 l) at the variance q of the edge of chaos: 2/kappa''(1), as for every smooth map.

    The paper has the depth scale away from the edge, where it is finite; the constant on the edge is our own.
    """
    root = sqrt(1 + 4 * q)
    gain = asin(2 * q * rho / (1 + 2 * q)) - asin(2 * q / (1 + 2 * q))
    orbit = Orbit(1 + root * gain / (2 * q), rho, Rational(-1, 5), 1 - rho)

    def claim(constant, exponent=1):
        return th.DepthAsymptotic(orbit, ell, exponent, constant)

    stated = (1 + 4 * q) / (2 * q**2)
    return th.Statement(
        claim=claim(stated),
        domains={q: th.Interval(Rational(1, 2), 4)},
        near_misses=[(1 + 4 * q) / (4 * q**2), (1 + 2 * q) ** 2 / (2 * q**2), claim(stated, 2)],
    )

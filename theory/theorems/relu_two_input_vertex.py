"""Four-point vertex of two inputs behind one layer of rectifiers: the arc-cosine kernel of order two."""

from sympy import Max, Rational, acos, pi, sqrt

import theory as th
from theory.symbols import rho, u, v


@th.theorem(topics=["finite width", "relu"], sources=["cho2009kernel"], status="derived", needs=["relu_dual"])
def relu_two_input_vertex():
    """Cov(C_W relu(U)^2, C_W relu(V)^2) = (2/pi)(3 rho sqrt(1 - rho^2) + (pi - acos(rho))(1 + 2 rho^2)) - 1, C_W = 2.

    This is n times the covariance of the two variances of a layer of width n; 5 for equal inputs, -1 for opposite ones.
    The source has the kernel, the reading as a vertex is our own.
    """
    stated = 2 / pi * (3 * rho * sqrt(1 - rho**2) + (pi - acos(rho)) * (1 + 2 * rho**2)) - 1
    integrand = 4 * Max(u, 0) ** 2 * Max(v, 0) ** 2 - 1
    law = th.Gaussian([u, v], corr=rho)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains={rho: th.Interval(-1, 1)},
        derive=lambda: th.expect(integrand, law),
        resolution=Rational(1, 10),
        near_misses=[stated + 1, stated / 2 + Rational(1, 2), stated - 2 * rho**2],
    )

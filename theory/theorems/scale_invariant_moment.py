"""Every variance is kept by a scale-invariant activation at its critical initialisation."""

from sympy import Max, Min, Rational, Symbol

import theory as th
from theory.symbols import q, u

a, b = Symbol("a", real=True), Symbol("b", real=True)


@th.theorem(topics=["criticality", "relu"], sources=["roberts2022principles"], status="theorem", needs=[])
def scale_invariant_moment():
    """2 E[phi(X)^2]/(a^2 + b^2) = q for phi = a x above zero and b x below: C_W = 2/(a^2 + b^2), C_b = 0."""
    phi = a * Max(u, 0) + b * Min(u, 0)
    integrand = 2 * phi**2 / (a**2 + b**2)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, th.Gaussian(u, cov=[[q]]), q),
        domains={q: th.Interval(Rational(1, 4), 4), a: th.Interval(Rational(1, 2), 2), b: th.Interval(-1, 2)},
        derive=lambda: th.expect(integrand, th.Gaussian(u, cov=[[q]])),
        resolution=Rational(1, 20),
        near_misses=[q / 2, 2 * q, q**2],
    )

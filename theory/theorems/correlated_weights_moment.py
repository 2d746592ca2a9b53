"""Correlations along the rows of a weight matrix change the spectrum of the layer."""

from sympy import Matrix, Rational, Symbol, diag, symbols

import theory as th

r = Symbol("r", real=True)
left, right = symbols("x1:4", real=True), symbols("y1:4", real=True)


@th.theorem(topics=["spectrum"], sources=["dadoun2025stability"], status="derived", needs=[])
def correlated_weights_moment():
    """E[(x'y)^2] = 3 + 4 r^2 + 2 r^4 for two independent rows x, y ~ N(0, T), T_ij = r^|i - j|, of length three.

    It is tr(T^2), and 3 without correlations.  For rows of length n the second moment of the spectrum tends to
    1 + (1 + r^2)/(1 - r^2) where independent entries have 2: a correlation of fixed range has to vanish with the width
    to be harmless.  Only the abstract of the source was seen, which asks for correlations that vanish.
    """
    row = Matrix(3, 3, lambda i, j: r ** abs(i - j))
    law = th.Gaussian([*left, *right], cov=diag(row, row))
    integrand = sum(a * b for a, b in zip(left, right, strict=True)) ** 2
    stated = 3 + 4 * r**2 + 2 * r**4
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains={r: th.Interval(-Rational(9, 10), Rational(9, 10))},
        derive=lambda: th.expect(integrand.expand(), law),
        resolution=Rational(1, 2),
        near_misses=[3, 3 + 2 * r**2 + r**4, 3 + 4 * r + 2 * r**2],
    )

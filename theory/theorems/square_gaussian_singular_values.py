"""Law of the squared singular values of a large square Gaussian matrix."""

from sympy import Rational, Symbol, asin, pi, sqrt

import theory as th
from theory.laws import ContinuousLaw, GaussianSpectrum


@th.theorem(topics=["spectrum"], sources=[], status="derived", needs=[])
def square_gaussian_singular_values():
    """Eigenvalues of W'W/n, W an n x n Gaussian matrix: in the limit their square roots have the quarter-circle law.

    The distribution function is `(sqrt(x (4 - x)) + 4 arcsin(sqrt(x)/2))/(2 pi)` on [0, 4]; its moments are the Catalan
    numbers.  The mean share at size n is off by at most 1/n or so.
    """
    x = Symbol("x", real=True)

    def claim(cdf, upper=4):
        return th.Distribution(GaussianSpectrum(1), ContinuousLaw(cdf, x, 0, upper))

    angle = asin(sqrt(x) / 2)
    stated = (sqrt(x * (4 - x)) + 4 * angle) / (2 * pi)
    return th.Statement(
        claim=claim(stated),
        domains={},
        resolution=Rational(1, 50),
        envelope=Rational(1, 100),
        near_misses=[claim(2 * angle / pi), claim(stated.subs(x, x / 2), 8), claim(stated.subs(x, 2 * x), 2)],
    )

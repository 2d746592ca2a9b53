"""Mean logarithm of a quadratic form with two double eigenvalues."""

from sympy import Rational, log, symbols

import theory as th
from theory.haar.means import LogForm


@th.theorem(topics=["haar", "batch_norm"], sources=["meterez2023towards"], status="derived", needs=[])
def haar_log_form():
    """E log(w'G w) = (a log a - b log b)/(a - b) - 1, w uniform on the sphere of R^4, G with eigenvalues a, a, b, b.

    By this mean the isometry gap of batch normalisation changes under a random rotation; the defining one-dimensional
    integral is enclosed and compared.
    """
    a, b = symbols("a b", positive=True)
    stated = (a * log(a) - b * log(b)) / (a - b) - 1
    return th.Statement(
        claim=th.Identity(LogForm(a, a, b, b), stated),
        domains={a: th.Interval(Rational(1, 10), 1), b: th.Interval(2, 9)},
        resolution=Rational(1, 100),
        near_misses=[log((a + b) / 2), (log(a) + log(b)) / 2],
    )

"""Mean share of one of two directions under batch normalisation."""

from sympy import Rational, sqrt, symbols

import theory as th
from theory.haar.means import Share


@th.theorem(topics=["haar", "batch_norm"], sources=["daneshmand2021batch"], status="derived", needs=[])
def haar_share_of_two():
    """E[a w_1^2/(a w_1^2 + b w_2^2)] = sqrt(a)/(sqrt(a) + sqrt(b)), w uniform on the circle."""
    a, b = symbols("a b", positive=True)
    stated = sqrt(a) / (sqrt(a) + sqrt(b))
    return th.Statement(
        claim=th.Identity(Share(a, b), stated),
        domains={a: th.Interval(Rational(1, 10), 4), b: th.Interval(Rational(1, 10), 9)},
        resolution=Rational(1, 100),
        near_misses=[a / (a + b), a**2 / (a**2 + b**2)],
    )

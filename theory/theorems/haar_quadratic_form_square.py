"""Second moment of a quadratic form on the sphere."""

from sympy import Rational, symbols

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar", "batch_norm"], sources=["meterez2023towards"], status="derived", needs=[])
def haar_quadratic_form_square():
    """E (w'E w)^2 = (2 |E|^2 + (tr E)^2)/(n (n + 2)), w uniform on the sphere; here E acts on a plane."""
    Q = th.Haar("O", n)
    a, b, c = symbols("a b c", real=True)
    w1, w2 = Q[1, 1], Q[1, 2]
    square = (a * w1**2 + 2 * b * w1 * w2 + c * w2**2) ** 2
    norm, trace = a**2 + 2 * b**2 + c**2, a + c
    stated = (2 * norm + trace**2) / (n * (n + 2))
    return th.Statement(
        claim=th.HaarIdentity(square, Q, stated),
        domains={n: th.Integers(2), **{s: th.Interval(-2, 2) for s in (a, b, c)}},
        derive=lambda: Q.mean(square),
        resolution=Rational(1, 15),
        near_misses=[(norm + trace**2) / (n * (n + 2)), (2 * norm + trace**2) / (n * (n + 1))],
    )

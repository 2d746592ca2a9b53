"""Fixed point of the variance map of a window activation, and its slope."""

from sympy import Rational, Symbol, erf, exp, pi, sqrt

import theory as th
from theory.symbols import q

C = Symbol("C", positive=True)


@th.theorem(topics=["fixed point"], sources=[], status="derived", needs=[])
def window_variance_fixed_point():
    """phi = c on [C, 2 C], c^2 = C^2/P(1 < Z < 2), fixes the variance C^2 with slope (f(1) - 2 f(2))/(2 P(1 < Z < 2)).

    f is the normal density; the slope is 0.4930.
    """
    mass = (erf(2 * C / sqrt(2 * q)) - erf(C / sqrt(2 * q))) / 2
    window = (erf(sqrt(2)) - erf(1 / sqrt(2))) / 2
    image = C**2 * mass / window
    slope = (exp(-Rational(1, 2)) - 2 * exp(-2)) / (2 * sqrt(2 * pi) * window)
    return th.Statement(
        claim=th.FixedPoint(image, q, C**2, slope),
        domains={C: th.Interval(Rational(1, 2), 10)},
        near_misses=[th.FixedPoint(image, q, C**2, 2 * slope), th.FixedPoint(image, q, C**2, 0), 4 * C**2],
        missing_witness="a deterministic map; its value and slope are enclosed at the stated point",
    )

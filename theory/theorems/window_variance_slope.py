"""Refuted: the variance map of a window activation is flat at its fixed point."""

from sympy import Rational, Symbol, erf, sqrt

import theory as th
from theory.symbols import q

C = Symbol("C", positive=True)


@th.theorem(topics=["fixed point", "refuted"], sources=[], status="refuted", needs=["window_variance_fixed_point"])
def window_variance_slope():
    """FALSE: with phi = c on [C, 2 C] and zero elsewhere the variance map has a slope near zero at its fixed point C^2.

    The slope is 0.4930 for every C, which is the limit of the construction with several distant windows.
    """
    mass = erf(2 * C / sqrt(2 * q)) - erf(C / sqrt(2 * q))
    slope = C**2 * mass.diff(q).subs(q, C**2) / mass.subs(q, C**2)
    return th.Statement(
        claim=th.Refutation(th.Bound(slope, Rational(1, 10)), at={C: 100}),
        domains={C: th.Interval(3, 1000)},
    )

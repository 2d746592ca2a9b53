"""Refuted: the isometry gain bound with twice the constant."""

from sympy import Rational, Symbol

import theory as th
from theory.haar.means import IsometryGain


@th.theorem(
    topics=["haar", "batch_norm", "refuted"],
    sources=["meterez2023towards"],
    status="refuted",
    needs=["isometry_gain_bound"],
)
def isometry_gain_sharper_bound():
    """FALSE: E I(BN(W X)) >= I(X)/(1 - |lambda - 1|^2/(d (d + 2))); with 1/(2 d (d + 2)) it is not refuted.

    The constant is the one of the second-order expansion; the third-order term
    `-(8/3) sum (lambda - 1)^3/(d (d + 2)(d + 4))` can be negative.  At d = 3 and spectrum (1.6, 0.7, 0.7), which is
    `(1 + 2 t, 1 - t, 1 - t)` with `t = 0.3` and `|lambda - 1|^2 = 6 t^2`, the gain is 1.034969, the bound 1.037344.
    """
    t = Symbol("t", positive=True)
    bound = th.Bound(1 / (1 - 6 * t**2 / 15), IsometryGain(1 + 2 * t, 1 - t))
    return th.Statement(
        claim=th.Refutation(bound, at={t: Rational(3, 10)}),
        domains={t: th.Interval(Rational(1, 20), Rational(1, 2))},
        resolution=Rational(1, 1000),
    )

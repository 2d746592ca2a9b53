"""Refuted: the fitted constant of the isometry rate under batch normalisation is absolute."""

from sympy import Rational, exp

import theory as th
from theory.symbols import n


@th.theorem(
    topics=["isometry", "batch_norm", "refuted"],
    sources=["meterez2023towards"],
    status="refuted",
    needs=["haar_quadratic_form_square"],
)
def isometry_absolute_constant():
    """FALSE: near isometry each layer multiplies the gap by at most exp(-1/(C n^2)) with C = 0.015 in every dimension.

    To first order the factor is n/(n + 2), which needs C >= 0.361 at n = 2; the constant is the one of the figures.
    """
    return th.Statement(
        claim=th.Refutation(th.Bound(n / (n + 2), exp(-1 / (Rational(15, 1000) * n**2))), at={n: 10}),
        domains={n: th.Integers(2, 30)},
    )

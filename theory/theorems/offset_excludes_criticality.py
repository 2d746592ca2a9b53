"""Refuted: an activation that does not vanish at zero has no critical variance."""

from sympy import Matrix, Rational, Tuple

import theory as th
from theory.gaussian.functions import Phi
from theory.symbols import u


def _bracket(variance):
    shifted = u * Phi(u) + Rational(1, 100)
    return th.GaussianExpectation(shifted * shifted.diff(u, 2), Tuple(u), Matrix([[variance]]), Tuple(0))


@th.theorem(
    topics=["criticality", "refuted"],
    sources=["roberts2022principles"],
    status="refuted",
    needs=["susceptibility_gap", "gelu_critical_point"],
)
def offset_excludes_criticality():
    """FALSE: phi(0) != 0 keeps E[phi phi''] from changing its sign in the variance; it excludes K* = 0 only.

    gelu(x) + 1/100 has a critical variance between 4 and 4.1, with C_W = 1.9753 and C_b = 0.1596 > 0.
    """
    return th.Statement(
        claim=th.Refutation(th.Bound(0, _bracket(4) * _bracket(Rational(41, 10)))),
        domains={},
        missing_witness="one sign; the two brackets are enclosed",
    )

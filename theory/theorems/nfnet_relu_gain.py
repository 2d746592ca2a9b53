"""Refuted: the gain of the rectifier in the code of normaliser-free networks."""

from sympy import Matrix, Max, Rational, Tuple, pi, sqrt

import theory as th
from theory.symbols import u


@th.theorem(
    topics=["moments", "relu", "initialisation", "refuted"],
    sources=["brock2021characterizing"],
    status="refuted",
    needs=["relu_variance"],
)
def nfnet_relu_gain():
    """FALSE beyond three digits: the gain 1/sd of max(Z, 0) is 1.7139588594; it is 1.7128585504.

    The number circulates in public code, which is what was seen, and looks like an estimate from samples.
    """
    centred = (Max(u, 0) - 1 / sqrt(2 * pi)) ** 2
    deviation = sqrt(th.GaussianExpectation(centred, Tuple(u), Matrix([[1]]), Tuple(0)))
    return th.Statement(
        claim=th.Refutation(th.Identity(1 / deviation, Rational(17139588594, 10**10))),
        domains={},
        missing_witness="one number against another; their enclosures decide",
    )

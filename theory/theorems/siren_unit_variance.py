"""Refuted: sine networks keep unit variance at every layer."""

from sympy import Matrix, Tuple, sin

import theory as th
from theory.symbols import q, u


@th.theorem(
    topics=["fixed point", "sine", "initialisation", "refuted"],
    sources=["sitzmann2020implicit"],
    status="refuted",
    needs=["siren_variance_fixed_point"],
)
def siren_unit_variance():
    """FALSE in the limit of width: pre-activations N(0, 1) at every layer; after the first layer 1 becomes 0.8647.

    Uniform weights on (-sqrt(6/n), sqrt(6/n)); inputs with the arcsine law give variance 1 to the first layer alone.
    """
    variance = 2 * th.GaussianExpectation(sin(u) ** 2, Tuple(u), Matrix([[q]]), Tuple(0))
    return th.Statement(
        claim=th.Refutation(th.FixedPoint(variance, q, 1)),
        domains={},
        missing_witness="one number against another; their enclosures decide",
    )

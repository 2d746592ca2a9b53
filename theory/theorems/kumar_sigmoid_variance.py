"""Refuted: the linearised initialisation of the sigmoid keeps unit variance."""

from sympy import Matrix, Rational, Tuple, exp

import theory as th
from theory.symbols import q, u


@th.theorem(
    topics=["initialisation", "fixed point", "refuted"], sources=["kumar2017weight"], status="refuted", needs=[]
)
def kumar_sigmoid_variance():
    """FALSE: Var W = 1/(n phi'(0)^2 (1 + phi(0)^2)) = 12.8/n keeps the variance 1 of a sigmoid network.

    One layer makes it 3.755, and it settles at 4.535; the rule linearises the activation at zero.
    """
    phi = 1 / (1 + exp(-u))
    image = Rational(64, 5) * th.GaussianExpectation(phi**2, Tuple(u), Matrix([[q]]), Tuple(0))
    return th.Statement(
        claim=th.Refutation(th.FixedPoint(image, q, 1)),
        domains={},
        missing_witness="one number against another; their enclosures decide",
    )

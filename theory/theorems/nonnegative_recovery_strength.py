"""Refuted: every activation has a non-negative rank recovery strength."""

from sympy import Tuple

import theory as th
from theory.symbols import u


def _bound(phi):
    def mean(e):
        return th.GaussianExpectation(e.subs(phi.variable, u), Tuple(u), [[1]], Tuple(0))

    return th.Bound(0, mean(phi.derivative() ** 2) / mean(phi.expr**2) - 1)


@th.theorem(topics=["refuted", "rank"], sources=[], status="refuted", needs=[])
def nonnegative_recovery_strength():
    """FALSE: E[phi'(Z)^2]/E[phi(Z)^2] - 1 >= 0 for every activation; correct only where E phi = 0 (Poincare).

    The sigmoid, whose mean is not zero, has -0.847.
    """
    sigmoid = th.activation("sigmoid")
    return th.Statement(
        claim=th.Refutation(th.ForAll(th.Activations(), _bound), member=sigmoid),
        domains={},
        missing_witness="one number against zero; its enclosure decides",
    )

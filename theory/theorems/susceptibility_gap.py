"""The two susceptibilities differ by the bracket of the activation with its curvature."""

from sympy import Rational, Tuple

import theory as th
from theory.symbols import q, u

_NAMES = ["gelu", "sin", "exp", "gaussian", "cubic"]


def _builder(factor):
    def build(phi):
        slope, curve = (phi.derivative(k).subs(phi.variable, u) for k in (1, 2))
        perpendicular = th.GaussianExpectation(slope**2, Tuple(u), [[q]], Tuple(0))
        bracket = th.GaussianExpectation(phi(u) * curve, Tuple(u), [[q]], Tuple(0))
        return th.Identity(phi.moment(2, q).diff(q) - perpendicular, factor * bracket)

    return build


@th.theorem(
    topics=["criticality", "moments"], sources=["roberts2022principles"], status="theorem", needs=["heat_equation"]
)
def susceptibility_gap():
    """d/dq E[phi^2] - E[phi'^2] = E[phi phi''] at variance q: both susceptibilities are 1 only where it vanishes."""
    family = th.Activations(names=_NAMES)
    return th.Statement(
        claim=th.ForAll(family, _builder(1)),
        domains={q: th.Interval(Rational(1, 4), 3)},
        near_misses=[th.ForAll(family, _builder(Rational(1, 2))), th.ForAll(family, _builder(2))],
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )

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

    def claim(factor, text):
        left = r"\frac{d}{dq}\,\mathbb{E}[\varphi(X)^2] - \mathbb{E}[\varphi'(X)^2]"
        right = rf"{text}\,\mathbb{{E}}[\varphi(X)\varphi''(X)]"
        return th.ForAll(family, _builder(factor), rf"{left} = {right},\quad X \sim \mathcal{{N}}(0, q)")

    return th.Statement(
        claim=claim(1, ""),
        domains={q: th.Interval(Rational(1, 4), 3)},
        near_misses=[claim(Rational(1, 2), r"\tfrac{1}{2}"), claim(2, "2")],
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )

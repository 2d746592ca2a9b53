"""The heat equation with the derivatives moved to the density, so that kinks and jumps are allowed."""

from sympy import Rational, Tuple

import theory as th
from theory.symbols import q, u

_NAMES = ["relu", "step", "sign", "abs", "hard_tanh", "elu", "gelu", "erf", "hat", "shifted_relu"]

_DISPLAY = (
    r"\frac{{d^2}}{{dq^2}}\,\mathbb{{E}}[\varphi(X)]"
    r" = \frac{{1}}{{4 q^4}}\,\mathbb{{E}}[\varphi(X)(X^4 - 6 q X^2 + {} q^2)],\quad X \sim \mathcal{{N}}(0, q)"
)


def _identity(phi, shift=3):
    law = th.Gaussian(u, cov=[[q]])
    weight = (u**4 - 6 * q * u**2 + shift * q**2) / (4 * q**4)
    definition = th.GaussianExpectation(phi(u) * weight, Tuple(u), law.cov, Tuple(0))
    return th.Identity(phi.moment(1, q).diff(q, 2), definition)


def _wrong_constant(phi):
    return _identity(phi, 6)


@th.theorem(topics=["lemma", "moments"], sources=["roberts2022principles"], status="theorem", needs=["heat_equation"])
def weighted_heat_equation():
    """d^2/dq^2 E[f(X)] = E[f(X) (X^4 - 6 q X^2 + 3 q^2)]/(4 q^4) for X ~ N(0, q), f of exponential growth."""
    family = th.Activations(names=_NAMES)
    return th.Statement(
        claim=th.ForAll(family, _identity, _DISPLAY.format(3)),
        domains={q: th.Interval(Rational(1, 4), 3)},
        near_misses=[th.ForAll(family, _wrong_constant, _DISPLAY.format(6))],
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )

"""The heat equation of Gaussian expectations: the variance acts through the second derivative."""

from sympy import Rational, Tuple

import theory as th
from theory.symbols import q, u

_NAMES = ["gelu", "erf", "sin", "cos", "exp", "gaussian", "cubic", "snake", "mexican_hat"]

_LEFT = r"\frac{d}{dq}\,\mathbb{E}[\varphi(X)^2]"
_RIGHT = r"\mathbb{E}[(\varphi^2)''(X)],\quad X \sim \mathcal{N}(0, q)"


def _identity(phi, factor=1):
    law = th.Gaussian(u, cov=[[q]])
    curvature = th.GaussianExpectation((phi(u) ** 2).diff(u, 2), Tuple(u), law.cov, Tuple(0))
    return th.Identity(phi.moment(2, q).diff(q), factor * curvature / 2)


def _without_half(phi):
    return _identity(phi, 2)


@th.theorem(topics=["lemma", "moments"], sources=["roberts2022principles"], status="theorem", needs=["stein_lemma"])
def heat_equation():
    """d/dq E[f(X)] = E[f''(X)]/2 for X ~ N(0, q), here for f = phi^2 and every smooth activation phi."""
    family = th.Activations(names=_NAMES)
    return th.Statement(
        claim=th.ForAll(family, _identity, rf"{_LEFT} = \tfrac{{1}}{{2}}\,{_RIGHT}"),
        domains={q: th.Interval(Rational(1, 4), 3)},
        near_misses=[th.ForAll(family, _without_half, rf"{_LEFT} = {_RIGHT}")],
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )

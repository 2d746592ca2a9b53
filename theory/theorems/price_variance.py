"""Price's theorem in a variance: half the second derivative of one factor."""

from sympy import Rational, Tuple

import theory as th
from theory.symbols import q1, q2, q12, u, v

_NAMES = ["gelu", "erf", "sin", "cos", "exp", "gaussian", "cubic", "snake", "hermite_3", "normal_cdf"]

_LEFT = r"\frac{\partial}{\partial q_1}\,\mathbb{E}[\varphi(U)\varphi(V)]"
_RIGHT = r"\mathbb{E}[\varphi''(U)\varphi(V)],\quad q_1 = \operatorname{Var}(U)"


def _identity(phi, factor=1):
    curved = phi.derivative(2).subs(phi.variable, u)
    law = th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]])
    definition = th.GaussianExpectation(factor * curved * phi(v) / 2, Tuple(u, v), law.cov, Tuple(0, 0))
    return th.Identity(phi.dual_cov(q1, q2, q12).diff(q1), definition)


def _without_half(phi):
    return _identity(phi, 2)


@th.theorem(topics=["kernel", "lemma"], sources=["price1958useful"], status="theorem", needs=["heat_equation"])
def price_variance():
    """d/dq1 E[phi(U) phi(V)] = E[phi''(U) phi(V)]/2 at fixed covariance, for every smooth activation phi."""
    family = th.Activations(names=_NAMES)
    return th.Statement(
        claim=th.ForAll(family, _identity, rf"{_LEFT} = \tfrac{{1}}{{2}}\,{_RIGHT}"),
        domains={q1: th.Interval(Rational(1, 4), 2), q2: th.Interval(Rational(1, 4), 2), q12: th.Interval(-2, 2)},
        assumptions=[q12**2 < q1 * q2],
        near_misses=[th.ForAll(family, _without_half, rf"{_LEFT} = {_RIGHT}")],
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )

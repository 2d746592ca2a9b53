"""Price's theorem for dual activations."""

from sympy import Tuple

import theory as th
from theory.symbols import rho, u, v

_NAMES = ["abs", "relu", "elu", "gelu", "erf", "hard_tanh", "hat", "sin", "exp", "cubic", "snake", "gaussian"]

_DISPLAY = r"\frac{d}{d\rho}\,\mathbb{E}[\varphi(U)\varphi(V)] = \mathbb{E}[\varphi'(U)\varphi'(V)]"


def _identity(phi):
    slope = phi.derivative()
    integrand = slope.subs(phi.variable, u) * slope.subs(phi.variable, v)
    law = th.Gaussian([u, v], corr=rho)
    definition = th.GaussianExpectation(integrand, Tuple(u, v), law.cov, Tuple(0, 0))
    return th.Identity(phi.dual(rho).diff(rho), definition)


@th.theorem(topics=["kernel", "lemma"], sources=["price1958useful"], status="theorem", needs=[])
def price_identity():
    """d/drho E[phi(U) phi(V)] = E[phi'(U) phi'(V)] for every continuous, piecewise smooth activation phi."""
    return th.Statement(
        claim=th.ForAll(th.Activations(names=_NAMES), _identity, _DISPLAY),
        domains={rho: th.Interval(-1, 1, left_open=True, right_open=True)},
    )

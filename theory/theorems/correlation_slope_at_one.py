"""Slope of the covariance map at equal inputs: the susceptibility to perpendicular perturbations."""

from sympy import Tuple

import theory as th
from theory.symbols import q, q1, q2, q12, u

_NAMES = ["erf", "sin", "exp", "gaussian", "cubic"]


def _builder(order):
    def build(phi):
        slope = phi.dual_cov(q1, q2, q12).diff(q12).subs({q1: q, q2: q, q12: q})
        factor = phi.derivative(order).subs(phi.variable, u)
        product = factor**2 if order == 1 else factor * phi(u)
        return th.Identity(slope, th.GaussianExpectation(product, Tuple(u), [[q]], Tuple(0)))

    return build


@th.theorem(
    topics=["criticality", "kernel"], sources=["poole2016exponential"], status="derived", needs=["price_identity"]
)
def correlation_slope_at_one():
    """d/dc E[phi(U) phi(V)] = E[phi'(X)^2] at c = q for Var U = Var V = Var X = q, Cov(U, V) = c.

    Times C_W it is chi_1, the slope at one of the correlation map and the growth of a gradient per layer.
    """
    family = th.Activations(names=_NAMES)

    def claim(order, text):
        left = r"\frac{d}{dc}\,\mathbb{E}[\varphi(U)\varphi(V)]\Big|_{c = q}"
        return th.ForAll(
            family, _builder(order), rf"{left} = \mathbb{{E}}\left[{text}\right],\quad c = \operatorname{{Cov}}(U, V)"
        )

    return th.Statement(
        claim=claim(1, r"\varphi'(X)^2"),
        domains={q: th.Interval(1, 3)},
        near_misses=[claim(2, r"\varphi(X)\varphi''(X)")],
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )

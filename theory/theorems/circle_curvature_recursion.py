"""Curvature of the image of a circle after one wide layer."""

from sympy import Symbol, Tuple, cos

import theory as th
from theory.symbols import q, q1, q2, q12, u

_NAMES = ["erf", "sin", "exp", "gaussian"]
angle = Symbol("theta", real=True)


def _builder(factor):
    def build(phi):
        covariance = phi.dual_cov(q1, q2, q12).subs({q1: q, q2: q})
        along = covariance.subs(q12, q * cos(angle))
        second, fourth = (along.diff(angle, k).subs(angle, 0) for k in (2, 4))
        slope, bend = (
            th.GaussianExpectation(phi.derivative(k).subs(phi.variable, u) ** 2, Tuple(u), [[q]], Tuple(0))
            for k in (1, 2)
        )
        return th.Identity(fourth / second**2, 1 / (q * slope) + factor * bend / slope**2)

    return build


@th.theorem(topics=["depth", "kernel"], sources=["poole2016exponential"], status="derived", needs=["price_identity"])
def circle_curvature_recursion():
    """n times the squared curvature: 1/q of a circle becomes 1/(q E[phi'^2]) + 3 E[phi''^2]/E[phi'^2]^2, C_W = 1.

    Read off the covariance k(theta) of the image as k^(4)(0)/k^(2)(0)^2; the source has the recursion in its own form.
    """
    family = th.Activations(names=_NAMES)

    def claim(factor):
        left = r"\frac{k^{(4)}(0)}{k''(0)^2}"
        slope, bend = r"\mathbb{E}[\varphi'(X)^2]", r"\mathbb{E}[\varphi''(X)^2]"
        right = rf"\frac{{1}}{{q\,{slope}}} + {factor}\,\frac{{{bend}}}{{{slope}^2}}"
        angle_map = r"k(\theta) = \mathbb{E}[\varphi(U)\varphi(V)],\ \operatorname{Cov}(U, V) = q\cos\theta"
        return th.ForAll(family, _builder(factor), rf"{left} = {right},\quad {angle_map}")

    return th.Statement(
        claim=claim(3),
        domains={q: th.Interval(1, 2)},
        near_misses=[claim(2), claim(1)],
        missing_witness="a family over activations; its members are integrated from the definition, not sampled",
    )

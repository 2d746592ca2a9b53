"""Contraction of correlations by a centred kernel map with a random skip connection around it."""

from sympy import Symbol

import theory as th
from theory.kernel_family import kernel_polynomial
from theory.symbols import rho

strength = Symbol("r", real=True)


def _builder(rate):
    def build(weights):
        image = (1 - strength**2) * kernel_polynomial(weights, rho) + strength**2 * rho
        return th.Bound(abs(image) / (1 - abs(image)), rate(weights[1]) * (1 / (1 - abs(rho)) - 1))

    return build


@th.theorem(
    topics=["depth", "skip", "kernel"],
    sources=["joudaki2024kernel"],
    status="derived",
    needs=["random_skip_multiplier", "kernel_potential_contraction"],
)
def random_skip_contraction():
    """With kappa_r = (1 - r^2) kappa + r^2 rho correlations vanish like (2 - r^2 - (1 - r^2) kappa'(0))^-depth.

    |kappa_r|/(1 - |kappa_r|) <= |rho|/((1 - |rho|)(2 - kappa_r'(0))) for kappa(0) = 0 and an independent random
    projection on the skip, as in the authors' code.  The stronger the skip, the slower.
    """
    family = th.HermiteWeights(6, centered=True)

    def stated(slope):
        return 1 / (2 - strength**2 - (1 - strength**2) * slope)

    def claim(rate, text):
        left, right = r"\frac{|\kappa_r(\rho)|}{1 - |\kappa_r(\rho)|}", r"\frac{|\rho|}{1 - |\rho|}"
        map_ = r"\kappa_r(\rho) = (1 - r^2)\kappa(\rho) + r^2\rho"
        return th.ForAll(family, _builder(rate), rf"{left} \le {text}\, {right},\quad {map_}")

    return th.Statement(
        claim=claim(stated, r"\frac{1}{2 - r^2 - (1 - r^2)\kappa'(0)}"),
        domains={rho: th.Interval(-1, 1, left_open=True, right_open=True), strength: th.Interval(0, 1)},
        near_misses=[
            claim(lambda slope: 1 / (2 - slope), r"\frac{1}{2 - \kappa'(0)}"),
            claim(lambda slope: (1 - strength**2) * slope + strength**2, r"((1 - r^2)\kappa'(0) + r^2)"),
        ],
        missing_witness="a deterministic inequality; nothing is random",
    )

"""Contraction of correlations by a centred kernel map, in the potential |rho|/(1 - |rho|)."""

from sympy import Rational

import theory as th
from theory.kernel_family import kernel_polynomial
from theory.symbols import rho


def _builder(rate):
    def build(weights):
        image = kernel_polynomial(weights, rho)
        return th.Bound(abs(image) / (1 - abs(image)), rate(weights[1]) * (1 / (1 - abs(rho)) - 1))

    return build


@th.theorem(topics=["depth", "kernel"], sources=["joudaki2024kernel"], status="derived", needs=["mehler_formula"])
def kernel_potential_contraction():
    """|kappa|/(1 - |kappa|) <= |rho|/((1 - |rho|)(2 - kappa'(0))) for every kernel map with kappa(0) = 0.

    So correlations vanish like (2 - kappa'(0))^-depth from every start off the diagonal.  The rate is that of the
    authors' code and summary; the text of the paper was not seen, and the proof is our own.
    """
    family = th.HermiteWeights(8, centered=True)
    return th.Statement(
        claim=th.ForAll(family, _builder(lambda slope: 1 / (2 - slope))),
        domains={rho: th.Interval(-1, 1, left_open=True, right_open=True)},
        near_misses=[
            th.ForAll(family, _builder(lambda slope: slope)),
            th.ForAll(family, _builder(lambda slope: 1 / (Rational(5, 2) - Rational(3, 2) * slope))),
        ],
    )

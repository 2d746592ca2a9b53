"""Contraction of correlations by a centred kernel map, in the potential |rho|/(1 - |rho|)."""

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

    def claim(rate, text):
        left, right = r"\frac{|\kappa(\rho)|}{1 - |\kappa(\rho)|}", r"\frac{|\rho|}{1 - |\rho|}"
        return th.ForAll(family, _builder(rate), rf"{left} \le {text}\, {right}")

    return th.Statement(
        claim=claim(lambda slope: 1 / (2 - slope), r"\frac{1}{2 - \kappa'(0)}"),
        domains={rho: th.Interval(-1, 1, left_open=True, right_open=True)},
        near_misses=[
            claim(lambda slope: slope, r"\kappa'(0)"),
            claim(lambda slope: 2 / (5 - 3 * slope), r"\frac{2}{5 - 3\kappa'(0)}"),
        ],
    )

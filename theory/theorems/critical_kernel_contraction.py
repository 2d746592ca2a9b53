"""A kernel map of slope one at one aligns all inputs at least like the inverse depth."""

import theory as th
from theory.kernel_family import kernel_polynomial
from theory.symbols import rho


def _builder(constant):
    def build(weights):
        slope = sum(weight * power for power, weight in enumerate(weights))  # at one; at least 1
        offset = 1 - 1 / slope
        image = offset + kernel_polynomial(weights, rho) / slope
        return th.Bound(abs(1 - image), (1 - rho) / (1 + constant(offset, weights[1] / slope) * (1 - rho)))

    return build


@th.theorem(topics=["depth", "kernel"], sources=["joudaki2024kernel"], status="derived", needs=["mehler_formula"])
def critical_kernel_contraction():
    """1 - kappa(rho) <= (1 - rho)/(1 + s (1 - rho)), s = 1 - kappa(0) - kappa'(0), whenever kappa'(1) = 1.

    Hence 1 - rho_l <= (1 - rho_0)/(1 + s l (1 - rho_0)).  A bound and not the rate: kinks decay like l^-2.  The form
    is that of the authors' code and summary; the text of the paper was not seen.
    """
    family = th.HermiteWeights(8, centered=True)

    def claim(constant, text):
        map_ = r"\kappa_1 = 1 - \frac{1 - \kappa}{\kappa'(1)}"
        bound = rf"1 - \kappa_1(\rho) \le \frac{{1 - \rho}}{{1 + {text}(1 - \rho)}}"
        return th.ForAll(family, _builder(constant), rf"{bound},\quad {map_}")

    return th.Statement(
        claim=claim(lambda offset, slope: 1 - offset - slope, r"(1 - \kappa_1(0) - \kappa_1'(0))"),
        domains={rho: th.Interval(-1, 1)},
        near_misses=[
            claim(lambda offset, slope: 1 - offset, r"(1 - \kappa_1(0))"),
            claim(lambda offset, slope: 4 * (1 - offset - slope), r"4\,(1 - \kappa_1(0) - \kappa_1'(0))"),
        ],
    )

"""A random skip connection keeps the fixed point of a kernel map and moves its multiplier towards one."""

from sympy import Symbol

import theory as th
from theory.kernel_family import kernel_with_fixed_point

star = Symbol("rho_star", positive=True)
strength = Symbol("r", real=True)
current = Symbol("x", real=True)


def _builder(multiplier):
    def build(weights):
        image = kernel_with_fixed_point(weights, star, current)
        slope = image.diff(current).subs(current, star)
        stepped = (1 - strength**2) * image + strength**2 * current
        return th.FixedPoint(stepped, current, star, multiplier(slope))

    return build


@th.theorem(topics=["depth", "skip"], sources=["joudaki2024kernel"], status="derived", needs=["mehler_formula"])
def random_skip_multiplier():
    """(1 - r^2) kappa + r^2 rho fixes every rho* that kappa fixes, with multiplier (1 - r^2) kappa'(rho*) + r^2.

    For a block sqrt(1 - r^2) phi(W x) + r P x with an independent random P, as in the authors' code; the text of the
    paper was not seen.
    """
    family = th.HermiteWeights(6, centered=True)
    inside = th.Interval(0, 1, left_open=True, right_open=True)

    def claim(multiplier, text):
        map_ = r"\rho \mapsto (1 - r^2)\kappa_*(\rho) + r^2\rho \quad\text{fixes}\quad \rho^*"
        kernel = r"\kappa_* = c + (1 - c)\kappa,\ \kappa_*(\rho^*) = \rho^*"
        return th.ForAll(family, _builder(multiplier), rf"{map_},\quad \text{{multiplier }} {text},\quad {kernel}")

    return th.Statement(
        claim=claim(lambda slope: (1 - strength**2) * slope + strength**2, r"(1 - r^2)\kappa_*'(\rho^*) + r^2"),
        domains={star: inside, strength: th.Interval(0, 1)},
        near_misses=[
            claim(lambda slope: (1 - strength) * slope + strength, r"(1 - r)\kappa_*'(\rho^*) + r"),
            claim(lambda slope: (1 - strength**2) * slope, r"(1 - r^2)\kappa_*'(\rho^*)"),
        ],
        missing_witness="a family of kernel maps; each is differentiated, and nothing is random",
    )

"""Decay of a perpendicular perturbation in a critical sine network: like the inverse depth."""

from sympy import Rational, exp, symbols

import theory as th
from theory.symbols import q

side = symbols("s", real=True)  # 1 for the bound from above, 0 for the bound from below


@th.theorem(
    topics=["criticality", "sine", "rate", "depth"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["sine_variance_depth"],
)
def sine_perpendicular_depth():
    """0 <= E[cos^2] K/K' - 1 <= K^2/3 for X ~ N(0, K), K' = E[sin^2]: at C_W = 1 the factor E[cos^2] keeps pace with K.

    A perpendicular perturbation d' = E[cos^2] d has d/K growing by this factor minus one; as the sum of K_l^2 ~ 1/l^2
    converges, d/K tends to a constant and d ~ 1/l: the exponent b_1/a_1 = 1 of the class K* = 0.  Linear in s, so that
    s = 1 and s = 0 give the two sides.
    """
    image, slope_moment = (1 - exp(-2 * q)) / 2, (1 + exp(-2 * q)) / 2
    excess = slope_moment * q / image - 1

    def claim(power, constant):
        return th.Bound((2 * side - 1) * (slope_moment * q / image**power - 1), side * constant)

    return th.Statement(
        claim=th.Bound((2 * side - 1) * excess, side * q**2 / 3),
        domains={q: th.Interval(Rational(1, 1000), 2), side: th.Integers(0, 1)},
        near_misses=[side * q**2 / 4, side * q**3 / 3, claim(2, q**2 / 3)],
        missing_witness="a deterministic inequality; nothing is random",
    )

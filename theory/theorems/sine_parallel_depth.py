"""Decay of a parallel perturbation in a critical sine network: like the inverse square of the depth."""

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
def sine_parallel_depth():
    """0 <= 1 - chi K^2/K'^2 <= K^2/3 for X ~ N(0, K), K' = E[sin^2], chi = dK'/dK = exp(-2 K).

    A perturbation of the variance, d' = chi d, has d/K^2 falling by this share; as the sum of K_l^2 ~ 1/l^2 converges,
    d/K^2 tends to a constant and d ~ 1/l^2: the exponent 2 of the class K* = 0, for every activation in it.  Linear in
    s, so that s = 1 and s = 0 give the two sides.
    """
    image, slope = (1 - exp(-2 * q)) / 2, exp(-2 * q)

    def claim(power, constant):
        return th.Bound((2 * side - 1) * (1 - slope * (q / image) ** power), side * constant)

    return th.Statement(
        claim=claim(2, q**2 / 3),
        domains={q: th.Interval(Rational(1, 1000), 2), side: th.Integers(0, 1)},
        near_misses=[claim(2, q**2 / 4), claim(1, q**2 / 3), claim(3, q**2 / 3)],
        missing_witness="a deterministic inequality; nothing is random",
    )

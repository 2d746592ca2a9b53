"""Four-point vertex of a critical sine network over depth: V/K^2 grows like 2 l/3."""

from sympy import Rational, exp, symbols

import theory as th
from theory.symbols import q

side = symbols("s", real=True)  # 1 for the bound from above, -1 for the bound from below


@th.theorem(
    topics=["finite width", "sine", "depth", "criticality"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["sine_variance_decay"],
)
def sine_four_point_vertex_depth():
    """|E[sin^4] - E[sin^2]^2 - (2/3)(K' - chi^2 K)| <= (28/9) K^3, X ~ N(0, K), K' = E[sin^2], chi = dK'/dK.

    For V' = E[sin^4] - E[sin^2]^2 + chi^2 V the deviation of V/K from 2/3 shrinks by 1 - 3 K + ... and is forced by
    O(K^2); as the sum of K_l ~ 1/l diverges, V/K tends to 2/3, and V/K^2 ~ 2 l/3, the law of the whole class K* = 0.
    Linear in s, so that s = 1 and s = -1 give the two sides of the absolute value.
    """
    image, slope = (1 - exp(-2 * q)) / 2, exp(-2 * q)
    source = Rational(3, 8) - exp(-2 * q) / 2 + exp(-8 * q) / 8 - image**2

    def stated(ratio, excess):
        return side * ratio * (image - slope**2 * q) + excess * q**3

    wide = Rational(28, 9)
    return th.Statement(
        claim=th.Bound(side * source, stated(Rational(2, 3), wide)),
        domains={q: th.Interval(Rational(1, 1000), Rational(1, 5)), side: th.Interval(-1, 1)},
        near_misses=[stated(Rational(1, 3), wide), stated(1, wide), stated(Rational(2, 3), 1)],
        missing_witness="a deterministic inequality; nothing is random",
    )

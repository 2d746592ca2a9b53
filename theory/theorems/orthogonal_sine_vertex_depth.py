"""Four-point vertex of a critical sine network with orthogonal weights: V/K^2 tends to -2."""

from sympy import Rational, exp, symbols

import theory as th
from theory.symbols import q

side = symbols("s", real=True)  # 1 for the bound from above, -1 for the bound from below


@th.theorem(
    topics=["finite width", "sine", "depth", "haar"],
    sources=["day2023feature"],
    status="derived",
    needs=["orthogonal_four_point_vertex", "sine_variance_decay"],
)
def orthogonal_sine_vertex_depth():
    """|E[sin^4] - 3 E[sin^2]^2 + 2 (K'^2 - chi^2 K^2)| <= (8/3) K^4, X ~ N(0, K), K' = E[sin^2], chi = dK'/dK.

    For V' = E[sin^4] - 3 E[sin^2]^2 + chi^2 V the deviation of V/K^2 from -2 shrinks by 1 - 2 K + ... and is forced by
    O(K^2), so it vanishes with depth, where Gaussian weights grow like 2 l/3.  The bound is our own.  Linear in s, so
    that s = 1 and s = -1 give the two sides of the absolute value.
    """
    image, slope = (1 - exp(-2 * q)) / 2, exp(-2 * q)
    source = Rational(3, 8) - exp(-2 * q) / 2 + exp(-8 * q) / 8 - 3 * image**2

    def stated(limit, excess):
        return side * limit * (image**2 - slope**2 * q**2) + excess * q**4

    wide = Rational(8, 3)
    return th.Statement(
        claim=th.Bound(side * source, stated(-2, wide)),
        domains={q: th.Interval(Rational(1, 1000), Rational(1, 5)), side: th.Interval(-1, 1)},
        near_misses=[stated(-1, wide), stated(0, wide), stated(Rational(2, 3), wide), stated(-2, 1)],
        missing_witness="a deterministic inequality; nothing is random",
    )

"""Four-point vertex with orthogonal weights where the activation is not odd: V/K^2 tends to -2 + 15 r/(2 |a_1|)."""

from sympy import Rational, exp, symbols

import theory as th
from theory.symbols import q

side = symbols("s", real=True)  # 1 for the bound from above, -1 for the bound from below


def _wave(m):
    """E[cos(m X)]."""
    return exp(-(m**2) * q / 2)


@th.theorem(
    topics=["finite width", "sine", "depth", "haar"],
    sources=["day2023feature"],
    status="derived",
    needs=["orthogonal_four_point_vertex", "orthogonal_sine_vertex_depth"],
)
def orthogonal_mixed_vertex_depth():
    """|E[phi^4] - 3 E[phi^2]^2 - (4/13)(K'^2 - chi^2 K^2)| <= 4 K^4 for phi = sin + (1 - cos)/2, X ~ N(0, K).

    So V/K^2 tends to 4/13 = -2 + 15 r/(2 |a_1|), r = (s_2/s_1)^2 = 1/4, a_1 = -1 + 3 r/4, and not to -2 as for odd
    activations.  The source treats the odd ones; this is our own, for K <= 1/10.  Linear in s, so that
    s = 1 and s = -1 give the two sides of the absolute value.
    """
    image = (1 - _wave(2)) / 2 + (Rational(3, 2) - 2 * _wave(1) + _wave(2) / 2) / 4
    odd = Rational(3, 8) - _wave(2) / 2 + _wave(4) / 8
    mixed = Rational(5, 8) - _wave(1) / 2 - _wave(2) / 2 + _wave(3) / 2 - _wave(4) / 8
    even = Rational(35, 8) - 7 * _wave(1) + 7 * _wave(2) / 2 - _wave(3) + _wave(4) / 8
    source = odd + 3 * mixed / 2 + even / 16 - 3 * image**2

    def stated(limit):
        return side * limit * (image**2 - image.diff(q) ** 2 * q**2) + 4 * q**4

    return th.Statement(
        claim=th.Bound(side * source, stated(Rational(4, 13))),
        domains={q: th.Interval(Rational(1, 1000), Rational(1, 10)), side: th.Interval(-1, 1)},
        near_misses=[stated(-2), stated(0), stated(-2 + Rational(15, 8))],
        missing_witness="a deterministic inequality; nothing is random",
    )

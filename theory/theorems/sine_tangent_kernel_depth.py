"""Neural tangent kernel of a critical sine network with its biases trained: it grows like half the depth."""

from sympy import Rational, exp, symbols

import theory as th
from theory.symbols import q

side = symbols("s", real=True)  # 1 for the bound from above, -1 for the bound from below


@th.theorem(
    topics=["tangent kernel", "sine", "depth", "criticality"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["sine_variance_decay"],
)
def sine_tangent_kernel_depth():
    """|K' - (1/2)(1 - E[cos^2] K'/K)| <= K^2/3 for X ~ N(0, K), K' = E[sin^2].

    With only the biases trained, at rate 1, the tangent kernel is T' = 1 + E[cos^2] T.  The deviation of T K from 1/2
    shrinks by 1 - 2 K + ... and is forced by O(K^2), so T K tends to 1/2 and T ~ l/2, that is l/(1 + p_perp).
    Linear in s, so that s = 1 and s = -1 give the two sides of the absolute value.
    """
    image, slope_moment = (1 - exp(-2 * q)) / 2, (1 + exp(-2 * q)) / 2

    def stated(limit, excess):
        return side * limit * (1 - slope_moment * image / q) + excess * q**2

    return th.Statement(
        claim=th.Bound(side * image, stated(Rational(1, 2), Rational(1, 3))),
        domains={q: th.Interval(Rational(1, 1000), Rational(1, 5)), side: th.Interval(-1, 1)},
        near_misses=[
            stated(Rational(1, 3), Rational(1, 3)),
            stated(1, Rational(1, 3)),
            stated(Rational(1, 2), Rational(1, 5)),
        ],
        missing_witness="a deterministic inequality; nothing is random",
    )

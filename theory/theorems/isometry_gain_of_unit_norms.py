"""Normalising the lengths of three representations raises their isometry by the relative variance of the lengths."""

from sympy import Rational, symbols

import theory as th

a1, a2, a3 = symbols("a1:4", positive=True)


@th.theorem(
    topics=["isometry", "batch_norm"],
    sources=["joudaki2023impact", "meterez2023towards"],
    status="theorem",
    needs=["isometry_row_scaling"],
)
def isometry_gain_of_unit_norms():
    """1 + Var(a)/mean(a)^2 <= I(after)/I(before) = mean(a^2)/geometric mean(a^2) for the norms a; here n = 3.

    Read as quoted in the second source.
    """
    squares, mean = (a1**2 + a2**2 + a3**2) / 3, (a1 + a2 + a3) / 3
    gain = squares / (a1 * a2 * a3) ** Rational(2, 3)
    variance = squares - mean**2
    return th.Statement(
        claim=th.Bound(1 + variance / mean**2, gain),
        domains={
            a1: th.Interval(Rational(1, 2), 1),
            a2: th.Interval(Rational(11, 10), 2),
            a3: th.Interval(Rational(21, 10), 5),
        },
        near_misses=[1 + (gain - 1) / 4, gain - Rational(1, 2)],
        missing_witness="a deterministic inequality; nothing is random",
    )

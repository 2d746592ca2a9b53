"""Alignment of two inputs under the exponential activation, whose kernel map has slope one at one."""

from sympy import Rational, Symbol, exp

import theory as th

gap = Symbol("epsilon", positive=True)


@th.theorem(
    topics=["depth", "exponential", "rate"], sources=[], status="derived", needs=["critical_kernel_contraction"]
)
def exponential_correlation_decay():
    """1/e' - 1/e <= 1/2 + e/12 for e = 1 - rho and e' = 1 - exp(-e), the kernel map exp(rho - 1) of exp(x).

    The difference is also at least 1/2, hence 1 - rho_l = (2/l)(1 - log(l)/(3 l) + O(1/l)): the constant 2/kappa''(1).
    """
    image = 1 - exp(-gap)
    return th.Statement(
        claim=th.Bound(1 / image - 1 / gap, Rational(1, 2) + gap / 12),
        domains={gap: th.Interval(Rational(1, 1000), 2)},
        near_misses=[Rational(1, 2) + gap / 15, Rational(1, 3) + gap / 12, 1 - gap / 12 - Rational(3, 5)],
        missing_witness="a deterministic inequality; nothing is random",
    )

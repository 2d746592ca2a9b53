"""The kernel map of the leaky rectifier leaves the diagonal at one with the power 3/2."""

from sympy import Rational, Symbol, acos, pi, sqrt

import theory as th

a, gap = Symbol("a", real=True), Symbol("epsilon", positive=True)


@th.theorem(topics=["depth", "relu"], sources=["cho2009kernel"], status="derived", needs=["leaky_relu_dual"])
def relu_kink_expansion():
    """kappa(1 - e) - (1 - e) >= (2 sqrt(2)/(3 pi)) ((1 - a)^2/(1 + a^2)) e^(3/2) for the negative slope a, e <= 1.

    The constant is the leading one, so correlations approach one like (9 pi^2/2) ((1 + a^2)/(1 - a)^2)^2/l^2.
    """
    rho = 1 - gap
    share = (1 - a) ** 2 / (1 + a**2)
    excess = share * (sqrt(1 - rho**2) - rho * acos(rho)) / pi
    stated = 2 * sqrt(2) * share * gap ** Rational(3, 2) / (3 * pi)
    return th.Statement(
        claim=th.Bound(-excess, -stated),
        domains={a: th.Interval(0, Rational(9, 10)), gap: th.Interval(Rational(1, 1000), 1)},
        near_misses=[-11 * stated / 10, -stated * (1 + gap / 4), -stated / sqrt(gap)],
        missing_witness="a deterministic inequality; nothing is random",
    )

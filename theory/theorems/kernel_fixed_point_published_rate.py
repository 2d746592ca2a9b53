"""Refuted: the published global rate towards an inner fixed point."""

from sympy import Max, Rational, exp

import theory as th

_DEPTH, _POWER, _STAR = 5, 20, Rational(17, 20)


@th.theorem(
    topics=["depth", "kernel", "refuted"],
    sources=["joudaki2024kernel"],
    status="refuted",
    needs=["kernel_fixed_point_potential", "kernel_fixed_point_from_below", "kernel_fixed_point_from_negative"],
)
def kernel_fixed_point_published_rate():
    """FALSE: |rho_l - rho*| <= alpha^l |rho_0 - rho*|/(1 - |rho_0|), alpha = max(1 - kappa(0), q, (1 - rho*)/(2 - q)).

    With q = kappa'(rho*), as in the authors' code and summary; the text of the paper was not seen, so the slip may not
    be in it.  Near one the distance to one grows by kappa'(1) per layer only; correct with 1/(2 - q) in the last place.
    Here kappa = 1 - c + c rho^20 fixes rho* = 17/20, and rho_0 = 1 - exp(-7), l = 5.
    """
    share = (1 - _STAR) / (1 - _STAR**_POWER)  # makes 17/20 a fixed point
    slope = share * _POWER * _STAR ** (_POWER - 1)
    rate = Max(share, slope, (1 - _STAR) / (2 - slope))
    start = 1 - exp(-7)
    current = start
    for _ in range(_DEPTH):
        current = 1 - share + share * current**_POWER
    bound = th.Bound(current - _STAR, rate**_DEPTH * (start - _STAR) / (1 - start))
    return th.Statement(
        claim=th.Refutation(bound),
        domains={},
        missing_witness="a deterministic bound; its two sides are enclosed at the point",
    )

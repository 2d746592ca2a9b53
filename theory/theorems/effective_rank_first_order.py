"""Refuted: to first order a layer multiplies the logarithm of the effective rank by the rank recovery strength."""

from sympy import Rational, coth, log, sinh

import theory as th
from theory.symbols import rho


def _log_rank(r):
    """Entropy of the two eigenvalue shares of a correlation matrix, the logarithm of its effective rank."""
    shares = ((1 + r) / 2, (1 - r) / 2)
    return -sum(share * log(share) for share in shares)


@th.theorem(topics=["rank", "sine", "refuted"], sources=["joudaki2025barriers"], status="refuted", needs=["sine_dual"])
def effective_rank_first_order():
    """FALSE: log r' <= 2 alpha log r near r = 1, r and r' the effective ranks before and behind a layer.

    alpha = E[phi'^2]/E[phi^2] - 1, which is 0 for the identity, and the identity keeps the rank.  Up to logarithms the
    factor is 1 + alpha, as 1 - rho is multiplied by it, and not alpha, be it twice.  Here phi = sin with
    alpha = coth(1) - 1 = 0.313, and two inputs.
    """
    image = sinh(rho) / sinh(1)
    before, after = _log_rank(rho), _log_rank(image)
    return th.Statement(
        claim=th.Refutation(th.Bound(after, 2 * (coth(1) - 1) * before), at={rho: Rational(999, 1000)}),
        domains={rho: th.Interval(Rational(9, 10), 1, right_open=True)},
        missing_witness="one number against another; their enclosures decide",
    )

"""Refuted: correlations under the rectifier approach one like the inverse depth."""

from sympy import Rational, acos, pi, sqrt

import theory as th
from theory.symbols import rho


@th.theorem(
    topics=["depth", "relu", "refuted"],
    sources=["joudaki2024kernel"],
    status="refuted",
    needs=["relu_kink_expansion", "critical_kernel_contraction"],
)
def relu_inverse_depth():
    """FALSE: kappa(rho) <= rho + (1 - rho)^2, which 1 - rho_l ~ c/l with c >= 1 needs, for the rectifier.

    The authors' summary calls the bound of order 1/l optimal in general; it is for kappa''(1) < oo only.  At the kink
    the excess is of order (1 - rho)^(3/2), and 1 - rho_l ~ (9 pi^2/2)/l^2.  The text of the paper was not seen.
    """
    image = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / pi
    return th.Statement(
        claim=th.Refutation(th.Bound(image, rho + (1 - rho) ** 2), at={rho: Rational(999, 1000)}),
        domains={rho: th.Interval(0, 1)},
    )

"""Refuted: the isometry gap is bounded by the potential of the correlations."""

from sympy import Abs, Rational, log

import theory as th
from theory.symbols import rho


@th.theorem(
    topics=["depth", "refuted"],
    sources=["joudaki2023impact"],
    status="refuted",
    needs=["isometry_gap_of_small_correlations"],
)
def isometry_gap_potential_bound():
    """FALSE: -log I <= 2 n gamma_0 beta_0^-l, I = det(G)^(1/n), gamma_0 the largest |rho|/(1 - |rho|); here l = 0.

    Three inputs with equal correlations tending to -1/2 have a singular Gram matrix in the limit: the left side is
    infinite, the right side 6.  Only the form for (n - 1) |rho| < 1 is valid.
    """
    gap = -log((1 - rho) ** 2 * (1 + 2 * rho)) / 3
    bound = th.Bound(gap, 6 * Abs(rho) / (1 - Abs(rho)))
    return th.Statement(
        claim=th.Refutation(bound, at={rho: -Rational(1, 2) + Rational(1, 10**12)}),
        domains={rho: th.Interval(-Rational(1, 2), 1, left_open=True, right_open=True)},
        missing_witness="a deterministic bound; both sides are enclosed at one point, and the search finds its own",
    )

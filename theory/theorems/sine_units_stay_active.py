"""An activation of large rank recovery strength whose units do not freeze."""

from sympy import Matrix, Rational, Tuple, cos

import theory as th
from theory.symbols import u


@th.theorem(
    topics=["rank", "sine"], sources=["joudaki2025barriers"], status="derived", needs=["sine_dual", "cosine_dual"]
)
def sine_units_stay_active():
    """E[1/(1 + phi'(Z)^2)] <= 1/4 for phi(x) = sin(4 x), Z ~ N(0, 1), where frozen units, phi' = 0, would make it one.

    For phi = sin(s x) it is near 1/sqrt(1 + s^2) and tends to zero, while E[phi'^2]/E[phi^2] - 1 = s^2 coth(s^2) - 1
    grows without bound and E[phi^2] < 1/2.  So a large rank recovery strength does not by itself mean frozen units.
    """
    mean = th.GaussianExpectation(1 / (1 + 16 * cos(4 * u) ** 2), Tuple(u), Matrix([[1]]), Tuple(0))
    stated = Rational(1, 4)
    return th.Statement(
        claim=th.Bound(mean, stated),
        domains={},
        near_misses=[Rational(6, 25), Rational(1, 17)],
        missing_witness="a deterministic inequality; nothing is random",
    )

"""Lower bound on the isometry gained by batch normalisation after a random rotation."""

from sympy import Rational, Symbol

import theory as th
from theory.haar.means import IsometryGain


def _bound(t, factor):
    """Isometry gain of the spectrum (1 + 2 t, 1 - t, 1 - t), |lambda - 1|^2 = 6 t^2, against the bound."""
    return th.Bound(1 / (1 - factor * 6 * t**2 / 15), IsometryGain(1 + 2 * t, 1 - t))


@th.theorem(topics=["haar", "batch_norm"], sources=["meterez2023towards"], status="conjecture", needs=[])
def isometry_gain_bound():
    """E I(BN(W X)) >= I(X)/(1 - |lambda - 1|^2/(2 d (d + 2))), W Haar; here d = 3.

    I is the isometry `det(X'X)^(1/d)/(tr(X'X)/d)`, lambda are the eigenvalues of the Gram matrix, two of them equal here.
    """
    t = Symbol("t", positive=True)
    return th.Statement(
        claim=_bound(t, Rational(1, 2)),
        domains={t: th.Interval(Rational(1, 20), Rational(9, 10))},
        near_misses=[_bound(t, 1), _bound(t, 2)],
        missing_witness="a deterministic bound on a mean; the mean is enclosed",
    )

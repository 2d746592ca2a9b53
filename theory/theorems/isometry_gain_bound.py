"""Lower bound on the isometry gained by batch normalisation after a random rotation."""

from sympy import Rational, Symbol

import theory as th
from theory.haar.means import IsometryGain


@th.theorem(topics=["haar", "batch_norm"], sources=["meterez2023towards"], status="conjecture", needs=[])
def isometry_gain_bound():
    """E I(BN(W X)) >= I(X)/(1 - |lambda - 1|^2/(2 d (d + 2))), W Haar; here d = 3.

    I is the isometry `det(X'X)^(1/d)/(tr(X'X)/d)`.  The eigenvalues of the Gram matrix are 1 + 2 t, 1 - t, 1 - t here,
    so `|lambda - 1|^2 = 6 t^2`; the reciprocals are compared.
    """
    t = Symbol("t", positive=True)
    shrinkage = 6 * t**2 / 15
    return th.Statement(
        claim=th.Bound(1 / IsometryGain(1 + 2 * t, 1 - t), 1 - shrinkage / 2),
        domains={t: th.Interval(Rational(1, 20), Rational(1, 2))},
        near_misses=[1 - shrinkage, 1 - 2 * shrinkage],
        missing_witness="a deterministic bound on a mean; the mean is enclosed at points",
    )

"""Refuted: layer normalisation never lowers the isometry, mean subtraction included."""

from sympy import Matrix, Rational, Symbol, eye, ones

import theory as th
from theory.isometry import isometry

s = Symbol("s", positive=True)


@th.theorem(
    topics=["isometry", "batch_norm", "refuted"],
    sources=["joudaki2023impact"],
    status="refuted",
    needs=["isometry_gain_of_unit_norms"],
)
def layer_norm_isometry():
    """FALSE: I(before) <= I(after) when each representation loses its mean; true for the scaling to unit length alone.

    Two representations that differ by a constant, (1, 0, 0, 0) and itself plus s, become equal: 0.433 falls to 0.
    """
    first = Matrix([[1, 0, 0, 0]])
    rows = Matrix([first, first + s * ones(1, 4)])
    centred = rows * (eye(4) - ones(4, 4) / 4)
    return th.Statement(
        claim=th.Refutation(th.Bound(isometry(rows * rows.T), isometry(centred * centred.T)), at={s: 1}),
        domains={s: th.Interval(Rational(1, 10), 10)},
    )

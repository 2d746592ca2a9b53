"""What one layer of scale-invariant neurons adds to the four-point vertex under orthogonal weights."""

from sympy import Max, Min, Rational, Symbol

import theory as th
from theory.symbols import u

b = Symbol("b", real=True)


@th.theorem(
    topics=["finite width", "relu", "haar"],
    sources=["day2023feature"],
    status="derived",
    needs=["orthogonal_four_point_vertex", "scale_invariant_moment"],
)
def orthogonal_vertex_source():
    """E[(C_W phi^2)^2] - 3 = 3 (1 - b^2)^2/(1 + b^2)^2 at unit variance, slopes 1 and b, C_W = 2/(1 + b^2).

    The vertex starts at -2 and gains this in every layer: 3 l - 5 for the rectifier.  It vanishes for the identity and
    the absolute value alone.  The scale-invariant case is our own.
    """
    square = 2 * (Max(u, 0) + b * Min(u, 0)) ** 2 / (1 + b**2)
    law = th.Gaussian(u, cov=[[1]])
    stated = 3 * (1 - b**2) ** 2 / (1 + b**2) ** 2
    return th.Statement(
        claim=th.GaussianIdentity(square**2 - 3, law, stated),
        domains={b: th.Interval(-1, 1)},
        derive=lambda: th.expect(square**2 - 3, law),
        resolution=Rational(1, 20),
        near_misses=[stated + 2, stated + 1, 3 * (1 - b**2) / (1 + b**2) + Rational(1, 2)],
    )

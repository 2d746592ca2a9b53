"""Refuted: a network of finite width reaches isometry."""

from sympy import asin, pi, sign

import theory as th
from theory.symbols import n, rho, u, v


@th.theorem(
    topics=["depth", "finite width", "isometry", "refuted"],
    sources=["joudaki2023impact"],
    status="refuted",
    needs=["sign_width_floor"],
)
def finite_width_isometry():
    """FALSE: the overlap r' of two representations behind n sign neurons has E[r'^2] = ((2/pi) asin(rho))^2.

    This is the mean-field value, which tends to zero with depth.  Orthogonal inputs leave a layer with E[r'^2] = 1/n.
    The source speaks of the mean-field limit, where the statement is true.  One pair of neurons stands for all.
    """
    kernel = 2 * asin(rho) / pi
    overlap = (sign(u) * sign(v)) ** 2 / n + (1 - 1 / n) * kernel**2
    claim = th.GaussianIdentity(overlap, th.Gaussian([u, v], corr=rho), kernel**2)
    return th.Statement(
        claim=th.Refutation(claim, at={rho: 0, n: 100}),
        domains={rho: th.Interval(-1, 1), n: th.Integers(2)},
        missing_witness="the definition is integrated at one point with error bounds",
    )

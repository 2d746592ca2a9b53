"""Refuted: orthogonal weights stop the growth of the four-point vertex for every activation."""

from sympy import Max, Min, Symbol

import theory as th
from theory.symbols import u

b = Symbol("b", real=True)


@th.theorem(
    topics=["finite width", "relu", "haar", "refuted"],
    sources=["day2023feature"],
    status="refuted",
    needs=["orthogonal_vertex_source"],
)
def orthogonal_weights_stop_growth():
    """FALSE: under orthogonal weights a layer adds nothing to the vertex V/K^2, E[(C_W phi^2)^2] = 3, slopes 1 and b.

    True for odd activations in the limit of depth, which is what the source says; the rectifier gains 3 in every
    layer, against 5 under Gaussian weights, so its vertex still grows linearly.
    """
    square = 2 * (Max(u, 0) + b * Min(u, 0)) ** 2 / (1 + b**2)
    claim = th.GaussianIdentity(square**2, th.Gaussian(u, cov=[[1]]), 3)
    return th.Statement(
        claim=th.Refutation(claim, at={b: 0}),
        domains={b: th.Interval(-1, 1)},
        missing_witness="the definition is integrated at one point with error bounds",
    )

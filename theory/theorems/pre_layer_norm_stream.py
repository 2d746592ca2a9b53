"""Variance of a residual stream whose branches read it through layer normalisation."""

from sympy import Max, Rational, Symbol

import theory as th
from theory.symbols import q, u, v, z

gain = Symbol("g", positive=True)


@th.theorem(topics=["skip", "normalization", "depth"], sources=[], status="derived", needs=["relu_dual"])
def pre_layer_norm_stream():
    """E[(X + g Z relu(V))^2] = q + g^2/2, X ~ N(0, q), V and Z ~ N(0, 1): one block of a Pre-LN residual stream.

    V is a neuron behind the normalisation, Z relu(V) the output of the branch with fresh weights, g its gain.  The
    variance grows by the same amount in every block, linearly in the depth, whatever the gain; Peri-LN, which
    normalises the branch again, adds 1, and Post-LN divides by the sum and keeps 1.  A factor per block would need
    branches that grow with the stream.
    """
    integrand = (u + gain * z * Max(v, 0)) ** 2
    law = th.Gaussian([u, v, z], cov=[[q, 0, 0], [0, 1, 0], [0, 0, 1]])
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, q + gain**2 / 2),
        domains={q: th.Interval(Rational(1, 4), 3), gain: th.Interval(Rational(1, 2), 2)},
        derive=lambda: th.expect(integrand.expand(), law),
        resolution=Rational(1, 10),
        near_misses=[q + gain / 2, q + gain**2, q * (1 + gain**2 / 2), q + 1],
    )

"""Growth of the variance along a residual stream with branches of unit variance."""

from sympy import Max, Rational, Symbol, pi, sqrt

import theory as th
from theory.symbols import q, u, v

a = Symbol("alpha", real=True)


@th.theorem(
    topics=["skip", "normalization", "relu"],
    sources=["brock2021characterizing"],
    status="derived",
    needs=["relu_variance"],
)
def normalizer_free_residual_variance():
    """E[(X + a f(Z))^2] = q + a^2 for X ~ N(0, q), a branch f = (relu - m)/sd of unit variance, Z ~ N(0, 1).

    The branch reads weights of its own, so X and Z are independent in the limit of width: the variance of the stream
    grows by a^2 in each block, linearly and not exponentially in the depth.
    """
    mean, variance = 1 / sqrt(2 * pi), (1 - 1 / pi) / 2
    integrand = (u + a * (Max(v, 0) - mean) / sqrt(variance)) ** 2
    law = th.Gaussian([u, v], cov=[[q, 0], [0, 1]])
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, q + a**2),
        domains={q: th.Interval(Rational(1, 4), 3), a: th.Interval(-1, 1)},
        derive=lambda: th.expect(integrand, law),
        resolution=Rational(1, 20),
        near_misses=[q + a, q + a**2 * pi / (pi - 1), q + 2 * a**2],
    )

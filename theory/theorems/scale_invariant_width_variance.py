"""Fluctuation of the variance of a layer of n scale-invariant neurons, exact at every width."""

from sympy import Max, Min, Rational, Symbol

import theory as th
from theory.symbols import n, u, v

b = Symbol("b", real=True)


@th.theorem(
    topics=["finite width", "relu"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["scale_invariant_moment"],
)
def scale_invariant_width_variance():
    """E[G^2] = 1 + (6 (1 + b^4)/(1 + b^2)^2 - 1)/n, G = (C_W/n) sum phi(X_i)^2, slopes 1 and b, C_W = 2/(1 + b^2).

    So the variance of a layer grows by the factor 5/n for the rectifier and 2/n for the identity.  One pair of neurons
    stands for all of them.
    """
    square, other = (2 * (Max(x, 0) + b * Min(x, 0)) ** 2 / (1 + b**2) for x in (u, v))
    stated = 1 + (6 * (1 + b**4) / (1 + b**2) ** 2 - 1) / n
    integrand = square**2 / n + (1 - 1 / n) * square * other
    law = th.Gaussian([u, v], corr=0)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains={n: th.Integers(1), b: th.Interval(-1, 1)},
        derive=lambda: th.expect(integrand, law),
        resolution=Rational(1, 20),
        near_misses=[1 + 6 * (1 + b**4) / (1 + b**2) ** 2 / n, 1 + (3 * (1 + b**4) / (1 + b**2) ** 2 - 1) / n],
    )

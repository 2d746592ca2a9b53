"""Initial drift of the logarithm of the norm of a rectified residual stream of width n."""

from sympy import Integer, Sum, Symbol, binomial

import theory as th
from theory.symbols import n

k = Symbol("k", integer=True, nonnegative=True)


@th.theorem(topics=["skip", "relu", "finite width", "depth"], sources=["hayou2023infinite"], status="derived", needs=[])
def rectified_residual_drift():
    """E[(K/2 - 1)/n | K > 0] = 1/(4 (1 - 2^-n)) - 1/n for the number K of positive coordinates of a Gaussian vector.

    By Ito's formula log |relu(X)| has the drift (K/2 - 1)/n along dX = |relu(X)| dB/sqrt(n), the limit of depth of
    residual blocks x + W relu(x)/sqrt(L).  It is negative for n <= 3 and positive for n >= 4, at time zero: later
    coordinates linger where they are negative, and the formula holds for no other time.
    """
    mean = Sum(binomial(n, k) * (k / 2 - 1) / n, (k, 1, n)) / (2**n - 1)
    stated = 1 / (4 * (1 - Integer(2) ** (-n))) - 1 / n
    return th.Statement(
        claim=th.Identity(mean, stated),
        domains={n: th.Integers(1, 30)},
        near_misses=[Integer(1) / 4 - 1 / n, stated + 1 / (2 * n), stated * (1 - Integer(2) ** (-n))],
        missing_witness="a finite sum; nothing is drawn",
    )

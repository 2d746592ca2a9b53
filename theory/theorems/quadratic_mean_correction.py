"""Correction of order 1/n to the mean of the second layer, exact for a quadratic activation."""

from sympy import Rational, Symbol

import theory as th
from theory.symbols import n, u

b = Symbol("b", real=True)


@th.theorem(
    topics=["finite width", "moments", "depth"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["cubic_variance_map"],
)
def quadratic_mean_correction():
    """E[g(G)] = g(K) + g'' V/(2 n), G = (1/n) sum phi(X_i)^2, phi = x + b x^2/2, g(K) = K + 3 b^2 K^2/4.

    Here K = 1 + 3 b^2/4 and V = E[phi^4] - E[phi^2]^2 = 2 + 21 b^2 + 6 b^4 at unit variance.  The series in 1/n ends
    there because the variance map g is quadratic.  One neuron stands for all of them; different ones are independent.
    """
    square = (u + b * u**2 / 2) ** 2
    mean = 1 + 3 * b**2 / 4
    stated = mean + 3 * b**2 / 4 * (mean**2 + (2 + 21 * b**2 + 6 * b**4) / n)
    integrand = square + 3 * b**2 / 4 * (square**2 / n + (1 - 1 / n) * mean**2)
    law = th.Gaussian(u, cov=[[1]])
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains={n: th.Integers(1, 10), b: th.Interval(-Rational(1, 2), Rational(1, 2))},
        derive=lambda: th.expect(integrand, law),
        near_misses=[
            mean + 3 * b**2 / 4 * (mean**2 + 2 * (2 + 21 * b**2 + 6 * b**4) / n),
            mean + 3 * b**2 / 4 * (mean**2 - (2 + 21 * b**2 + 6 * b**4) / n),
            mean + 3 * b**2 / 2 * (mean**2 + (2 + 21 * b**2 + 6 * b**4) / n),
        ],
        missing_witness="the eighth power of a Gaussian is heavy-tailed; its sample mean is no evidence",
    )

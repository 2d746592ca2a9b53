"""Variance after two residual blocks with an identity skip around the rectifier."""

from sympy import Max, Rational, Symbol, pi, sqrt

import theory as th

r = Symbol("r", real=True)
x0, x1, x2 = (Symbol(f"x_{k}", real=True) for k in range(3))


def _block(inputs):
    first, second, third = inputs
    branch = sqrt(2 * (1 - r**2))
    return branch * Max(third, 0) + r * (branch * Max(second, 0) + r * first)


@th.theorem(topics=["depth", "skip", "relu"], sources=["joudaki2024kernel"], status="derived", needs=["relu_dual"])
def identity_skip_relu_variance():
    """x -> sqrt(2 (1 - r^2)) relu(W x) + r x, twice: E[x^2] = 1 + 2 r (1 - r^2)/pi, and not 1.

    The two blocks share the mean of the rectifier along the skip; inputs and pre-activations are standard normal.
    """
    law = th.Gaussian([x0, x1, x2], cov=[[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    square = _block((x0, x1, x2)) ** 2
    stated = 1 + 2 * r * (1 - r**2) / pi
    return th.Statement(
        claim=th.GaussianIdentity(square, law, stated),
        domains={r: th.Interval(Rational(2, 5), Rational(4, 5))},
        derive=lambda: th.expect(square.expand(), law),
        resolution=Rational(1, 25),
        near_misses=[1, 1 + 4 * r * (1 - r**2) / pi],
    )

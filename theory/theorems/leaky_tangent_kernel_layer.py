"""What one layer of scale-invariant neurons adds to the tangent kernel."""

from sympy import Heaviside, Max, Min, Rational, Symbol

import theory as th
from theory.symbols import q, u, v

b = Symbol("b", real=True)
previous = Symbol("Theta", positive=True)
rate_b, rate_w = Symbol("lambda_b", nonnegative=True), Symbol("lambda_w", nonnegative=True)


@th.theorem(
    topics=["tangent kernel", "relu", "depth"],
    sources=["roberts2022principles", "jacot2018neural"],
    status="derived",
    needs=["scale_invariant_moment"],
)
def leaky_tangent_kernel_layer():
    """E[lambda_b + lambda_w phi(X)^2 + C_W v^2 phi'(X)^2 T] = T + lambda_b + lambda_w (1 + b^2) q/2, slopes 1 and b.

    T is the tangent kernel of the layer before, v ~ N(0, 1) the weight of a neuron in front of X ~ N(0, q), and
    C_W = 2/(1 + b^2).  So at criticality the tangent kernel grows by the same amount in every layer, linearly in depth.
    """
    activation = Max(u, 0) + b * Min(u, 0)
    gain = 2 / (1 + b**2)
    squared_slope = Heaviside(u) + b**2 * Heaviside(-u)
    integrand = rate_b + rate_w * activation**2 + gain * v**2 * squared_slope * previous
    law = th.Gaussian([u, v], cov=[[q, 0], [0, 1]])
    added = rate_b + rate_w * (1 + b**2) * q / 2
    part = th.Interval(Rational(1, 2), 2)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, previous + added),
        domains={q: part, previous: part, rate_b: part, rate_w: part, b: th.Interval(-1, 1)},
        derive=lambda: th.expect(integrand, law),
        resolution=Rational(1, 20),
        near_misses=[previous + added / 2, (1 + b**2) * previous / 2 + added, 2 * previous + added],
    )

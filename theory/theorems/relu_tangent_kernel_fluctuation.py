"""Fluctuation of the tangent kernel of n rectifiers over initialisations, exact at every width."""

from sympy import Heaviside, Max, Rational

import theory as th
from theory.symbols import n, u, v


@th.theorem(
    topics=["tangent kernel", "relu", "finite width"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["leaky_tangent_kernel_layer", "scale_invariant_width_variance"],
)
def relu_tangent_kernel_fluctuation():
    """E[T^2] = 4 + 12/n for T = (2/n) sum (relu(X_i)^2 + v_i^2 relu'(X_i)^2), one hidden layer at C_W = 2, |x|^2 = d.

    T is the tangent kernel of f(x) = sqrt(2/n) sum v_i relu(w_i x/sqrt(d)), its mean 2: the relative variance is 3/n,
    so the kernel is deterministic in the limit of width alone.  One neuron stands for all; different ones are
    independent, of mean 2.  The constants are our own.
    """
    signal = Max(u, 0)
    square = 4 * (signal**4 + 2 * signal**2 * v**2 + v**4 * Heaviside(u))  # of one summand, relu' being 0 or 1
    integrand = square / n + 4 * (1 - 1 / n)
    law = th.Gaussian([u, v], corr=0)
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, 4 + 12 / n),
        domains={n: th.Integers(1)},
        derive=lambda: th.expect(integrand, law),
        resolution=Rational(1, 2),
        near_misses=[4 + 8 / n, 4 + 16 / n, 4 + 5 / n, 4 + 12 / n**2],
    )

"""How the fluctuation of a layer's variance is passed on: by the squared susceptibility, exactly at every width."""

from sympy import Max, Rational

import theory as th
from theory.symbols import C_W, C_b, n, u, v


@th.theorem(
    topics=["finite width", "relu", "depth"],
    sources=["roberts2022principles"],
    status="derived",
    needs=["scale_invariant_width_variance"],
)
def relu_bias_vertex_recursion():
    """n Var(G_2) = chi^2 V + 5 chi^2 (K^2 + V/n), chi = C_W/2, K = E[G_1] = C_b + chi, V = n Var(G_1) = 5 chi^2.

    G_1 = C_b + (C_W/n) sum relu(X_i)^2 and G_2 = C_b + (C_W/n) G_1 sum relu(Y_i)^2 are the variances of two layers of n
    rectifiers; 5 chi^2 K^2 is what the second layer adds, V/n its correction.  Divided by chi^2; the mean over Y is
    taken, E[G_2^2] = E[(C_b + chi G_1)^2 + 5 chi^2 G_1^2/n], and one pair of neurons stands for all the X_i.  The book
    has the recursion to leading order, for every activation.
    """
    chi, first, other = C_W / 2, Max(u, 0) ** 2, Max(v, 0) ** 2
    mean, fluctuation = C_b + chi, 5 * chi**2
    square = C_b**2 + 2 * C_b * C_W * first + C_W**2 * (first**2 / n + (1 - 1 / n) * first * other)  # of G_1
    shifted = C_b**2 + 2 * C_b * chi * (C_b + C_W * first) + chi**2 * square
    integrand = (n * (shifted - (C_b + chi * mean) ** 2) + 5 * chi**2 * square) / chi**2
    law = th.Gaussian([u, v], corr=0)

    def stated(passed, added=5):
        return passed * fluctuation + added * (mean**2 + fluctuation / n)

    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated(1)),
        domains={
            C_W: th.Interval(Rational(1, 2), 1),
            C_b: th.Interval(Rational(1, 2), 1),
            n: th.Integers(1, 4),
        },
        derive=lambda: th.expect(integrand.expand(), law),
        resolution=Rational(1, 3),
        near_misses=[stated(1 / chi), stated(1 / chi**2), stated(1, 6), stated(1, 2), stated(0)],
    )

"""Four-point vertex of the first layer of a network with orthogonal weights."""

from sympy import Rational

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar", "finite width"], sources=["day2023feature"], status="derived", needs=["haar_row_pair"])
def orthogonal_four_point_vertex():
    """n (E[z_1^2 z_2^2] - 1) = -2 n/(n + 2) for z = sqrt(n) O x, |x| = 1: near -2, where Gaussian weights have 0."""
    Q = th.Haar("O", n)
    vertex = n * (n**2 * Q[1, 1] ** 2 * Q[2, 1] ** 2 - 1)
    stated = -2 * n / (n + 2)
    return th.Statement(
        claim=th.HaarIdentity(vertex, Q, stated),
        domains={n: th.Integers(2, 40)},
        derive=lambda: Q.mean(vertex),
        resolution=Rational(1, 10),
        near_misses=[-n / (n + 2), 2 * n / (n + 2), -3 * n / (n + 2)],
    )

"""Existence of orthogonal convolutions, with the exact distance where there is none."""

from sympy import Max, Piecewise, symbols

import theory as th
from theory.haar.convolutions import ConvolutionDefect


@th.theorem(topics=["haar", "convolution"], sources=["achour2022existence"], status="theorem", needs=[])
def orthogonal_convolution_existence():
    """Orthogonal circular convolutions (M out, C in, kernel k, stride S) exist iff M <= C k resp. S <= k.

    The first for M <= C S, the second for M >= C S.  Where there is none, the least |A A' - 1|^2 (|A' A - 1|^2) over
    all kernels is an integer: the rank that is missing.
    """
    M, C, k, S, N = symbols("M C k S N", integer=True, positive=True)
    wide, tall = N * Max(0, M - C * k), N * C * Max(0, S - k)
    return th.Statement(
        claim=th.Identity(ConvolutionDefect(M, C, k, S, N), Piecewise((wide, M <= C * S), (tall, True))),
        domains={
            M: th.Integers(1, 5),
            C: th.Integers(1, 3),
            k: th.Integers(1, 3),
            S: th.Integers(1, 4),
            N: th.Integers(2, 5),
        },
        assumptions=[2 * k - 1 <= S * N],
        near_misses=[
            Piecewise((N * Max(0, M - C * (k - 1)), M <= C * S), (tall, True)),
            Piecewise((wide, M <= C * S), (N * C * Max(0, S - k + 1), True)),
        ],
        points=16,
    )

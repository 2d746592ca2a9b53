"""Fourth-order trace of a truncated random unitary matrix."""

from sympy import Rational, Trace, symbols

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2006integration"], status="derived", needs=[])
def haar_unitary_truncation_word():
    """E tr (S S*)^2 = r c (n (r + c) - r c - 1)/(n (n^2 - 1)) for the r x c corner S of U, r, c <= n, n >= 2."""
    rows, columns = symbols("r c", integer=True, positive=True)
    block = th.Haar("U", n).block(rows, columns, "S")
    word = Trace((block.matrix * block.matrix.adjoint()) ** 2)
    stated = rows * columns * (n * (rows + columns) - rows * columns - 1) / (n * (n**2 - 1))
    return th.Statement(
        claim=th.HaarIdentity(word, block, stated),
        domains={n: th.Integers(2), rows: th.Integers(1, n), columns: th.Integers(1, n)},
        derive=lambda: block.mean(word),
        resolution=Rational(1, 100),
        near_misses=[
            rows * columns * (n * (rows + columns) - rows * columns + 1) / (n * (n**2 - 1)),
            rows * columns * (rows + columns) / (n * (n + 1)),
        ],
    )

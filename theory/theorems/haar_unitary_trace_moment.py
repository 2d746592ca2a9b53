"""Fourth absolute moment of the trace of a random unitary matrix."""

from sympy import Integer, Rational, Trace

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2006integration"], status="derived", needs=[])
def haar_unitary_trace_moment():
    """E |tr U|^4 = 2 for every n >= 2: the number of permutations of two letters; at n = 1 it is 1."""
    U = th.Haar("U", n)
    moment = Trace(U.matrix) ** 2 * Trace(U.matrix.adjoint()) ** 2
    stated = Integer(2)
    return th.Statement(
        claim=th.HaarIdentity(moment, U, stated),
        domains={n: th.Integers(2)},
        derive=lambda: U.mean(moment),
        resolution=Rational(1, 10),
        near_misses=[Integer(1), Integer(3), 2 * n / (n + 1)],
    )

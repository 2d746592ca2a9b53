"""Fourth moment of the trace of a random orthogonal matrix."""

from sympy import Integer, Rational, Trace

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_trace_fourth_moment():
    """E (tr O)^4 = 3 for every n >= 2, as for a standard Gaussian; at n = 1 it is 1."""
    Q = th.Haar("O", n)
    moment = Trace(Q.matrix) ** 4
    stated = Integer(3)
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 10),
        near_misses=[Integer(1), 3 * n / (n + 2), Integer(4)],
    )

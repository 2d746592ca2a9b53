"""Second moment of the trace of the square of a random orthogonal matrix."""

from sympy import Integer, Rational, Trace

import theory as th
from theory.symbols import n


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_trace_of_square():
    """E (tr O^2)^2 = 3 for every n >= 2: variance two around the mean one."""
    Q = th.Haar("O", n)
    moment = Trace(Q.matrix**2) ** 2
    stated = Integer(3)
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, stated),
        domains={n: th.Integers(2)},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 20),
        near_misses=[Integer(2), 3 * n / (n + 1), Integer(1)],
    )

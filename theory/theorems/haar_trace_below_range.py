"""Sixth moment of the trace in the orthogonal group of the plane."""

from sympy import Integer, Rational, Trace

import theory as th


@th.theorem(topics=["haar"], sources=["collins2009some"], status="derived", needs=[])
def haar_trace_below_range():
    """E (tr O)^6 = 10 on O(2), not the 15 of the stable range n >= 3: half a central binomial coefficient."""
    Q = th.Haar("O", 2)
    moment = Trace(Q.matrix) ** 6
    return th.Statement(
        claim=th.HaarIdentity(moment, Q, Integer(10)),
        domains={},
        derive=lambda: Q.mean(moment),
        resolution=Rational(1, 10),
        near_misses=[Integer(15), Integer(20)],
    )

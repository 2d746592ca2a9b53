"""Refuted: the clones of a unit receive the gradient of the unit they are copies of."""

from sympy import Integer, Symbol, symbols, tanh

import theory as th

h = Symbol("h", real=True)
weight = Symbol("v", real=True)
first, second = symbols("h_1 h_2", real=True)


@th.theorem(topics=["cloning", "refuted"], sources=["joudaki2025barriers"], status="refuted", needs=[])
def cloned_unit_gradient():
    """FALSE: d f/d h_1 = d f/d h for f = v tanh(h) and its cloned copy f = (v/2)(tanh(h_1) + tanh(h_2)), h_1 = h_2 = h.

    Each of m clones gets 1/m of it, which is why a cloned network follows its base under rescaled learning rates only.
    """
    base = weight * tanh(h)
    cloned = weight / 2 * (tanh(first) + tanh(second))
    claim = th.Identity(cloned.diff(first).subs({first: h, second: h}), base.diff(h))
    return th.Statement(
        claim=th.Refutation(claim, at={weight: Integer(1), h: Integer(0)}),
        domains={weight: th.Interval(-2, 2), h: th.Interval(-2, 2)},
        missing_witness="one number against another; their enclosures decide",
    )

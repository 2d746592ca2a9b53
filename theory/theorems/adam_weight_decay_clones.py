"""Refuted: weight decay inside the gradient of Adam keeps the row sums of a cloned block equal."""

from sympy import Abs, Rational, Symbol

import theory as th

g = Symbol("g", real=True)
decay = Symbol("lambda", positive=True)
_BLOCK = ((0, 3, 3), (2, 2, 2), (4, 1, 1))  # rows and columns of sum 6


@th.theorem(
    topics=["cloning", "dynamics", "refuted"],
    sources=[],
    status="refuted",
    needs=["cloned_units_under_adam"],
)
def adam_weight_decay_clones():
    """FALSE: the first step of Adam with the gradient g + lambda w keeps the equal row sums of a block between clones.

    The gradient g of the loss is the same for all entries of the block; rows (0, 3, 3) and (2, 2, 2) of one sum get
    different sums, as the step (g + lambda w)/(|g + lambda w| + 1/10) is not linear in w.  Decay outside the adaptive
    step, or equal entries, keep them.
    """
    steps = [sum((g + decay * w) / (Abs(g + decay * w) + Rational(1, 10)) for w in row) for row in _BLOCK[:2]]
    return th.Statement(
        claim=th.Refutation(th.Identity(steps[0], steps[1]), at={g: -Rational(1, 2), decay: Rational(1, 4)}),
        domains={g: th.Interval(-2, 2), decay: th.Interval(Rational(1, 100), 1)},
        missing_witness="one number against another; their enclosures decide",
    )

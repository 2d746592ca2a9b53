"""Refuted: the rank of a rectified layer grows with depth by a formula without the width."""

from sympy import Symbol, pi

import theory as th
from theory.symbols import ell, n

m = Symbol("m", integer=True, positive=True)


@th.theorem(topics=["depth", "relu", "refuted"], sources=["makwana2025some"], status="refuted", needs=[])
def effective_dimension_formula():
    """FALSE: m inputs have representations of mean rank m (1 - (1 - 2/pi)^l) in layer l of a rectifier network.

    The rank is at most the width n, which the formula leaves out: ten thousand inputs and 20 neurons would have rank
    6366 in the first layer.  Claimed in an abstract up to a term exponentially small in m; the paper was not seen.
    """
    formula = m * (1 - (1 - 2 / pi) ** ell)
    return th.Statement(
        claim=th.Refutation(th.Bound(formula - n, 0), at={m: 10**4, n: 20, ell: 1}),
        domains={m: th.Integers(1, 10**4), n: th.Integers(1, 200), ell: th.Integers(1, 50)},
        missing_witness="one number against another; their enclosures decide",
    )

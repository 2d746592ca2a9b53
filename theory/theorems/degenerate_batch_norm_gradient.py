"""Inputs on one line keep the gradients of a batch-normalised orthogonal network growing."""

from sympy import Integer, log

import theory as th
from theory.haar.means import LogForm


@th.theorem(
    topics=["haar", "batch_norm", "depth"],
    sources=["meterez2023towards"],
    status="derived",
    needs=["haar_log_form"],
)
def degenerate_batch_norm_gradient():
    """E log(w'G w) = log(3) - 2 for G of rank one with unit diagonal, w uniform on the sphere of R^3.

    Batch normalisation divides the rows by sqrt(w_i'G w_i), which multiplies the determinant of the backward map by
    exp(3 (1 - log(3)/2)) = 3.9 in the mean of the logarithm, in every layer, as the rank stays one.  So gradients are
    bounded for inputs of full rank only, which is where the bound of the source is finite.
    """
    return th.Statement(
        claim=th.Identity(LogForm(Integer(3), Integer(0), Integer(0)), log(3) - 2),
        domains={},
        near_misses=[log(3), Integer(0), log(3) - 1],
        missing_witness="the mean of a logarithm at a singular matrix; it is integrated, not sampled",
    )

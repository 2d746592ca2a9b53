"""Cramer distances of labelled points on several lines, for many permutations of the labels."""

from typing import Any

from numerics.loops.jit import kernel


@kernel
def energy_permutations(generator: Any, orders: Any, gaps: Any, weights: Any, results: Any) -> None:
    """Fourth-power mean over lines of the integral of (F - G)^2, one result per random permutation of `weights`.

    Line p visits the points in the order `orders[p]`, `gaps[p, i]` is the step after the i-th of them; `weights`
    is 1/n on the points of the first sample and -1/m on those of the second.  `results[0]` is the sample as it is.
    """
    lines, size = orders.shape
    shuffled = weights.copy()
    for index in range(results.shape[0]):
        if index:
            for last in range(size - 1, 0, -1):
                other = int(generator.random() * (last + 1))
                shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
        fourth = 0.0
        for line in range(lines):
            difference = distance = 0.0
            for step in range(size - 1):
                difference += shuffled[orders[line, step]]
                distance += difference * difference * gaps[line, step]
            fourth += distance**4
        results[index] = (fourth / lines) ** 0.25

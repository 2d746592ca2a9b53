"""Depth in law: the chain of Gram matrices of a Gaussian network, layer by layer."""

from typing import Any

import numpy as np

from numerics.loops.gram_layer import factor, gram_layer
from numerics.loops.jit import kernel


@kernel
def gram_chain(
    generator: Any,
    covariance: Any,
    widths: Any,
    weight_variance: float,
    bias_variance: float,
    before: Any,
    after: Any,
) -> int:
    """Chain S_1 = covariance, S_(l+1) = C_W G_l + C_b, where G_l is the activation Gram of layer l given S_l.

    `before` and `after`, shape (replicas, depth, m, m), receive the Gram matrices of the pre-activations and
    of the activations of layers 1 to depth.  Returns -1, or replica * depth + layer - 1 of the first layer
    that overflows, where everything stops.
    """
    replicas, depth, size = after.shape[0], after.shape[1], after.shape[2]
    columns = np.empty((size, size))
    for replica in range(replicas):
        state = covariance.copy()
        for layer in range(depth):
            rank = factor(state, columns)
            gram_layer(generator, columns, rank, widths[layer], before[replica, layer], after[replica, layer])
            for i in range(size):
                for j in range(size):
                    state[i, j] = weight_variance * after[replica, layer, i, j] + bias_variance
                    if not (np.isfinite(before[replica, layer, i, j]) and np.isfinite(state[i, j])):
                        return replica * depth + layer
    return -1

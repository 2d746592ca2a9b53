"""Seconds of CPU for one random network in another library, in single or in double precision.

`PYTHON benchmarks/simulate_peer.py LIBRARY WIDTH DEPTH single|double`, run by `benchmarks.simulate` in an environment
that has torch, or Neural Tangents (0.6.5 with jax and jaxlib 0.5.3, tf2jax 0.3.7), and nothing of ours.  One thread,
rectifiers, two inputs.  Prints "missing", or the shortest of three runs after one that compiles.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def with_torch(width: int, depth: int, double: bool) -> Callable[[], object]:
    """Draw every weight, multiply, and form the Gram matrix of the last layer."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64 if double else torch.float32)
    inputs = torch.randn(width, 2)

    def network() -> object:
        x = inputs
        for _ in range(depth):
            x = torch.relu(torch.randn(width, width) @ x * (2 / width) ** 0.5)
        return x.T @ x / width

    return network


def with_neural_tangents(width: int, depth: int, double: bool) -> Callable[[], object]:
    """One sample of the Monte Carlo kernel of the library."""
    import jax

    jax.config.update("jax_enable_x64", double)
    import neural_tangents as nt
    import numpy as np

    layers = [part for _ in range(depth) for part in (nt.stax.Dense(width, W_std=2**0.5), nt.stax.Relu())]
    init, apply, _ = nt.stax.serial(*layers)
    kernel = nt.monte_carlo_kernel_fn(init, apply, jax.random.PRNGKey(0), n_samples=1)
    inputs = np.random.default_rng(1).standard_normal((2, width)).astype(np.float64 if double else np.float32)
    return lambda: np.asarray(kernel(inputs, None, "nngp"))


PEERS = {"torch": with_torch, "neural_tangents": with_neural_tangents}


def main() -> None:
    library, width, depth = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if importlib.util.find_spec(library) is None:
        print("missing")
        return
    network = PEERS[library](width, depth, sys.argv[4] == "double")
    network()
    times = []
    for _ in range(3):
        start = time.process_time()
        network()
        times.append(time.process_time() - start)
    print(min(times))


if __name__ == "__main__":
    main()

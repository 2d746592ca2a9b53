"""Steady state of Neural Tangents' jitted dual maps, ns per pair.  Run by `benchmarks.compiled`.

Needs an environment of its own: neural-tangents 0.6.5, jax and jaxlib 0.5.3, tf2jax 0.3.7, numpy 2.4.  Prints one
JSON object.
"""

from __future__ import annotations

import json
import time

SIDE = 1000
REPEATS = 7


def main() -> None:
    """Time the maps on SIDE^2 pairs of inputs; the Gram matrix of two-dimensional inputs is part of it."""
    import jax
    import numpy as np

    jax.config.update("jax_enable_x64", True)
    from neural_tangents import stax

    generator = np.random.default_rng(0)
    first, second = (generator.standard_normal((SIDE, 2)) for _ in range(2))
    layers = {"relu": stax.Relu(), "gelu": stax.Gelu(), "erf": stax.Erf()}
    times = {}
    for name, layer in layers.items():
        # The maps ask for a Gaussian layer before them.
        _, _, kernel_fn = stax.serial(stax.Dense(1), layer)
        run = jax.jit(lambda a, b, kernel_fn=kernel_fn: kernel_fn(a, b, "nngp"))
        run(first, second).block_until_ready()
        best = float("inf")
        for _ in range(REPEATS):
            start = time.perf_counter()
            run(first, second).block_until_ready()
            best = min(best, time.perf_counter() - start)
        times[name] = best / SIDE**2 * 1e9
    print(json.dumps(times))


if __name__ == "__main__":
    main()

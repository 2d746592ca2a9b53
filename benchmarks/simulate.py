"""Speed of the simulators, as ratios: `python -m benchmarks.simulate`; `--large` adds width 10^7 at depth 100.

Timed against drawing the same normals and nothing else, and against networks whose weights are drawn with numpy,
and with torch and Neural Tangents where they are installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

import theory as th
from numerics.reference import direct_network
from numerics.samplers.law_exact import LawSampler
from numerics.simulation import simulate
from numerics.streams import stream

PAIR = np.array([[1.0, 0.5], [0.5, 1.0]])


@njit(nogil=True)
def normals(generator: Any, count: int) -> float:
    """Sum of normals, so that drawing them is not optimised away."""
    total = 0.0
    for _ in range(count):
        total += generator.standard_normal()
    return total


def clock(work: Callable[[], Any], rounds: int = 9, timer: Callable[[], float] = time.thread_time) -> float:
    """Median seconds of a call, after one that compiles."""
    work()
    times = []
    for _ in range(rounds):
        start = timer()
        work()
        times.append(timer() - start)
    return statistics.median(times)


def line(what: str, value: str) -> None:
    print(f"{what:<62} {value}", flush=True)


def sampler(name: str, width: int, depth: int, gram: np.ndarray = PAIR, **options: Any) -> LawSampler:
    return LawSampler(th.NetworkSpec(th.activation(name), C_W=2), width, depth, gram=gram, **options)


def against_the_normals(neurons: int = 500_000) -> None:
    generator = stream("benchmark", neurons, 0)
    limit = clock(lambda: normals(generator, 2 * neurons))
    line("two normals and nothing else", f"{limit / neurons * 1e9:.1f} ns")
    for name in ("relu", "gelu", "tanh", "silu", "erf"):
        work = sampler(name, neurons, 1)
        seconds = clock(lambda work=work: work.run(0, 1))  # type: ignore[misc]
        line(f"law-exact layer, 2 inputs, {name}", f"{seconds / neurons * 1e9:.1f} ns, ratio {seconds / limit:.2f}")


def against_drawn_weights(width: int = 4096, depth: int = 10) -> None:
    work = sampler("relu", width, depth)
    law = clock(lambda: work.run(0, 20)) / 20
    line(f"law-exact, width {width}, depth {depth}", f"{law * 1e3:.3f} ms")
    generator, inputs = np.random.default_rng(0), np.random.default_rng(1).standard_normal((2, width))
    start = time.perf_counter()
    direct_network(lambda h: np.maximum(h, 0), generator, inputs, [width] * depth, 2.0, 0.0)
    seconds = time.perf_counter() - start
    line("numpy, weights drawn", f"{seconds:.2f} s, ratio {seconds / law:.0f}")
    for library in ("torch", "neural_tangents"):
        if importlib.util.find_spec(library) is None:
            line(library, "not installed")
    if importlib.util.find_spec("torch") is not None:
        seconds = _torch(width, depth)
        line("torch, weights drawn", f"{seconds:.2f} s, ratio {seconds / law:.0f}")
    if importlib.util.find_spec("neural_tangents") is not None:
        seconds = _neural_tangents(width, depth)
        line("Neural Tangents, one Monte Carlo sample", f"{seconds:.2f} s, ratio {seconds / law:.0f}")


def _torch(width: int, depth: int) -> float:
    torch: Any = importlib.import_module("torch")

    def network() -> None:
        x = torch.ones(width, 2, dtype=torch.float64)
        for _ in range(depth):
            x = torch.relu(torch.randn(width, width, dtype=torch.float64) @ x * (2 / width) ** 0.5)

    return clock(network, 1, time.perf_counter)


def _neural_tangents(width: int, depth: int) -> float:
    jax: Any = importlib.import_module("jax")
    nt: Any = importlib.import_module("neural_tangents")
    layers = [part for _ in range(depth) for part in (nt.stax.Dense(width, W_std=2**0.5), nt.stax.Relu())]
    init, apply, _ = nt.stax.serial(*layers)
    kernel = nt.monte_carlo_kernel_fn(init, apply, jax.random.PRNGKey(0), n_samples=1)
    inputs = np.random.default_rng(1).standard_normal((2, width))
    return clock(lambda: np.asarray(kernel(inputs, None, "nngp")), 1, time.perf_counter)


def scaling() -> None:
    for width in (10**3, 10**4, 10**5):
        work = sampler("relu", width, 10)
        line(f"width {width}, depth 10", f"{clock(lambda work=work: work.run(0, 1)) * 1e3:.2f} ms")  # type: ignore[misc]
    for depth in (1, 10, 100):
        work = sampler("relu", 10**4, depth)
        line(f"width 10000, depth {depth}", f"{clock(lambda work=work: work.run(0, 1)) * 1e3:.2f} ms")  # type: ignore[misc]
    for inputs in (1, 2, 10, 50):
        work = sampler("relu", 10**4, 10, np.eye(inputs))
        line(f"width 10000, depth 10, {inputs} inputs", f"{clock(lambda work=work: work.run(0, 1), 3) * 1e3:.2f} ms")  # type: ignore[misc]
    plain, gradients = sampler("relu", 10**4, 10), sampler("relu", 10**4, 10, gradients=True)
    ratio = clock(lambda: gradients.run(0, 1)) / clock(lambda: plain.run(0, 1))
    line("gradients as well, ratio to the forward pass", f"{ratio:.2f}")
    net = th.NetworkSpec(th.activation("relu"), C_W=2)
    seconds = {
        cores: clock(
            lambda cores=cores: simulate(net, 10**5, 10, gram=PAIR, replicas=100, executor=cores, progress=False),  # type: ignore[misc]
            3,
            time.perf_counter,
        )
        for cores in (1, 2)
    }
    line("two threads against one, speed-up", f"{seconds[1] / seconds[2]:.2f}")


def large() -> None:
    """Width 10^7, depth 100, in a process of its own, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.simulate", "--one-large"], capture_output=True, text=True, check=True
    )
    line("width 10^7, depth 100, 2 inputs", done.stdout.strip())


def _one_large() -> None:
    work = sampler("relu", 10**7, 100)
    start = time.perf_counter()
    work.run(0, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.perf_counter() - start:.1f} s, peak memory {peak:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="width 10^7 at depth 100")
    parser.add_argument("--one-large", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_large:
        _one_large()
        return
    against_the_normals()
    against_drawn_weights()
    scaling()
    if options.large:
        large()


if __name__ == "__main__":
    main()

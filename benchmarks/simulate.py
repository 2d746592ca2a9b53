"""Speed of the simulators, as ratios: `python -m benchmarks.simulate [--peer-python PYTHON ...] [--large]`.

Timed against drawing the same normals and nothing else, and against networks whose weights are drawn: with numpy
here, with torch and with the Monte Carlo kernels of Neural Tangents under every interpreter PYTHON that has them.  All
of this is processor time of one thread, the shortest of several runs; only the speed-up of two threads needs a clock on
the wall, and an idle machine.  `--large` adds width 10^7 at depth 100.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import theory as th
from numerics.reference import direct_network
from numerics.samplers.law_exact import LawSampler
from numerics.simulation import simulate
from numerics.streams import stream

PAIR = np.array([[1.0, 0.5], [0.5, 1.0]])
PEER = Path(__file__).with_name("simulate_peer.py")


@njit(nogil=True)
def normals(generator: Any, count: int) -> float:
    """Sum of normals, so that drawing them is not optimised away."""
    total = 0.0
    for _ in range(count):
        total += generator.standard_normal()
    return total


def clock(work: Callable[[], Any], rounds: int = 9, timer: Callable[[], float] = time.thread_time) -> float:
    """Shortest seconds of a call, after one that compiles."""
    work()
    times = []
    for _ in range(rounds):
        start = timer()
        work()
        times.append(timer() - start)
    return min(times)


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


def against_drawn_weights(peers: Sequence[str], width: int = 4096, depth: int = 10) -> None:
    work = sampler("relu", width, depth)
    law = clock(lambda: work.run(0, 20)) / 20
    line(f"law-exact, width {width}, depth {depth}, 2 inputs", f"{law * 1e3:.3f} ms")
    generator, inputs = np.random.default_rng(0), np.random.default_rng(1).standard_normal((2, width))
    with threadpool_limits(1):
        seconds = clock(
            lambda: direct_network(lambda h: np.maximum(h, 0), generator, inputs, [width] * depth, 2.0, 0.0), 2
        )
    line("numpy, weights drawn, double", f"{seconds:.2f} s, ratio {seconds / law:.0f}")
    for library in ("torch", "neural_tangents"):
        for precision in ("double", "single"):
            found = [time for python in peers if (time := peer_seconds(python, library, width, depth, precision))]
            value = f"{found[0]:.2f} s, ratio {found[0] / law:.0f}" if found else "not installed, give --peer-python"
            line(f"{library}, weights drawn, {precision}", value)


def peer_seconds(python: str, library: str, width: int, depth: int, precision: str) -> float | None:
    """Seconds of a peer, or None where the interpreter does not have it."""
    command = [python, str(PEER), library, str(width), str(depth), precision]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    last = done.stdout.split()[-1]
    return None if last == "missing" else float(last)


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
    sampler("relu", 10, 1).run(0, 1)
    work = sampler("relu", 10**7, 100)
    start, processor = time.perf_counter(), time.process_time()
    work.run(0, 1)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    print(f"{seconds:.1f} s, {processor:.1f} s of them on the processor, peak memory {peak_memory():.0f} MB")


def peak_memory() -> float:
    """Largest resident memory of this process in MB; on Linux without that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer-python", action="append", default=[], metavar="PYTHON", help="interpreter with torch or Neural Tangents"
    )
    parser.add_argument("--large", action="store_true", help="width 10^7 at depth 100")
    parser.add_argument("--one-large", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_large:
        _one_large()
        return
    against_the_normals()
    against_drawn_weights([sys.executable, *options.peer_python])
    scaling()
    if options.large:
        large()


if __name__ == "__main__":
    main()

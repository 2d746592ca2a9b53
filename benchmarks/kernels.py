"""NNGP and NTK on data against Neural Tangents in one run.  Run: python benchmarks/kernels.py [--peer-python PATH]

Seconds of the first call (derivation, tracing and compilation included, imports not) and of the best later call,
for 2 and 500 inputs of dimension 100 at depths 10 and 100, each in a fresh process.  Ours is `kernels` with an empty
cache of generated code; theirs is `kernel_fn` called as it is, and under `jax.jit`, at depth 100 with the layers in
`stax.repeat`.  In brackets: the largest difference of the two, relative to the diagonals.

Neural Tangents may live in an interpreter of its own (--peer-python); working pins: neural-tangents 0.6.5, jax and
jaxlib 0.5.3, tf2jax 0.3.7, numpy 2.4.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

DIMENSION = 100
SIZES = (2, 500)
DEPTHS = (10, 100)
ACTIVATIONS = ("relu", "erf", "gelu")
WEIGHT, BIAS = 1.3, 0.2
PATIENCE = 120
REPEATS = 5
# Unrolled layers take minutes to compile at depth 100.
PEERS = {10: ("eager", "jit"), 100: ("eager", "jit repeat")}


def data(size: int) -> Any:
    """The inputs, the same on both sides."""
    import numpy as np

    return np.random.default_rng(0).standard_normal((size, DIMENSION))


def timed(run: Any) -> dict[str, Any]:
    """Seconds of the first call and the best later one, and a few entries of the result."""
    start = time.perf_counter()
    nngp, ntk = run()
    first = time.perf_counter() - start
    best = float("inf")
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
        if best > 2:
            break
    corner = [[float(values[i][j]) for i in (0, 1) for j in (0, 1)] for values in (nngp, ntk)]
    return {"first": first, "steady": best, "corner": corner}


def ours(name: str, size: int, depth: int) -> dict[str, Any]:
    """This package."""
    from sympy import Rational

    import theory as th
    from numerics.infinite_width import kernels

    X = data(size)
    net = th.NetworkSpec(th.activation(name), C_W=Rational(13, 10) ** 2, C_b=Rational(1, 5) ** 2)
    return timed(lambda: kernels(net, X, depth + 1))


def theirs(mode: str, name: str, size: int, depth: int) -> dict[str, Any]:
    """Neural Tangents; depth counts activations, as theirs does."""
    import jax  # type: ignore[import-not-found]
    import numpy as np

    jax.config.update("jax_enable_x64", True)
    from neural_tangents import stax  # type: ignore[import-not-found]

    X = data(size)
    layer = {"relu": stax.Relu, "erf": stax.Erf, "gelu": stax.Gelu}[name]
    # `repeat` asks for equal widths in and out, which the infinite kernel does not see.
    pair = (stax.Dense(DIMENSION, W_std=WEIGHT, b_std=BIAS), layer())
    last = stax.Dense(1, W_std=WEIGHT, b_std=BIAS)
    body = [stax.repeat(stax.serial(*pair), depth)] if mode == "jit repeat" else [*pair * depth]
    _, _, kernel_fn = stax.serial(*body, last)

    def call(rows: Any) -> Any:
        found = kernel_fn(rows, rows, ("nngp", "ntk"))
        return found.nngp, found.ntk

    function = call if mode == "eager" else jax.jit(call)

    def run() -> Any:
        return tuple(np.asarray(values.block_until_ready()) for values in function(X))

    return timed(run)


def measured(python: str, role: list[str]) -> dict[str, Any] | None:
    """The result of one process; None if it does not finish."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"WIDETHEORY_CACHE": folder, "PYTHONPATH": str(Path(__file__).parent.parent)}
        try:
            done = subprocess.run(
                [python, __file__, "--role", *role],
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                env=environment,
                check=True,
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return None
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return found


def difference(mine: dict[str, Any], other: dict[str, Any]) -> float:
    """Largest difference of the first two inputs, relative to their diagonals."""
    worst = 0.0
    for a, b in zip(mine["corner"], other["corner"], strict=True):
        worst = max(worst, *(abs(x - y) / (b[0] * b[3]) ** 0.5 for x, y in zip(a, b, strict=True)))
    return worst


def main() -> None:
    """Print one line per case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer-python", default=sys.executable if importlib.util.find_spec("neural_tangents") else None
    )
    parser.add_argument("--role", nargs="+")
    parser.add_argument("--cases", nargs="*", help="activations, sizes or depths to keep, such as relu 2")
    options = parser.parse_args()
    if options.role:
        side, *case = options.role
        name, size, depth = case[0], int(case[1]), int(case[2])
        print(json.dumps(ours(name, size, depth) if side == "ours" else theirs(side, name, size, depth)))
        return
    if options.peer_python is None:
        print("Neural Tangents: not installed (give --peer-python)")
    kept = set(options.cases or [])
    for name in ACTIVATIONS:
        for size in SIZES:
            for depth in DEPTHS:
                case = [name, str(size), str(depth)]
                if kept - set(case):
                    continue
                mine = measured(sys.executable, ["ours", *case])
                if mine is None:
                    print(f"{name} {size} inputs, depth {depth}: ours not finished")
                    continue
                line = f"{name:5} {size:4} inputs, depth {depth:4}: ours {mine['first']:.3f} / {mine['steady']:.5f} s"
                for mode in PEERS[depth] if options.peer_python else ():
                    other = measured(options.peer_python, [mode, *case])
                    if other is None:
                        line += f"; {mode} not finished in {PATIENCE} s"
                    else:
                        line += (
                            f"; {mode} {other['first']:.3f} / {other['steady']:.5f} s ({difference(mine, other):.0e})"
                        )
                print(line, flush=True)


if __name__ == "__main__":
    main()

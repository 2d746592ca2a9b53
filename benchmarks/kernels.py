"""NNGP and NTK on data against Neural Tangents in one run.  Run: python benchmarks/kernels.py [--peer-python PATH]

Seconds of the first call (derivation, tracing and compilation included), of the best later call, and of the process
up to the end of the first call, imports included; for 2 and 500 inputs of dimension 100 at depths 10 and 100.  Every
figure is the best of `--rounds` fresh processes, ours and theirs in turn, as wall time and, in brackets, as time of all
processors together (of the process: the latter alone).  Both runtimes, numba's and XLA's, have run one trivial
function before the first call.  Ours is `kernels` with an empty cache of generated code; its own loops are compiled
once per machine, which the first line measures apart.
Theirs is `kernel_fn` called as it is, which compiles next to nothing and is their best first call, and under `jax.jit`,
at depth 100 with the layers in `stax.repeat`; activations without a kernel of their own go through
`stax.ElementwiseNumerical`, whose quadrature does not know kinks.  After the times: the largest difference of the
two over all entries, relative to the diagonals.

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
from itertools import product
from pathlib import Path
from typing import Any

DIMENSION = 100
SIZES = (2, 500)
DEPTHS = (10, 100)
ACTIVATIONS = {
    "relu": "max(x, 0)",
    "leaky_relu": "max(x, 0) + min(x, 0)/100",
    "erf": "erf(x)",
    "gelu": "x*Phi(x)",
    "sin": "sin(x)",
    "tanh": "tanh(x)",
    "unseen": "x*exp(-x^2) + sin(2*x)/3",
    "sigmoid_like": "erf(x/2.4020563531719796)/2 + 1/2",
    "abrelu": "4*max(x, 0)/5 - 3*min(x, 0)/10",
    "gabor": "exp(-x^2)*sin(x)",
    "rbf": "sqrt(2)*sin(sqrt(2)*x + pi/4)",
    "atan": "atan(x)",
    "hard_tanh": "max(-1, min(x, 1))",
}
WEIGHT, BIAS = 1.3, 0.2
PATIENCE = 300
ROUNDS = 2
SECONDS = 1.0  # of later calls in one process
# Unrolled layers take minutes to compile at depth 100.
PEERS = {10: ("eager", "jit"), 100: ("eager", "jit repeat")}


def data(size: int) -> Any:
    """The inputs, the same on both sides."""
    import numpy as np

    return np.random.default_rng(0).standard_normal((size, DIMENSION))


def timed(run: Any, place: str) -> dict[str, list[float]]:
    """Wall and processor seconds of the first call and of the best later one; the result is kept in a file."""
    import numpy as np

    def once() -> tuple[list[float], Any]:
        wall, processor = time.perf_counter(), time.process_time()
        found = run()
        return [time.perf_counter() - wall, time.process_time() - processor], found

    first, found = once()
    process = time.process_time()
    np.save(place, np.stack(found))
    best, end = [float("inf")] * 2, time.perf_counter() + SECONDS
    while True:
        times, _ = once()
        best = [min(pair) for pair in zip(best, times, strict=True)]
        if time.perf_counter() > end:
            return {"first": first, "steady": best, "process": [process]}


def ours(name: str, size: int, depth: int, place: str) -> dict[str, list[float]]:
    """This package; depth counts activations, as theirs does."""
    import numpy as np
    from sympy import Rational

    import theory as th
    from numerics.infinite_width import kernels
    from numerics.loops.layer_tape import evaluate
    from theory.parsing import parse_expression

    evaluate(np.empty((0, 4), np.int64), np.zeros(1), np.zeros(1, np.int64), np.zeros((1, 1)), np.zeros((1, 1)))
    X = data(size)
    phi = th.Activation(parse_expression(ACTIVATIONS[name]))
    net = th.NetworkSpec(phi, C_W=Rational(13, 10) ** 2, C_b=Rational(1, 5) ** 2)
    return timed(lambda: kernels(net, X, depth + 1), place)


def theirs(mode: str, name: str, size: int, depth: int, place: str) -> dict[str, list[float]]:
    """Neural Tangents."""
    import jax  # type: ignore[import-not-found]
    import numpy as np

    jax.config.update("jax_enable_x64", True)
    from jax import numpy as jnp
    from neural_tangents import stax  # type: ignore[import-not-found]

    jax.jit(lambda x: x + 1)(0.0).block_until_ready()
    X = data(size)
    layers = {
        "relu": stax.Relu,
        "leaky_relu": lambda: stax.LeakyRelu(0.01),
        "erf": stax.Erf,
        "gelu": stax.Gelu,
        "sin": stax.Sin,
        "tanh": lambda: stax.ElementwiseNumerical(jnp.tanh, deg=25),
        "sigmoid_like": stax.Sigmoid_like,
        "abrelu": lambda: stax.ABRelu(-0.3, 0.8),
        "gabor": stax.Gabor,
        "rbf": stax.Rbf,
        "atan": lambda: stax.ElementwiseNumerical(jnp.arctan, deg=25),
        "hard_tanh": lambda: stax.ElementwiseNumerical(lambda x: jnp.clip(x, -1, 1), deg=25),
        "unseen": lambda: stax.ElementwiseNumerical(lambda x: x * jnp.exp(-(x**2)) + jnp.sin(2 * x) / 3, deg=25),
    }
    # `repeat` asks for equal widths in and out, which the infinite kernel does not see.
    pair = (stax.Dense(DIMENSION, W_std=WEIGHT, b_std=BIAS), layers[name]())
    last = stax.Dense(1, W_std=WEIGHT, b_std=BIAS)
    body = [stax.repeat(stax.serial(*pair), depth)] if mode == "jit repeat" else [*pair * depth]
    _, _, kernel_fn = stax.serial(*body, last)

    def call(rows: Any) -> Any:
        found = kernel_fn(rows, rows, ("nngp", "ntk"))
        return found.nngp, found.ntk

    function = call if mode == "eager" else jax.jit(call)

    def run() -> Any:
        return tuple(np.asarray(values.block_until_ready()) for values in function(X))

    return timed(run, place)


def loops() -> dict[str, float]:
    """Processor seconds of compiling the loops of this package, once per machine."""
    import numpy as np

    from numerics.infinite_width import kernels
    from theory.activations import activation
    from theory.network import NetworkSpec

    start = time.process_time()
    for name in ("relu", "erf"):
        kernels(NetworkSpec(activation(name), C_W=1), np.eye(2), 2)
    return {"seconds": time.process_time() - start}


def measured(python: str, role: list[str]) -> dict[str, Any] | None:
    """The result of one process with an empty cache of generated code; None if it fails or does not finish."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"WIDETHEORY_CACHE": folder, "PYTHONPATH": str(Path(__file__).parent.parent)}
        if role[0] == "loops":
            environment["NUMBA_CACHE_DIR"] = folder
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


def best(rounds: list[dict[str, list[float]] | None]) -> str:
    """The smallest times of the rounds as text."""
    done = [found for found in rounds if found is not None]
    if not done:
        return f"failed, or not finished in {PATIENCE} s"
    texts = []
    for key in ("first", "steady"):
        wall, processor = (min(found[key][k] for found in done) for k in (0, 1))
        texts.append(f"{wall:.3g} ({processor:.3g})")
    return f"{' / '.join(texts)} / {min(found['process'][0] for found in done):.3g} s"


def difference(mine: str, other: str) -> str:
    """Largest difference of the entries relative to the diagonals, of both kernels."""
    import numpy as np

    if not (Path(mine).exists() and Path(other).exists()):
        return ""
    texts = []
    for a, b in zip(np.load(mine), np.load(other), strict=True):
        root = np.sqrt(np.diag(a))
        texts.append(f"{np.abs((a - b) / np.outer(root, root)).max():.0e}")
    return f" [{' '.join(texts)}]"


def compared(name: str, size: int, depth: int, peer: str | None, turns: int) -> str:
    """One case: all processes in turn, `turns` times."""
    case = [name, str(size), str(depth)]
    modes = PEERS[depth] if peer else ()
    rounds: dict[str, list[Any]] = {mode: [] for mode in ("ours", *modes)}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(turns):
            for mode, found in rounds.items():
                python = sys.executable if mode == "ours" else str(peer)
                found.append(measured(python, [mode, *case, f"{folder}/{mode}.npy"]))
        line = f"{name:12} {size:4} inputs, depth {depth:4}: ours {best(rounds['ours'])}"
        for mode in modes:
            line += f"; {mode} {best(rounds[mode])}{difference(f'{folder}/ours.npy', f'{folder}/{mode}.npy')}"
    return line


def main() -> None:
    """Print one line per case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer-python", default=sys.executable if importlib.util.find_spec("neural_tangents") else None
    )
    parser.add_argument("--role", nargs="+")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="processes of each kind, of which the best counts")
    parser.add_argument("--cases", nargs="*", help="activations, sizes and depths to keep, such as relu erf 2")
    options = parser.parse_args()
    if options.role:
        side, *case = options.role
        if side == "loops":
            print(json.dumps(loops()))
            return
        name, size, depth, place = case[0], int(case[1]), int(case[2]), case[3]
        run = ours if side == "ours" else lambda *rest: theirs(side, *rest)
        print(json.dumps(run(name, size, depth, place)))
        return
    if options.peer_python is None:
        print("Neural Tangents: not installed (give --peer-python)")
    compiled = measured(sys.executable, ["loops"])
    print(f"once per machine: {compiled['seconds']:.1f} s of processor time" if compiled else "loops not compiled")
    asked = set(options.cases or [])
    choices = [[*ACTIVATIONS], [*map(str, SIZES)], [*map(str, DEPTHS)]]
    # What is not asked for is kept whole.
    kept = [[choice for choice in kind if choice in asked] or kind for kind in choices]
    for name, size, depth in product(*kept):
        print(compared(name, int(size), int(depth), options.peer_python, options.rounds), flush=True)


if __name__ == "__main__":
    main()

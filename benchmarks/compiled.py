"""Measures compiled duals: errors against certified values, ns per point against numpy and Neural Tangents.

Run: python -m benchmarks.compiled [--peer PYTHON] [--names relu gelu ...].  PYTHON is an interpreter that has Neural
Tangents (see `benchmarks.neural_tangents_speed`); the default is the one that runs this file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import sympy as sp
from flint import acb, arb

import numerics as nm
import theory as th
from benchmarks.orthant_balls import Phi2_ball
from benchmarks.yardstick import EXACT, expression
from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import UnsupportedError
from theory.gaussian.functions import Phi2
from theory.symbols import q1, q2, rho, x

SIZES = (0.0, 0.1, 0.5, 0.9, 0.99, 1 - 1e-4, 1 - 1e-8, 1 - 1e-12, 1 - 1e-15, 1.0)
CORRELATIONS = sorted({sign * size for size in SIZES for sign in (1.0, -1.0)})
VARIANCES = ((1.0, 1.0), (0.5, 2.0), (1e-4, 30.0), (100.0, 0.01))
BITS = (100, 200, 400, 800, 1600, 3200, 6400)
POINTS = 10**6
REPEATS = 7
# The formulas of the literature, as one would write them with numpy.
NUMPY: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda r: (np.sqrt(1 - r**2) + r * (np.pi - np.arccos(r))) / (2 * np.pi),
    "gelu": lambda r: r / 4 + r * np.arcsin(r / 2) / (2 * np.pi) + 1 / (2 * np.pi * np.sqrt(4 - r**2)),
    "erf": lambda r: 2 / np.pi * np.arcsin(2 * r / 3),
}


def certified(expr: sp.Expr, symbols: Sequence[sp.Symbol], point: Sequence[float], scale: arb) -> arb:
    """Ball around the value at a point of doubles, of radius far below 1e-14 scale."""
    if abs(point[0]) == 1:
        exact = {s: sp.Rational(a) for s, a in zip(symbols[1:], point[1:], strict=True)}
        return enclose(expr.subs(exact).subs(symbols[0], int(point[0])), 30)
    for bits in BITS:
        with workprec(bits):
            value = ball_function(expr, symbols)([acb(arb(float(a))) for a in point], False).real
            if value.rad() < arb("1e-18") * (abs(value.mid()) + scale) or abs(value) < arb("1e-400"):
                return value
    raise ArithmeticError(f"no certified value of {expr} at {point}")


def worst_error(expr: sp.Expr, symbols: list[sp.Symbol], variances: Sequence[tuple[float, ...]]) -> float:
    """Largest error of the compiled function on the grid, in units of sqrt(f(1; q1, q1) f(1; q2, q2))."""
    function = nm.compile(expr, symbols)
    worst = 0.0
    for pair in variances:
        with workprec(200):
            ends = [(1.0, q, q) for q in pair] or [(1.0,), (1.0,)]
            scale = abs(certified(expr, symbols, ends[0], arb(0)) * certified(expr, symbols, ends[1], arb(0))).sqrt()
            for r in CORRELATIONS:
                value = float(function(r, *pair))
                error = abs(arb(value) - certified(expr, symbols, (r, *pair), scale)) / scale
                worst = max(worst, float(error.mid()))
    return worst


def accuracy(names: Sequence[str]) -> None:
    """Table of the errors of duals and derivative kernels."""
    Phi2._ball = staticmethod(Phi2_ball)
    total = 0.0
    for name in names:
        phi = th.Activation(expression(EXACT[name]), x)
        errors = [
            worst_error(phi.dual(rho), [rho], [()]),
            worst_error(phi.dual(rho, q1, q2), [rho, q1, q2], VARIANCES),
        ]
        try:
            errors.append(worst_error(phi.dual_derivative(rho), [rho], [()]))
        except UnsupportedError:
            errors.append(float("nan"))
        total = max(total, np.nanmax(errors))
        print(f"{name:24} dual {errors[0]:.1e}  with variances {errors[1]:.1e}  derivative {errors[2]:.1e}", flush=True)
    print(f"worst error of {len(names)} activations, relative to the scale: {total:.1e}")


def best_time(function: Callable[[np.ndarray], object], points: np.ndarray) -> float:
    """Nanoseconds per point, the best of several runs."""
    function(points[:10])
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function(points)
        times.append(time.perf_counter() - start)
    return min(times) / points.size * 1e9


def peer_times(python: str) -> dict[str, float]:
    """Neural Tangents' times, empty where it is not installed."""
    script = Path(__file__).with_name("neural_tangents_speed.py")
    done = subprocess.run([python, str(script)], capture_output=True, text=True, check=False)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}


def speed(python: str) -> None:
    """Table of ns per point, one thread."""
    points = np.random.default_rng(0).uniform(-1, 1, POINTS)
    peer = peer_times(python)
    for name, plain in NUMPY.items():
        compiled = nm.compile(th.Activation(expression(EXACT[name]), x).dual(rho), rho)
        ours, theirs = best_time(compiled, points), best_time(plain, points)
        rest = f"Neural Tangents {peer[name]:.1f} (ratio {peer[name] / ours:.0f})" if peer else "not installed"
        print(f"{name:6} ours {ours:.2f} ns   numpy {theirs:.1f} (ratio {theirs / ours:.0f})   {rest}")
    tanh = nm.compile(th.Activation(sp.tanh(x), x).dual(rho), rho)
    hard = nm.compile(th.Activation(expression(EXACT["hard_tanh"]), x).dual(rho), rho)
    print(f"tanh, a series: {best_time(tanh, points):.1f} ns   hard tanh, Phi2: {best_time(hard, points):.1f} ns")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=sys.executable, help="interpreter with Neural Tangents")
    parser.add_argument("--names", nargs="*", default=list(EXACT), help="activations whose errors are measured")
    arguments = parser.parse_args()
    speed(arguments.peer)
    accuracy(arguments.names)


if __name__ == "__main__":
    main()

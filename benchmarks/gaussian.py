"""Measures the Gaussian engine against its peers in one run.  Run: python benchmarks/gaussian.py [--peers]

1. CPU seconds per closed-form dual with symbolic variances and correlation, one process, caches cold per activation.
2. Certified digits of duals outside the exact class, against mpmath's two-dimensional quadrature (without a bound).
3. With --peers: sympy.integrate on the same duals, given 8 s each.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from typing import Any

import mpmath
from sympy import Integral, Rational, exp, integrate, lambdify, oo, pi, sqrt

import theory as th
from benchmarks.yardstick import EXACT, OUTSIDE, expression
from theory.gaussian.integration import integrate_ball
from theory.symbols import q1, q2, rho, u, v, x

PATIENCE = 8.0
DIGITS = 20
CORRELATION = Rational(3, 10)


def closed_forms() -> dict[str, float]:
    """CPU seconds of every closed form."""
    times = {}
    for name, text in EXACT.items():
        start = time.process_time()
        value = th.Activation(expression(text), x).dual(rho, q1, q2)
        times[name] = time.process_time() - start
        if not th.is_closed_form(value):
            print(f"{name}: NO closed form")
    return times


def certified() -> list[tuple[str, float, float]]:
    """(name, our CPU seconds with a rigorous bound, mpmath's without one)."""
    rows = []
    for name in ("tanh", "silu", "softplus"):
        phi = expression(OUTSIDE[name])
        law = th.Gaussian([u, v], corr=CORRELATION)
        start = time.process_time()
        ball = integrate_ball(phi.subs(x, u) * phi.subs(x, v), law, DIGITS)
        ours = time.process_time() - start
        f = lambdify(x, phi, "mpmath")
        mpmath.mp.dps = DIGITS
        r = mpmath.mpf(3) / 10
        d = 1 - r * r

        def integrand(s, t, f=f, r=r, d=d):
            return (
                f(s) * f(t) * mpmath.exp(-(s * s - 2 * r * s * t + t * t) / (2 * d)) / (2 * mpmath.pi * mpmath.sqrt(d))
            )

        start = time.process_time()
        value = mpmath.quad(integrand, [-11, 0, 11], [-11, 0, 11])
        theirs = time.process_time() - start
        gap = abs(value - mpmath.mpf(ball.mid().str(DIGITS + 5, radius=False)))
        rows.append((name, ours, theirs))
        print(
            f"{name:10} ours {ours:.3f} s (bound {float(ball.rad()):.0e})   mpmath.quad {theirs:.2f} s "
            f"(differs by {float(gap):.0e})   ratio {theirs / ours:.0f}"
        )
    return rows


def _integrate(text: str, queue: Any) -> None:
    phi = expression(text)
    weight = exp(-(u**2 - 2 * rho * u * v + v**2) / (2 * (1 - rho**2))) / (2 * pi * sqrt(1 - rho**2))
    value = integrate(integrate(phi.subs(x, u) * phi.subs(x, v) * weight, (u, -oo, oo)), (v, -oo, oo))
    queue.put(not value.has(Integral))


def peers() -> None:
    """How many of the duals at unit variance sympy.integrate closes in the time given."""
    closed = 0
    spawn = multiprocessing.get_context("spawn")
    for name, text in EXACT.items():
        queue = spawn.Queue()
        worker = spawn.Process(target=_integrate, args=(text, queue))
        worker.start()
        worker.join(PATIENCE)
        done = not worker.is_alive() and not queue.empty() and queue.get()
        worker.kill()
        closed += bool(done)
        print(f"{name:24} sympy.integrate: {'closed' if done else 'nothing'}", flush=True)
    print(f"sympy.integrate: {closed} of {len(EXACT)} in {PATIENCE:.0f} s each")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", action="store_true", help="also run sympy.integrate (minutes)")
    arguments = parser.parse_args()
    times = closed_forms()
    for name, seconds in times.items():
        print(f"{name:24} {seconds:.3f} s")
    slowest = max(times, key=times.__getitem__)
    print(f"{len(times)} closed forms: {sum(times.values()):.2f} s CPU, slowest {slowest} {times[slowest]:.2f} s")
    certified()
    if arguments.peers:
        peers()


if __name__ == "__main__":
    main()

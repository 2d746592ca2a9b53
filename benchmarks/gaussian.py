"""Measures the Gaussian engine against its peers in one run.

Run: python -m benchmarks.gaussian [--all] [--peer PYTHON].

1. CPU seconds per closed-form dual with symbolic variances and correlation, one process, caches cold per activation.
2. Certified digits of duals outside the exact class, against mpmath's two-dimensional quadrature (without a bound).
3. Hermite coefficients c_0 ... c_100, against acb.integral and mpmath.quad one coefficient at a time.
4. sympy.integrate on the same duals, given 8 s each: six of them, or with --all every one.
5. Compiled duals: `benchmarks.compiled`, against numpy and, where PYTHON has it, Neural Tangents.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
from flint import acb, arb
from sympy import Integral, Rational, exp, integrate, lambdify, oo, pi, sqrt

import theory as th
from benchmarks.compiled import accuracy, speed
from benchmarks.yardstick import EXACT, OUTSIDE, expression
from theory.balls import workprec
from theory.gaussian.integration import integrate_ball
from theory.symbols import q1, q2, rho, u, v, x

PATIENCE = 8.0
DIGITS = 20
SAMPLE = ("relu", "gelu", "erf", "exp", "sin", "hard_tanh")
LAST, COEFFICIENT_DIGITS = 100, 30
REACH = 22  # of the ball integrals; the tails beyond are below 1e-50
BALLS: dict[str, Callable[[acb], acb]] = {
    "tanh": lambda z: z.tanh(),
    "silu": lambda z: z / (1 + (-z).exp()),
    "softplus": lambda z: (1 + z.exp()).log(),
}
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


def _one_by_one(ball: Callable[[acb], acb], order: int) -> arb:
    """c_k by one ball integral."""

    def integrand(z: acb, _: bool) -> acb:
        before, now = acb(0), acb(1)
        for k in range(order):
            before, now = now, (z * now - acb(k).sqrt() * before) / acb(k + 1).sqrt()
        return ball(z) * now * (-z * z / 2).exp()

    ends = (acb(-REACH), acb(REACH))
    return acb.integral(integrand, *ends, abs_tol=arb(10) ** -COEFFICIENT_DIGITS).real / (2 * arb.pi()).sqrt()


def coefficients() -> None:
    """All coefficients at once, against one at a time: every tenth of them, times ten."""
    for name, ball in BALLS.items():
        phi = expression(OUTSIDE[name])
        start = time.process_time()
        found = th.Activation(phi, x).hermite_coefficients(LAST, digits=COEFFICIENT_DIGITS)
        ours = time.process_time() - start
        gap = 0.0
        start = time.process_time()
        for k in range(5, LAST, 10):
            with workprec(160):
                gap = max(gap, abs(float((_one_by_one(ball, k) - found[k]).mid())))
        theirs = 10 * (time.process_time() - start)
        f = lambdify(x, phi, "mpmath")
        mpmath.mp.dps = COEFFICIENT_DIGITS
        start = time.process_time()
        for k in (15, 55, 95):
            # mpmath.hermite is the physicists' polynomial.
            mpmath.quad(
                lambda t, k=k, f=f: f(t) * mpmath.hermite(k, t / mpmath.sqrt(2)) * mpmath.exp(-t * t / 2),
                [-REACH, 0, REACH],
            )
        quad = (LAST + 1) / 3 * (time.process_time() - start)
        print(
            f"c_0 ... c_{LAST} of {name:9} ours {ours:.3f} s (radius {float(found.radius):.0e})   acb.integral "
            f"{theirs:.1f} s (ratio {theirs / ours:.0f}, differs by {gap:.0e})   mpmath.quad {quad:.0f} s "
            f"(ratio {quad / ours:.0f})"
        )


def peers(names: Sequence[str]) -> None:
    """How many of the duals at unit variance sympy.integrate closes in the time given."""
    closed = 0
    spawn = multiprocessing.get_context("spawn")
    for name in names:
        text = EXACT[name]
        queue = spawn.Queue()
        worker = spawn.Process(target=_integrate, args=(text, queue))
        worker.start()
        worker.join(PATIENCE)
        done = not worker.is_alive() and not queue.empty() and queue.get()
        worker.kill()
        closed += bool(done)
        print(f"{name:24} sympy.integrate: {'closed' if done else 'nothing'}", flush=True)
    print(f"sympy.integrate: {closed} of {len(names)} in {PATIENCE:.0f} s each")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="sympy.integrate on all duals (minutes)")
    parser.add_argument("--peer", default=sys.executable, help="interpreter with Neural Tangents")
    arguments = parser.parse_args()
    times = closed_forms()
    for name, seconds in times.items():
        print(f"{name:24} {seconds:.3f} s")
    slowest = max(times, key=times.__getitem__)
    print(f"{len(times)} closed forms: {sum(times.values()):.2f} s CPU, slowest {slowest} {times[slowest]:.2f} s")
    certified()
    coefficients()
    peers(tuple(EXACT) if arguments.all else SAMPLE)
    speed(arguments.peer)
    accuracy(tuple(EXACT))


if __name__ == "__main__":
    main()

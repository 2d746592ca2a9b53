"""Fixed points of the maps of the whole catalogue, to 50 digits: times, completeness, refusals.

Run: python -m benchmarks.fixed_points [--names relu gelu ...] [--limit SECONDS] [--digits 50].  One Markdown row per
activation and problem; times are CPU seconds of finding, classifying and enclosing all points, caches cold for the
first problem of an activation.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType

from sympy import Rational, oo
from sympy.core.cache import clear_cache

import theory as th
from theory.layers import Normalization
from theory.network import NetworkSpec
from theory.propagation.fixed_point import FixedPoints
from theory.propagation.variance_mean import K

VARIANCES = ((Rational(3, 2), Rational(1, 10)), (Rational(1), Rational(0)), (Rational(2), Rational(0)))
NORMALIZATIONS = (("rms", "before"), ("layer", "after"))
CLOSED_GOAL, OPEN_GOAL = 1, 10


class OutOfTimeError(Exception):
    """The CPU limit of a problem was reached."""


@dataclass(frozen=True)
class Row:
    """One problem: CPU seconds, number of points, is the list proved complete, and why it is not or was refused."""

    name: str
    problem: str
    seconds: float
    count: int | None
    complete: bool
    remark: str

    def __str__(self) -> str:
        count = "-" if self.count is None else self.count
        return (
            f"| {self.name} | {self.problem} | {self.seconds:.2f} | {count} | {'yes' if self.complete else 'no'} "
            f"| {self.remark} |"
        )


def timed(
    name: str, problem: str, find: Callable[[], FixedPoints], digits: int, limit: float
) -> tuple[Row, FixedPoints]:
    """Find the points and enclose each of them."""
    signal.setitimer(signal.ITIMER_PROF, limit)
    start = time.process_time()
    points = FixedPoints([], range=(Rational(0), oo), complete=False)
    try:
        points = find()
        for point in points:
            if point.stability != "continuum":
                point.enclosure(digits)
        count, remark = len(points), points.reason
    except OutOfTimeError:
        count, remark = None, f"stopped after {limit:g} s"
    except th.TheoryError as error:
        count, remark = None, f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    seconds = time.process_time() - start
    return Row(name, problem, seconds, count, points.complete, remark[:160].replace("|", "\\|")), points


def rows(name: str, digits: int, limit: float) -> Iterator[Row]:
    """The problems of one activation."""
    clear_cache()
    phi = th.activation(name)
    for weight, bias in VARIANCES:
        net = NetworkSpec(phi, C_W=weight, C_b=bias)
        row, points = timed(name, f"variance ({weight}, {bias})", net.variance_fixed_points, digits, limit)
        yield row
        stable = [p.value for p in points if p.attracts and p.value != 0]
        if stable:
            value = stable[0]
            yield timed(
                name,
                f"correlation ({weight}, {bias})",
                lambda net=net, value=value: net.correlation_fixed_points(value),
                digits,
                limit,
            )[0]
    for kind, place in NORMALIZATIONS:
        net = NetworkSpec(phi, C_W=1, normalization=Normalization(kind, place))
        yield timed(name, f"correlation {kind} {place}", net.correlation_fixed_points, digits, limit)[0]
    yield from critical_rows(name, phi, digits, limit)


def critical_rows(name: str, phi: th.Activation, digits: int, limit: float) -> Iterator[Row]:
    """Variance fixed points of the critical networks."""
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        found = list(th.critical_points(phi))
    except (OutOfTimeError, th.TheoryError):
        return
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    for i, point in enumerate(found):
        # Where every positive variance is critical, that at one stands for them.
        net = point.spec().subs({K: 1}) if point.C_W.has(K) or point.C_b.has(K) else point.spec()
        yield timed(name, f"variance critical {i + 1}", net.variance_fixed_points, digits, limit)[0]


def stop(number: int, frame: FrameType | None) -> None:
    """Signal handler of the CPU limit."""
    raise OutOfTimeError


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table and its summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", nargs="*", default=th.activation_names())
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--digits", type=int, default=50)
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGPROF, stop)
    found: list[Row] = []
    print("| activation | problem | CPU s | points | complete | remark |\n|---|---|---|---|---|---|")
    for name in arguments.names:
        for row in rows(name, arguments.digits, arguments.limit):
            print(row, flush=True)
            found.append(row)
    solved = [r for r in found if r.count is not None]
    print(f"\n{len(found)} problems: {len(solved)} solved, {sum(r.complete for r in solved)} lists proved complete;")
    for goal in (CLOSED_GOAL, OPEN_GOAL):
        print(f"{sum(r.seconds < goal for r in solved)} within {goal} s;")
    slowest = sorted(found, key=lambda r: -r.seconds)[:5]
    print(f"slowest: {', '.join(f'{r.name} {r.problem} {r.seconds:.1f} s' for r in slowest)}")


if __name__ == "__main__":
    main()

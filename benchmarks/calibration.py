"""Calibration of the confidence sequences: false alarms at every stopping time, and power at one resolution.

Usage: `python -m benchmarks.calibration [--runs 100000] [--seed 0] [--laws normal lognormal ...]`.  A run draws from a
law whose mean is known and looks after every draw; a false alarm is a look at which the rule of decision says FAILS
about the true mean.  For the power the claim is off by one resolution of a tenth of a standard deviation, and sampling
stops when the interval is settled and half as wide as the resolution.  Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
from numpy.typing import NDArray

from numerics.loops.jit import kernel
from numerics.statistics import DOMINANCE_LIMIT, SKEWNESS_LIMIT, ConfidenceSequence
from numerics.streams import stream

ALPHAS = (0.1, 0.01, 1e-3, 1e-4)
TARGET = 1000.0
RESOLUTION = 0.1  # in standard deviations
POWER_RUNS = 1000
POWER_DRAWS = 200_000
# Mean, standard deviation, looks per run: more where the skewness condition opens late.
LAWS = {
    "normal": (0.0, 1.0, 3_000),
    "bernoulli": (0.1, 0.3, 3_000),
    "exponential": (1.0, 1.0, 3_000),
    "t5": (0.0, math.sqrt(5 / 3), 3_000),
    "lognormal": (math.exp(0.5), math.sqrt((math.e - 1) * math.e), 10_000),
}


@kernel
def draw(generator, law):  # type: ignore[no-untyped-def]
    if law == 0:
        return generator.standard_normal()
    if law == 1:
        return 1.0 if generator.random() < 0.1 else 0.0
    if law == 2:
        return generator.standard_exponential()
    if law == 3:
        square = 2 * (generator.standard_exponential() + generator.standard_exponential())
        return generator.standard_normal() / math.sqrt((square + generator.standard_normal() ** 2) / 5)
    return math.exp(generator.standard_normal())


@kernel
def add(sums, n, x):  # type: ignore[no-untyped-def]
    """The n-th draw enters mean, central sums 2, 3, 4 and extremes; whether the sample has a spread."""
    centre, m2, m3, m4, low, high = sums
    d = x - centre
    step = d / n
    term = d * step * (n - 1)
    m4 += term * step * step * (n * n - 3 * n + 3) + 6 * step * step * m2 - 4 * step * m3
    m3 += term * step * (n - 2) - 3 * step * m2
    low, high = min(low, x), max(high, x)
    sums[:] = centre + step, m2 + term, m3, m4, low, high
    return n > 1 and high > low


@kernel
def may_refute(sums, n, cube):  # type: ignore[no-untyped-def]
    """Is the skewness term negligible, and the mean not that of one draw?  `cube` is z^3/6."""
    centre, m2, m3, m4, low, high = sums
    skew = max(abs(m3) / m2 * math.sqrt(n / m2), math.sqrt(0.9 * max(0.0, m4 * n / m2**2 - 3)))
    farthest = max(centre - low, high - centre) ** 2
    return cube * skew < SKEWNESS_LIMIT * math.sqrt(n) and farthest <= DOMINANCE_LIMIT * m2


@kernel
def false_alarms(generator, law, mean, squares, cubes, runs, alarms):  # type: ignore[no-untyped-def]
    """Runs that ever say FAILS, per level; `squares` are squared half-widths, `cubes` z^3/6."""
    levels, longest = squares.shape
    for _ in range(runs):
        sums = np.array([0.0, 0.0, 0.0, 0.0, math.inf, -math.inf])
        done = np.zeros(levels, dtype=np.bool_)
        for n in range(1, longest):
            if not add(sums, n, draw(generator, law)):
                continue
            gap = (sums[0] - mean) ** 2 * n
            for level in range(levels):
                apart = gap > squares[level, n] * sums[1]
                if apart and not done[level] and may_refute(sums, n, cubes[level]):
                    done[level] = True
                    alarms[level] += 1


@kernel
def detections(generator, law, claim, resolution, squares, cube, runs, counts):  # type: ignore[no-untyped-def]
    """Runs that say FAILS about a claim off by one resolution when sampling stops; also the draws spent."""
    longest = len(squares)
    for _ in range(runs):
        sums = np.array([0.0, 0.0, 0.0, 0.0, math.inf, -math.inf])
        for n in range(1, longest):
            spread = add(sums, n, draw(generator, law))
            if not spread or squares[n] * sums[1] > n * resolution**2 / 4 or not may_refute(sums, n, cube):
                continue
            counts[0] += (sums[0] - claim) ** 2 * n > squares[n] * sums[1]
            counts[1] += n
            break


def squared_widths(alpha: float, longest: int) -> NDArray[np.float64]:
    """Squared half-widths, relative to the root mean square, at every count."""
    sequence = ConfidenceSequence(alpha, TARGET)
    return np.array([sequence.relative_half_width(n) ** 2 for n in range(longest)])


def measure(law: str, runs: int, seed: int) -> None:
    """One row of the table."""
    mean, sd, longest = LAWS[law]
    number = list(LAWS).index(law)
    cubes = np.array([ConfidenceSequence(a).z ** 3 / 6 for a in ALPHAS])
    squares = np.array([squared_widths(a, longest) for a in ALPHAS])
    alarms = np.zeros(len(ALPHAS), dtype=np.int64)
    start = time.process_time()
    false_alarms(stream(f"calibration|{law}", longest, 0, seed), number, mean, squares, cubes, runs, alarms)
    seconds = time.process_time() - start
    found = []
    for level, alpha in enumerate(ALPHAS):
        counts = np.zeros(2, dtype=np.int64)
        resolution = RESOLUTION * sd
        widths = squared_widths(alpha, POWER_DRAWS)
        generator = stream(f"power|{law}|{alpha}", POWER_DRAWS, 0, seed)
        detections(generator, number, mean + resolution, resolution, widths, cubes[level], POWER_RUNS, counts)
        found.append(f"{counts[0] / POWER_RUNS:.1%}")
    shares = " | ".join(f"{alarm / runs:.5f}" for alarm in alarms)
    print(f"| {law} | {longest} | {shares} | {', '.join(found)} | {seconds:.0f} s |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--laws", nargs="*", default=list(LAWS), choices=list(LAWS))
    options = parser.parse_args()
    levels = " | ".join(f"{a:g}" for a in ALPHAS)
    print(f"| law | looks | {levels} | power at these levels | CPU |")
    print("|---" * (len(ALPHAS) + 4) + "|")
    for law in options.laws:
        measure(law, options.runs, options.seed)


if __name__ == "__main__":
    main()

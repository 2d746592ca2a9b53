"""Haar moments: this package against haarpy, every measurement in a fresh process.

Usage: `python benchmarks/haar.py [--haarpy PYTHON] [--limit SECONDS] [--quick]`.  `PYTHON` is an interpreter
that can import haarpy; without it only our own times are printed.  Each case is timed once, in CPU seconds,
from the finished input to the result.  Before the clock starts, both sides compute E o11^2 in another symbol,
which loads the parts of sympy that load themselves on first use; nothing about the case is cached.  haarpy is
timed with both of its algorithms, the better one counts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

OWN = """
import sys, json, time
sys.path.insert(0, {root!r})
from sympy import Symbol, Mul, conjugate
from theory.haar.group import Haar
from theory.haar.weingarten import weingarten, table
case = json.loads({case!r})
d = Symbol("d") if case["d"] is None else case["d"]
warm = Haar("O", Symbol("w"))
(warm.mean(warm[1, 1] ** 2) + 1) * (Symbol("w") + Symbol("v") + 2)
def build(group, cells, star=False):
    return Mul(*[(conjugate(group[i + 1, j + 1]) if star else group[i + 1, j + 1]) for i, j in cells])
if case["group"].startswith("Wg"):
    kind = case["group"][2:]
    run = lambda: [weingarten(kind, mu, d) for mu in table(kind, case["degree"]).types]
else:
    group = Haar(case["group"], d)
    if case["group"] == "Sp":
        half = lambda i: i[0] + 1 + (d if i[1] else 0)
        expr = Mul(*[group[half(i), half(j)] for i, j in case["cells"]])
    else:
        expr = build(group, case["cells"])
    if case["group"] == "U":
        expr = expr * build(group, case["stars"], True)
    run = lambda: group.mean(expr)
start = time.process_time()
run()
print(time.process_time() - start)
"""

PEER = """
import json, time
from sympy import Symbol
import haarpy
case = json.loads({case!r})
d = Symbol("d") if case["d"] is None else case["d"]
w = Symbol("w")
(haarpy.haar_integral_orthogonal(((0, 0), (0, 0)), w) + 1) * (w + Symbol("v") + 2)
def sequences(cells):
    return tuple(i for i, _ in cells), tuple(j for _, j in cells)
def partitions(total, largest):
    if total == 0:
        yield ()
    for head in range(min(total, largest), 0, -1):
        for tail in partitions(total - head, head):
            yield (head, *tail)
cells, stars = sequences(case.get("cells", [])), sequences(case.get("stars", []))
if case["group"].startswith("Wg"):
    function = {{"O": haarpy.weingarten_orthogonal, "U": haarpy.weingarten_unitary}}[case["group"][2:]]
    run = lambda: [function(mu, d) for mu in partitions(case["degree"], case["degree"])]
elif case["group"] == "O":
    run = lambda: haarpy.haar_integral_orthogonal(cells, d, {algorithm!r})
elif case["group"] == "U":
    run = lambda: haarpy.haar_integral_unitary(cells, stars, d, {algorithm!r})
elif case["group"] == "S0":
    run = lambda: haarpy.haar_integral_centered_permutation(*cells, d)
else:
    half = lambda i: (i[0] + d if i[0] else d) if i[1] else i[0]
    both = tuple(map(half, cells[0])), tuple(map(half, cells[1]))
    run = lambda: haarpy.haar_integral_symplectic(both, d)
start = time.process_time()
run()
print(time.process_time() - start)
"""


def from_powers(powers: list[list[int]]) -> list[tuple[int, int]]:
    """Cells of an exponent matrix, with repetition."""
    return [(i, j) for i, row in enumerate(powers) for j, a in enumerate(row) for _ in range(a)]


def diagonal(count: int) -> list[list[int]]:
    """Exponents of a product of squared diagonal entries."""
    return [[2 * (i == j) for j in range(count)] for i in range(count)]


def cases() -> list[dict[str, object]]:
    """The monomials and tables of the comparison."""
    orthogonal: list[tuple[str, list[list[int]]]] = [
        ("o11^2", [[2]]),
        ("o11^2 o22^2", diagonal(2)),
        ("o11 o12 o21 o22", [[1, 1], [1, 1]]),
        ("o11^8", [[8]]),
        ("3 diagonal squares", diagonal(3)),
        ("(2,2;2,2)", [[2, 2], [2, 2]]),
        ("4 diagonal squares", diagonal(4)),
        ("(4,0;0,4)", [[4, 0], [0, 4]]),
        ("3-cycle", [[1, 1, 0], [0, 1, 1], [1, 0, 1]]),
        ("5 diagonal squares", diagonal(5)),
        ("o11^10", [[10]]),
        ("(4,2;2,2)", [[4, 2], [2, 2]]),
        ("(2,1,1;1,2,1;1,1,2)", [[2, 1, 1], [1, 2, 1], [1, 1, 2]]),
        ("6 diagonal squares", diagonal(6)),
        ("(4,2;2,4)", [[4, 2], [2, 4]]),
        ("o11^12", [[12]]),
        ("(4,4;4,4)", [[4, 4], [4, 4]]),
        ("8 diagonal squares", diagonal(8)),
        ("(2,2,2)^3", [[2, 2, 2]] * 3),
        ("10 diagonal squares", diagonal(10)),
    ]
    found: list[dict[str, object]] = []
    for name, powers in orthogonal:
        for size in (None, 10):
            found.append({"name": f"O {name}", "group": "O", "d": size, "cells": from_powers(powers)})
    unitary = [("|u11|^2", [[1]]), ("|u11 u22|^2", [[1, 0], [0, 1]]), ("|u11|^8", [[4]])]
    unitary += [
        ("|u11 u22 u33|^2", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        ("|u11 u12 u21 u22|^2", [[1, 1], [1, 1]]),
    ]
    unitary += [("|u11 u22 u33 u44|^2", [[int(i == j) for j in range(4)] for i in range(4)])]
    for name, powers in unitary:
        for size in (None, 10):
            cells = from_powers(powers)
            found.append({"name": f"U {name}", "group": "U", "d": size, "cells": cells, "stars": cells})
    crossed = {"group": "U", "d": None, "cells": [(0, 0), (1, 1)], "stars": [(0, 1), (1, 0)]}
    found.append({"name": "U u11 u22 conj(u12 u21)", **crossed})
    for degree in (2, 3):
        paired = [((0, 0), (0, 0)), ((0, 1), (0, 1))] * degree
        found.append({"name": f"Sp |s11|^{2 * degree}", "group": "Sp", "d": None, "cells": paired})
    for power in (3, 4):
        found.append({"name": f"S0 q11^{power}", "group": "S0", "d": None, "cells": [(0, 0)] * power})
    for kind, degrees in (("O", (2, 3, 4, 5, 6, 10)), ("U", (3, 4, 5, 6, 8))):
        for degree in degrees:
            name = f"Wg {kind}, all of degree {degree}"
            found.append({"name": name, "group": f"Wg{kind}", "d": None, "degree": degree})
    return found


def measure(python: str, code: str, limit: float) -> float | None:
    """CPU seconds reported by a fresh process; None beyond the limit or where the case is refused."""
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=limit + 10)
    except subprocess.TimeoutExpired:
        return None
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def peer_time(python: str, case: dict[str, object], limit: float) -> float | None:
    """The better algorithm of haarpy."""
    algorithms = ["gorin", "collins"] if case["group"] in ("O", "U") else ["collins"]
    times = []
    bound = limit
    for algorithm in algorithms:
        seconds = measure(python, PEER.format(case=json.dumps(case), algorithm=algorithm), bound)
        if seconds is not None:
            times.append(seconds)
            bound = min(limit, 2 * seconds + 5)
    return min(times, default=None)


def main() -> int:
    """Print the table and the summary; the exit status says whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--haarpy", metavar="PYTHON", help="interpreter that can import haarpy")
    parser.add_argument("--limit", type=float, default=20.0, help="seconds allowed to haarpy per measurement")
    parser.add_argument("--quick", action="store_true", help="symbolic dimension only")
    options = parser.parse_args()
    print(f"{'case':34} {'d':>6} {'ours':>10} {'haarpy':>10} {'ratio':>9}")
    ratios, failures = [], []
    for case in cases():
        if options.quick and case["d"] is not None:
            continue
        own = measure(sys.executable, OWN.format(root=str(ROOT), case=json.dumps(case)), 60)
        if own is None:
            failures.append(f"{case['name']}: no result")
            continue
        peer = peer_time(options.haarpy, case, options.limit) if options.haarpy else None
        ratio = peer / own if peer is not None else None
        if peer is not None and ratio is not None:
            ratios.append(ratio)
            if peer > 0.01 and ratio < 10:
                failures.append(f"{case['name']} (d = {case['d']}): only {ratio:.1f} times faster")
            if peer < 0.001 and own > 0.0005:
                failures.append(f"{case['name']} (d = {case['d']}): {own * 1e3:.2f} ms where haarpy takes < 1 ms")
        size = "sym" if case["d"] is None else str(case["d"])
        theirs = f"{peer:10.4f}" if peer is not None else "         -"
        shown = f"{ratio:9.0f}" if ratio is not None else "        -"
        print(f"{case['name']:34} {size:>6} {own:10.5f} {theirs} {shown}", flush=True)
    if ratios:
        print(f"median ratio {statistics.median(ratios):.0f} over {len(ratios)} cases")
    for failure in failures:
        print("missed:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())

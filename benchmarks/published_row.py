"""One line of the published tables, and the rule that judges it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from numpy.typing import ArrayLike

from numerics.statistics import DOMINANCE_LIMIT, Accumulator, Interval, Outcome, decide

ERRORS = 5.0
VERDICTS = {Outcome.HOLDS: "agrees", Outcome.FAILS: "differs", Outcome.UNDECIDED: "undecided"}


@dataclass(frozen=True)
class Row:
    """One line of the table: `draws` returns independent draws whose mean is compared with `expected`.

    `envelope` is a number and `reason` its formula; `source` a key of theory/references.bib; `holds` says whether the
    statement is true, so that the row should agree.
    """

    identifier: str
    source: str
    quantity: str
    expected: float
    envelope: float
    reason: str
    draws: Callable[[], ArrayLike]
    holds: bool = True


@dataclass(frozen=True)
class Result:
    """What a row measured: mean, half-width of its interval, verdict, seconds."""

    row: Row
    mean: float
    error: float
    verdict: str
    seconds: float

    @property
    def line(self) -> str:
        row = self.row
        note = "" if row.holds else " (false)"
        return (
            f"| {row.identifier} | {row.quantity}{note} | {self.mean:.5g} ± {self.error:.2g} | {row.expected:.5g} | "
            f"{row.envelope:.2g} = {row.reason} | {self.verdict} | {self.seconds:.1f} | {row.source} |"
        )


def measure(row: Row) -> Result:
    """Draw, and compare."""
    start = time.perf_counter()
    draws = Accumulator.of(row.draws())
    seconds = time.perf_counter() - start
    error = ERRORS * draws.sd / math.sqrt(draws.count) + draws.rounding
    # The farthest of N normal draws has a share of about 2 log(N)/N of the sum of squares.
    dominated = draws.dominance > max(DOMINANCE_LIMIT, 4 * math.log(draws.count) / draws.count)
    interval = Interval(draws.mean - error, draws.mean + error, draws.count >= 30, dominated)
    outcome = decide(interval, row.expected, 2 * row.envelope, row.envelope)
    return Result(row, draws.mean, error, VERDICTS[outcome], seconds)

"""What a picture of the evidence shows: intervals against draws, width or a variable."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.statistics import Accumulator, ConfidenceSequence

__all__ = ["Path", "Trace", "sequence_trace"]

_GROWTH = 1.3  # neighbouring intervals of a confidence sequence differ little
_FIRST = 8


@dataclass(frozen=True)
class Trace:
    """Rows (abscissa, lower end, upper end, stated value) along an axis.

    The axis is `draws` (a confidence sequence), `width` (one interval per width), or the name of what ranges over the
    test points.  `tolerance` is the resolution around the stated value, 0 for a rigorous witness.
    """

    axis: str
    rows: tuple[tuple[float, float, float, float], ...]
    tolerance: float = 0.0

    @classmethod
    def of(cls, axis: str, rows: Iterable[Sequence[float]], tolerance: float = 0.0) -> Trace | None:
        """The trace of the rows that are finite; None if there are fewer than two."""
        kept = tuple((float(x), float(a), float(b), float(s)) for x, a, b, s in rows if _finite(x, a, b, s))
        return cls(axis, kept, tolerance) if len(kept) > 1 else None

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> Trace | None:
        """Trace from plain data."""
        return None if data is None else cls.of(data["axis"], data["rows"], float(data["tolerance"]))


def _finite(*values: float) -> bool:
    return all(math.isfinite(value) for value in values)


@dataclass
class Path:
    """Summaries of growing prefixes of a sample, at counts that grow by a constant factor."""

    summaries: list[Accumulator] = field(default_factory=list)
    _next: float = _FIRST

    def extend(self, before: Accumulator, draws: NDArray[np.float64]) -> None:
        """Follow a sample, summed up in `before`, through further draws."""
        flat = np.asarray(draws).ravel()
        while self._next < before.count + flat.size:
            if (count := int(self._next) - before.count) > 0:
                self.summaries.append(before.add(flat[:count]))
            self._next *= _GROWTH


def sequence_trace(
    path: Sequence[Accumulator], sequence: ConfidenceSequence, stated: float, tolerance: float
) -> Trace | None:
    """The confidence sequence along a path of summaries."""
    counts = {summary.count: summary for summary in path}
    intervals = [(count, sequence.interval(summary)) for count, summary in sorted(counts.items())]
    return Trace.of("draws", [(n, i.lower, i.upper, stated) for n, i in intervals], tolerance)

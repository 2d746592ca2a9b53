"""Samples that grow until they decide, out of one allowance of random numbers.

An interval that is valid at every stopping time may be looked at as often as one likes: a sample that is too small to
decide is continued, and what one sample does not use is left to the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from numerics.statistics import Accumulator, ConfidenceSequence, Interval
from numerics.traces import Path
from theory.errors import DomainError, UnsupportedError

__all__ = ["Allowance", "Sample"]

# What is still open at the end of the allowance may use so many times as much.
_RESERVE = 4


@dataclass
class Sample:
    """Draws of one random variable, summed up, and how to go on.

    `chunk` gives the draws of a number, the same for the same number, at a cost of so many random numbers.  The sample
    is narrow once its interval has the half-width asked for and may refute.  Equal draws never may; where the variable
    can be a constant, `constant` lets them count as narrow.
    """

    chunk: Callable[[int], NDArray[np.float64]]
    cost: int
    sequence: ConfidenceSequence
    half_width: float
    constant: bool = False
    draws: Accumulator = field(default_factory=Accumulator)
    chunks: int = 0
    _path: Path = field(default_factory=Path)

    @property
    def spent(self) -> int:
        """Random numbers used."""
        return self.chunks * self.cost

    @property
    def interval(self) -> Interval:
        return self.sequence.interval(self.draws)

    @property
    def path(self) -> tuple[Accumulator, ...]:
        """Summaries of growing parts of the sample, the whole last."""
        return (*self._path.summaries, self.draws)

    @property
    def narrow(self) -> bool:
        interval = self.interval
        return interval.half_width <= self.half_width and (
            interval.settled or (self.constant and self.draws.degenerate)
        )

    def extend(self, numbers: float) -> None:
        """A chunk, and more of them until the sample is narrow or so many numbers are used up."""
        end = self.spent + numbers
        while True:
            self._add()
            if self.narrow or self.spent >= end:
                return

    def double(self, numbers: float) -> None:
        """As many chunks again, or as many as so many numbers allow; narrow or not."""
        for _ in range(max(1, min(self.chunks, int(numbers // self.cost)))):
            self._add()

    def _add(self) -> None:
        draws = self.chunk(self.chunks)
        try:
            self._path.extend(self.draws, draws)
            self.draws = self.draws.add(draws)
        except DomainError as error:
            raise UnsupportedError(f"sampling says nothing here: {error}") from error
        self.chunks += 1

    def numbers_to_narrow(self) -> float:
        """Random numbers it takes in all to be narrow, as far as the sample knows."""
        if self.draws.degenerate:
            return math.inf
        per_draw = self.spent / self.draws.count
        growth = (self.interval.half_width / self.half_width) ** 2
        settled = 0.0 if self.interval.settled else self.sequence.settling_count(self.draws) * per_draw
        return max(growth * self.spent, settled)

    def numbers_to_refute(self, value: float, resolution: float, envelope: float) -> float:
        """Random numbers it takes to refute a value, if the mean is where it seems; within the resolution none do."""
        gap = abs(value - self.draws.mean) - envelope
        if self.draws.degenerate or not gap + envelope > resolution:
            return math.inf
        per_draw = self.spent / self.draws.count
        settled = 0.0 if self.interval.settled else self.sequence.settling_count(self.draws) * per_draw
        return max((self.interval.half_width / gap) ** 2 * self.spent, settled)


class Allowance:
    """Samples that share so many random numbers.

    Examples
    --------
    >>> g = np.random.default_rng(0)
    >>> plain = [Sample(lambda _, s=s: g.normal(0, s, 100), 100, ConfidenceSequence(), 0.05) for s in (0.1, 1.0)]
    >>> Allowance(plain, 60_000).fill()
    >>> [sample.narrow for sample in plain], plain[0].chunks
    ([True, True], 3)
    """

    def __init__(self, samples: Iterable[Sample], numbers: int) -> None:
        self.samples, self.numbers = list(samples), numbers

    @property
    def spent(self) -> int:
        return sum(sample.spent for sample in self.samples)

    def fill(self) -> None:
        """Every sample its share until it is narrow, the cheapest first; what is left to those that are not."""
        for place, sample in enumerate(self.samples):
            sample.extend((self.numbers - self.spent) // (len(self.samples) - place))
        while self.spent < self.numbers and (open_samples := [s for s in self.samples if not s.narrow]):
            share = (self.numbers - self.spent) // len(open_samples)
            for sample in open_samples:
                sample.extend(share)

    def reach(self, needs: Sequence[Sequence[tuple[Sample, float]]]) -> bool:
        """Continue samples for decisions that are open; False if none of them is within the reserve.

        A decision is met by any of its samples, each with the numbers that it should then hold; the one that asks for
        the fewest more is doubled.
        """
        left = _RESERVE * self.numbers - self.spent
        wanted: dict[int, Sample] = {}
        for ways in needs:
            costs = [(numbers - sample.spent, i) for i, (sample, numbers) in enumerate(ways)]
            least, i = min(costs, default=(math.inf, 0))
            if least <= left:
                wanted[id(ways[i][0])] = ways[i][0]
        if left <= 0 or not wanted:
            return False
        for sample in wanted.values():
            sample.double(left / len(wanted))
        return True

"""Expectation of a product of traces: sums over pairs of pairings, by symmetry classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theory.errors import UnsupportedError
from theory.haar.pairings import Pairing, bijections, orbits, pairing_count, pairings, relative_type
from theory.haar.partitions import Partition
from theory.haar.words import Word, canonical_word, flipped

__all__ = ["MAXIMAL_PAIRS", "Contraction", "Loops", "Occurrence"]

MAXIMAL_PAIRS = 3_000_000


@dataclass(frozen=True)
class Occurrence:
    """The random matrix in a cyclic word, and the fixed word between it and the next occurrence.

    `label` restricts the row index (rows of the matrix that are named); equal labels may be paired.
    """

    transposed: bool
    conjugated: bool
    gap: Word
    label: int = 0


@dataclass(frozen=True)
class Loops:
    """Product of the traces of closed index loops: numbers of bare row and column loops, and words."""

    rows: int
    columns: int
    words: tuple[Word, ...]


class Contraction:
    """The index structure of `prod tr(word)`; `counts` sums over all pairs of pairings.

    Parameters
    ----------
    cycles : each a cyclic sequence of occurrences
    kind : "O" pairs all occurrences, "U" pairs plain with conjugated ones
    named_rows : row loops are fixed by labels and count as one
    """

    def __init__(self, cycles: Sequence[Sequence[Occurrence]], kind: str, named_rows: bool = False) -> None:
        self.cycles, self.kind, self.named_rows = cycles, kind, named_rows
        self.items = [occurrence for cycle in cycles for occurrence in cycle]
        self.following: list[int] = []
        for cycle in cycles:
            start = len(self.following)
            self.following += [start + (i + 1) % len(cycle) for i in range(len(cycle))]
        self.preceding = [0] * len(self.items)
        for a, b in enumerate(self.following):
            self.preceding[b] = a
        self._canonical: dict[Word, Word] = {}

    @property
    def degree(self) -> int:
        """Number of pairs."""
        return len(self.items) // 2

    def counts(self) -> dict[Loops, dict[Partition, int]]:
        """For every product of loops the number of pairs of pairings of each relative type.

        Raises
        ------
        UnsupportedError
            If more than `MAXIMAL_PAIRS` pairs remain after the use of symmetries.
        """
        row_choices, column_choices = self._choices()
        if not row_choices:
            return {}
        representatives = orbits(row_choices, self._symmetries())
        self._refuse_above(len(representatives) * len(column_choices))
        return (self._split_counts if self.separable else self._joint_counts)(representatives, column_choices)

    def _joint_counts(
        self, representatives: Sequence[tuple[Pairing, int]], choices: Sequence[Pairing]
    ) -> dict[Loops, dict[Partition, int]]:
        result: dict[Loops, dict[Partition, int]] = {}
        for p, size in representatives:
            for q in choices:
                counts = result.setdefault(self._loops(p, q), {})
                mu = relative_type(p, q)
                counts[mu] = counts.get(mu, 0) + size
        return result

    def _split_counts(
        self, representatives: Sequence[tuple[Pairing, int]], choices: Sequence[Pairing]
    ) -> dict[Loops, dict[Partition, int]]:
        """The loops of rows and columns are found once per pairing and joined once per class."""
        numbers: dict[Loops, int] = {}
        classes = [numbers.setdefault(self._loops(None, q), len(numbers)) for q in choices]
        tallies: dict[Loops, dict[tuple[int, Partition], int]] = {}
        for p, size in representatives:
            tally = tallies.setdefault(self._loops(p, None), {})
            for q, number in zip(choices, classes, strict=True):
                key = number, relative_type(p, q)
                tally[key] = tally.get(key, 0) + size
        columns = list(numbers)
        result: dict[Loops, dict[Partition, int]] = {}
        for row_loops, tally in tallies.items():
            for (number, mu), count in tally.items():
                counts = result.setdefault(merged(row_loops, columns[number]), {})
                counts[mu] = counts.get(mu, 0) + count
        return result

    def _refuse_above(self, pairs: int) -> None:
        if pairs > MAXIMAL_PAIRS:
            raise UnsupportedError(
                f"{len(self.items)} random factors need about {pairs:.0e} pairs of pairings, roughly "
                f"{pairs * 1e-5:.0f} s; the limit is {MAXIMAL_PAIRS:.0e}; lower the degree"
            )

    def _choices(self) -> tuple[list[Pairing], list[Pairing]]:
        if self.kind == "U":
            starred = [occurrence.conjugated for occurrence in self.items]
            if 2 * sum(starred) != len(starred):
                return [], []
            count = 1
            for factor in range(2, self.degree + 1):
                count *= factor
            self._refuse_above(10 * count)
            both = list(bijections(starred))
            if not self.named_rows:
                return both, both
            labels = [occurrence.label for occurrence in self.items]
            return [p for p in both if all(labels[a] == labels[b] for a, b in enumerate(p))], both
        if len(self.items) % 2:
            return [], []
        self._refuse_above(10 * pairing_count(len(self.items)))
        columns = list(pairings([0] * len(self.items)))
        if not self.named_rows:
            return columns, columns
        return list(pairings([occurrence.label for occurrence in self.items])), columns

    @property
    def separable(self) -> bool:
        """Every gap joins two row indices or two column indices, so the loops split."""
        return all(self._leaves_by_row(a) == self._enters_by_row(b) for a, b in enumerate(self.following))

    def _leaves_by_row(self, a: int) -> bool:
        return self.items[a].transposed

    def _enters_by_row(self, b: int) -> bool:
        return not self.items[b].transposed

    def _loops(self, p: Pairing | None, q: Pairing | None) -> Loops:
        """Loops of row indices (p), of column indices (q), or of both."""
        rows = columns = 0
        words: list[Word] = []
        seen = [False] * len(self.items)
        for start in range(len(self.items)):
            by_row = self._leaves_by_row(start)
            if seen[start] or (p if by_row else q) is None:
                continue
            if by_row and self.named_rows:
                continue
            word: Word = ()
            gap, forward = start, True
            while True:
                seen[gap] = True
                word += self.items[gap].gap if forward else flipped(self.items[gap].gap)
                arrival = self.following[gap] if forward else gap
                at_row = self._enters_by_row(arrival) if forward else self._leaves_by_row(arrival)
                pairing = p if at_row else q
                assert pairing is not None
                partner = pairing[arrival]
                if at_row == self._leaves_by_row(partner):
                    gap, forward = partner, True
                else:
                    gap, forward = self.preceding[partner], False
                if gap == start and forward:
                    break
            if word:
                words.append(self._canonical_word(word))
            elif by_row:
                rows += 1
            else:
                columns += 1
        return Loops(rows, columns, tuple(sorted(words, key=word_key)))

    def _canonical_word(self, word: Word) -> Word:
        known = self._canonical.get(word)
        if known is None:
            known = self._canonical[word] = canonical_word(word)
        return known

    def _symmetries(self) -> list[tuple[int, ...]]:
        """Relabellings of the occurrences that keep the cyclic words: rotations, reflections, exchanges."""
        generators = []
        classes: dict[object, list[int]] = {}
        offset = 0
        for cycle in self.cycles:
            orders = cycle_orders(cycle)
            least = min(sort_form(form) for form, _ in orders)
            best = [[offset + i for i in order] for form, order in orders if sort_form(form) == least]
            for order in best[1:]:
                generators.append(self._relabelling(best[0], order))
            key = repr(least)
            if key in classes:
                generators.append(self._relabelling(classes[key], best[0], exchange=True))
            classes[key] = best[0]
            offset += len(cycle)
        return generators

    def _relabelling(self, source: Sequence[int], target: Sequence[int], exchange: bool = False) -> tuple[int, ...]:
        image = list(range(len(self.items)))
        for a, b in zip(source, target, strict=True):
            image[a] = b
            if exchange:
                image[b] = a
        return tuple(image)


def merged(left: Loops, right: Loops) -> Loops:
    """Product of two sets of loops."""
    words = tuple(sorted(left.words + right.words, key=word_key))
    return Loops(left.rows + right.rows, left.columns + right.columns, words)


def word_key(word: Word) -> list[tuple[str, bool, bool]]:
    """Order of words."""
    return [letter.sort_key() for letter in word]


Form = list[tuple[bool, bool, Word, int]]


def cycle_orders(cycle: Sequence[Occurrence]) -> list[tuple[Form, list[int]]]:
    """All ways to read a cyclic word: rotations, and the same of the transposed word."""
    size = len(cycle)
    forward: Form = [(o.transposed, o.conjugated, o.gap, o.label) for o in cycle]
    backward: Form = [
        (not cycle[i].transposed, cycle[i].conjugated, flipped(cycle[i - 1].gap), cycle[i].label)
        for i in range(size - 1, -1, -1)
    ]
    readings = [(forward, list(range(size))), (backward, list(range(size - 1, -1, -1)))]
    return [(form[i:] + form[:i], order[i:] + order[:i]) for form, order in readings for i in range(size)]


def sort_form(form: Form) -> list[tuple[bool, bool, list[tuple[str, bool, bool]], int]]:
    """A comparable version of a reading."""
    return [(t, c, word_key(gap), label) for t, c, gap, label in form]

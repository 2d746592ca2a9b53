"""The moment of one monomial together with the rule that produced it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq

from theory.haar.partitions import Partition
from theory.haar.rational import RationalFunction
from theory.haar.weingarten import table

__all__ = ["Moment", "vanishing", "weingarten_moment"]


@dataclass(frozen=True)
class Moment:
    """Value of `E[monomial]` as a rational function of the dimension variable.

    Attributes
    ----------
    known : the value in lowest terms, or None where it is to be summed from `counts`; for symplectic matrices
        2n x 2n a function of -2n
    rule : what was used, in words
    kind, counts : the Weingarten function and its coefficients by type, where it was used
    lines : the smaller number of rows and columns of the monomial, if known
    """

    known: RationalFunction | None
    rule: str
    kind: str = ""
    counts: Mapping[Partition, int] | None = None
    lines: int | None = None

    @cached_property
    def value(self) -> RationalFunction:
        """The moment in lowest terms, from the whole table of Weingarten functions where one is needed."""
        if self.known is not None:
            return self.known
        counts = self.counts or {}
        degree = sum(next(iter(counts)))
        if self.kind == "Sp":
            return table("O", degree).combination({mu: c * (-1) ** len(mu) for mu, c in counts.items()})
        return table(self.kind, degree).combination(counts, self.lines)

    def at(self, dimension: int) -> fmpq:
        """The value at an integer."""
        return self.value(dimension)


def vanishing(rule: str) -> Moment:
    """A moment that is zero by symmetry."""
    return Moment(RationalFunction.constant(0), rule)


def weingarten_moment(kind: str, counts: Mapping[Partition, int], lines: int | None = None) -> Moment:
    """Moment from the number of pairs of each type."""
    if not counts:
        return vanishing("no pairing joins equal indices")
    rule = "one Weingarten value" if len(counts) == 1 else "sum over pairs of pairings, counted by type"
    return Moment(None, rule, kind, counts, lines)

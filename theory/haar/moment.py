"""The moment of one monomial together with the rule that produced it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from theory.haar.partitions import Partition
from theory.haar.rational import RationalFunction
from theory.haar.weingarten import table

__all__ = ["Moment", "vanishing", "weingarten_moment"]


@dataclass(frozen=True)
class Moment:
    """Value of `E[monomial]` as a rational function of the dimension variable.

    Attributes
    ----------
    value : in lowest terms; for symplectic matrices 2n x 2n a function of -2n
    rule : what was used, in words
    kind, counts : the Weingarten function and its coefficients by type, where it was used
    """

    value: RationalFunction
    rule: str
    kind: str = ""
    counts: Mapping[Partition, int] | None = None


def vanishing(rule: str) -> Moment:
    """A moment that is zero by symmetry."""
    return Moment(RationalFunction.constant(0), rule)


def weingarten_moment(kind: str, degree: int, counts: Mapping[Partition, int]) -> Moment:
    """Moment from the number of pairs of each type."""
    if not counts:
        return vanishing("no pairing joins equal indices")
    if kind == "Sp":
        signed = {mu: count * (-1) ** len(mu) for mu, count in counts.items()}
        value = table("O", degree).combination(signed)
    else:
        value = table(kind, degree).combination(counts)
    rule = "one Weingarten value" if len(counts) == 1 else "sum over pairs of pairings, counted by type"
    return Moment(value, rule, kind, counts)

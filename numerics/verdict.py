"""Verdicts, grades and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import Enum, IntEnum
from typing import Any

from numerics.traces import Trace
from theory.errors import TheoryError

__all__ = ["Evidence", "Grade", "Verdict", "combine"]


class Verdict(Enum):
    """What a check says; only HOLDS is green.  `advice` tells what to do next."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    UNDECIDED = "UNDECIDED"
    VACUOUS = "VACUOUS"
    ERROR = "ERROR"

    @property
    def advice(self) -> str:
        """One line of advice."""
        return _ADVICE[self]


_ADVICE = {
    Verdict.HOLDS: "confirmed by every required witness",
    Verdict.FAILS: "a witness contradicts the claim; look at the point it names",
    Verdict.UNDECIDED: "no contradiction, and not enough evidence; raise the budget or the resolution",
    Verdict.VACUOUS: "no admissible point: the assumptions exclude each other or the domains",
    Verdict.ERROR: "the check could not run; the message says why",
}


class Grade(IntEnum):
    """Kinds of evidence, weakest first."""

    STATISTICAL = 1
    QUADRATURE = 2
    CERTIFIED = 3
    EXACT = 4


@dataclass(frozen=True)
class Evidence:
    """What one method found.

    `point` is the worst or refuting point, `measured` and `stated` the two sides there, each with its error;
    `killed` and `mutants` count the damaged copies, `survivors` names those that were not refuted.  `undefined`: at
    the point the claim says nothing, because a side has no finite value there.  `trace` is what a picture of it shows.
    """

    method: str
    grade: Grade
    verdict: Verdict
    detail: str
    point: dict[str, str] = field(default_factory=dict)
    measured: str = ""
    stated: str = ""
    points: int = 0
    mutants: int = 0
    killed: int = 0
    survivors: tuple[str, ...] = ()
    seed: int = 0
    seconds: float = 0.0
    undefined: bool = False
    trace: Trace | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` is its inverse."""
        return {
            **asdict(self),
            "grade": self.grade.name,
            "verdict": self.verdict.value,
            "survivors": list(self.survivors),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Evidence:
        """Evidence from plain data; TheoryError for other data."""
        try:
            values = dict(data)
            values["grade"] = Grade[values["grade"]]
            values["verdict"] = Verdict(values["verdict"])
            values["survivors"] = tuple(values["survivors"])
            values["trace"] = Trace.from_json(values.get("trace"))
            return cls(**values)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TheoryError(f"not the evidence of a report: {error!r}") from error


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """Verdict of a collection: any failure fails, all must hold to hold; an empty collection is vacuous."""
    found = list(verdicts)
    for worst in (Verdict.FAILS, Verdict.ERROR, Verdict.VACUOUS, Verdict.UNDECIDED):
        if worst in found:
            return worst
    return Verdict.HOLDS if found else Verdict.VACUOUS

"""What a line of evidence is: it accepts a statement, gathers once, and judges claims against what it gathered.

Gathering never looks at the stated side, so the damaged copies of a claim are judged on the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from numerics.budget import Budget
from numerics.traces import Trace
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.statement import Statement

__all__ = ["Judgement", "Method"]


@dataclass(frozen=True)
class Judgement:
    """What the gathered evidence says about one claim; `undefined` if a side has no finite value at the point."""

    verdict: Verdict
    detail: str
    point: dict[str, str] = field(default_factory=dict)
    measured: str = ""
    stated: str = ""
    points: int = 0
    undefined: bool = False
    trace: Trace | None = None


class Method(Protocol):
    """A line of evidence.

    `independent_of` names what it does not use, for the reader of a report.
    """

    name: str
    grade: Grade
    independent_of: str

    def accepts(self, statement: Statement) -> bool:
        """Can this method say something about the statement?"""

    def gather(self, statement: Statement, budget: Budget, seed: int) -> Any:
        """Everything that does not depend on the stated side."""

    def judge(self, claim: Claim, gathered: Any) -> Judgement:
        """Compare a claim with what was gathered."""

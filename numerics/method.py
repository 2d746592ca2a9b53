"""What a line of evidence is: it accepts a statement, gathers once, and judges claims against what it gathered.

What is gathered does not depend on the stated side, so the damaged copies of a claim are judged on the same samples;
where it is gathered, and for how long, may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from numerics.budget import Budget
from numerics.traces import Trace
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.statement import Statement

__all__ = ["Judgement", "Method", "Sampler"]


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


@runtime_checkable
class Sampler(Method, Protocol):
    """A line of evidence that may be continued, because what it says is valid at every stopping time."""

    def more(self, gathered: Any, claim: Claim | None, copies: Sequence[Claim]) -> bool:
        """Gather more where the claim (None if it is decided) or one of these damaged copies is open.

        False if the budget does not reach.
        """

"""What the methods share that draw a random object and compare it with a stated law."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.points import generic_points
from numerics.streams import stream
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import Distribution
from theory.errors import UnsupportedError
from theory.laws import ContinuousLaw
from theory.statement import Statement

__all__ = ["DrawnCase", "DrawnLaw", "Gathered"]


class DrawnCase(NamedTuple):
    """A point, everything drawn there, and the source of more."""

    point: dict[Symbol, Expr]
    draws: NDArray[np.float64]
    generator: np.random.Generator


class Gathered(NamedTuple):
    """The cases, what is drawn and at which size, and the tolerances of the statement."""

    cases: list[DrawnCase]
    sample: Any
    size: int
    resolution: float
    envelope: float


class DrawnLaw:
    """A method for claims that a sample of one kind has a continuous law; `size`, `drawn`, `compared` are its own."""

    name: str
    grade = Grade.STATISTICAL
    independent_of: str
    kind: ClassVar[type]

    def accepts(self, statement: Statement) -> bool:
        claim: Any = statement.claim
        known = isinstance(claim, Distribution) and isinstance(claim.sample, self.kind)
        return known and isinstance(claim.law, ContinuousLaw) and statement.resolution is not None

    def gather(self, statement: Statement, budget: Budget, seed: int) -> Gathered:
        claim: Any = statement.claim
        resolution, envelope = float(statement.resolution), float(statement.envelope)
        size = self.size(resolution, envelope, budget)
        cases = []
        for point in generic_points(statement, budget.statistical_points if statement.domains else 1, seed):
            values = {s: v for s, v in point.items() if isinstance(s, Symbol)}
            generator = stream(f"{statement.identifier}|{sorted(map(str, values.items()))}", size, 0, seed)
            cases.append(DrawnCase(values, self.drawn(claim.sample.subs(values), size, generator), generator))
        return Gathered(cases, claim.sample, size, resolution, envelope)

    def judge(self, claim: Claim, gathered: Gathered) -> Judgement:
        if not gathered.cases:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        if not isinstance(claim, Distribution) or not isinstance(claim.law, ContinuousLaw):
            raise UnsupportedError("what was drawn is compared with a ContinuousLaw")
        found = [self.compared(case, claim.law.subs(case.point), gathered) for case in gathered.cases]
        for verdict in (Verdict.FAILS, Verdict.UNDECIDED):
            for judgement in found:
                if judgement.verdict is verdict:
                    return judgement
        return found[-1]

    def size(self, resolution: float, envelope: float, budget: Budget) -> int:
        """How much is drawn."""
        raise NotImplementedError

    def drawn(self, sample: Any, size: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """The draws of a sample without parameters."""
        raise NotImplementedError

    def compared(self, case: DrawnCase, law: ContinuousLaw, gathered: Gathered) -> Judgement:
        """What the draws of a case say about a law without parameters."""
        raise NotImplementedError

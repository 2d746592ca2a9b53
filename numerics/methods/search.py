"""Method `search`: the worst margin of a bound is looked for over its domains; a violation is certified.

Universal claims fail at corners, near degenerate points and close to equality, where a list of test points does not
look.  For a refuted bound the search looks for a violation of its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.search import Found, Search
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import Bound, ForAll, Refutation
from theory.errors import UnsupportedError
from theory.statement import Statement

__all__ = ["METHOD"]

_EFFORT = {"quick": 60, "standard": 500, "deep": 5000}


class _Gathered(NamedTuple):
    statement: Statement
    effort: int
    seed: int


class _Search:
    name = "search"
    grade = Grade.CERTIFIED
    independent_of = "every list of test points: the domains are searched for the worst margin"

    def accepts(self, statement: Statement) -> bool:
        claim = statement.claim
        return _is_bound(claim.claim if isinstance(claim, Refutation) else claim)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        """Nothing but the limits: where a bound is tight depends on both of its sides."""
        return _Gathered(statement, _EFFORT[budget.name], seed)

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        refuting = isinstance(claim, Refutation)
        target: Any = claim.claim if isinstance(claim, Refutation) else claim
        if not _is_bound(target):
            raise UnsupportedError(f"a search needs a bound that holds for certain; received {type(target).__name__}")
        statement = _freed(gathered.statement, target)
        found = Search(target, statement, gathered.effort, gathered.seed).run()
        if found.violated:
            verdict = Verdict.HOLDS if refuting else Verdict.FAILS
            return _judgement(verdict, "violated, certified at the witness found", found)
        if refuting:
            return _judgement(Verdict.UNDECIDED, "no violation found by search", found)
        if found.trials < statement.points:
            verdict = Verdict.UNDECIDED if found.open else Verdict.VACUOUS
            return _judgement(verdict, f"{found.trials} places decided of the {statement.points} asked for", found)
        instance: Any = target.first if isinstance(target, ForAll) else target
        if found.equalities and instance.strict:
            return _judgement(Verdict.UNDECIDED, "the sides of a strict bound meet", found)
        if found.worst is not None and not found.worst.margin > 0:
            return _judgement(Verdict.UNDECIDED, "the enclosures at the worst place are too wide", found)
        return _judgement(Verdict.HOLDS, "no violation", found)


def _is_bound(claim: Any) -> bool:
    instance = claim.first if isinstance(claim, ForAll) else claim
    return isinstance(instance, Bound) and instance.probability is None


def _freed(statement: Statement, target: Claim) -> Statement:
    """The statement about the bound itself: a refutation fixes the values that the search is to find."""
    if not isinstance(statement.claim, Refutation):
        return statement
    return Statement(
        claim=target,
        domains=statement.domains,
        assumptions=statement.assumptions,
        points=statement.points,
        identifier=statement.identifier,
    )


def _judgement(verdict: Verdict, words: str, found: Found) -> Judgement:
    if found.worst is None:
        reason = f"; {found.open[0][1]}" if found.open else ""
        return Judgement(verdict, words + reason, points=found.trials)
    worst = found.worst
    detail = f"{words}; worst relative margin {worst.relative:.3g} of {found.trials} places"
    if found.equalities:
        detail += f", equality at {found.equalities}"
    if found.expansions:
        _, term = max(found.expansions, key=lambda pair: (pair[1].order, -pair[1].coefficient))
        detail += f", near it margin ~ {term.coefficient:.3g} h^{term.order:g}"
    if found.open:
        detail += f", {len(found.open)} places open"
    return Judgement(verdict, detail, worst.place.names(), worst.left.str(12), worst.right.str(12), found.trials)


METHOD = _Search()

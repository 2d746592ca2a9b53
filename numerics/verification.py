"""Verification: ask each line of evidence, damage the claim, decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from numerics.budget import Budget
from numerics.chunk_runs import run_chunks
from numerics.chunks import Payload, Task
from numerics.executors import Place
from numerics.ledger import Ledger, opened_ledger
from numerics.method import Judgement, Method, Sampler
from numerics.methods import all_methods
from numerics.mutation import Mutant, copies_and_proofs
from numerics.region import Region
from numerics.report import Report, Reports
from numerics.report_ledger import ReportLedger
from numerics.verdict import Evidence, Grade, Verdict
from numerics.versions import statement_version
from theory.arguments import whole
from theory.catalogue import lookup, metadata
from theory.claim import Claim
from theory.claims import Distribution, ForAll, GaussianIdentity, HaarIdentity, Refutation, WidthLimit
from theory.errors import (
    DivergenceError,
    DomainError,
    OrderingError,
    PrecisionError,
    TheoryError,
    UnknownNameError,
    UnsupportedError,
)
from theory.statement import Statement, Status

__all__ = ["chosen_names", "verify", "verify_all"]

_OUT_OF_REACH = (OrderingError, PrecisionError, UnsupportedError)
_POINTS = 12
_RANDOM_OBJECT = (Distribution, GaussianIdentity, HaarIdentity, WidthLimit)


def verify(
    statement: Statement | str, budget: str = "standard", seed: int = 0, known: Mapping[str, Evidence] | None = None
) -> Report:
    """Report on a statement, or on the theorem of that name.

    Every method that accepts the claim gathers its evidence once and judges the claim and all its damaged copies; a
    witness that does not refute a damaged copy it should is not counted.

    Parameters
    ----------
    statement : a `Statement` or the identifier of a theorem.
    budget : "quick" (2 s), "standard" (20 s) or "deep" (10 min).
    seed : seed of everything drawn at random.
    known : evidence of methods, by name, that were asked before with this statement, budget and seed.

    Raises
    ------
    UnknownNameError
        for an unknown theorem or budget; suggests the nearest.
    DomainError
        for what is no statement, or a seed that is no integer from 0 on.
    """
    limits = Budget.named(budget)
    if isinstance(statement, str):
        statement = lookup(statement)
    if not isinstance(statement, Statement) or not isinstance(known, Mapping | None):
        raise DomainError(f"a Statement or the name of a theorem is verified; received {statement!r}")
    seed = whole("seed", seed, 0, None)
    start = time.perf_counter()
    damaged, proofs = copies_and_proofs(statement, Region.of(statement, _POINTS, seed))
    accepting = [m for m in all_methods() if m.accepts(statement)]
    found = [(known or {}).get(m.name) or _witness(m, statement, damaged, limits, seed) for m in accepting]
    verdict, note = _decide(statement, found, damaged, proofs)
    assert statement.status is not None
    return Report(
        statement.identifier,
        verdict,
        tuple(found),
        note,
        statement.status.value,
        budget,
        seed,
        round(time.perf_counter() - start, 3),
        tuple(proofs.items()),
    )


def chosen_names(topic: str | None = None) -> list[str]:
    """Identifiers of the catalogue, or of one topic.

    Raises
    ------
    UnknownNameError
        if no theorem has that topic.
    """
    entries = metadata()
    topics = {t for entry in entries.values() for t in entry.topics}
    if topic is not None and topic not in topics:
        raise UnknownNameError("topic", topic, topics)
    return [name for name, entry in entries.items() if topic is None or topic in entry.topics]


def verify_all(
    topic: str | None = None,
    budget: str = "quick",
    seed: int = 0,
    progress: Callable[[Report], Any] | None = None,
    identifiers: Iterable[str] | None = None,
    executor: Place | Executor | None = None,
    ledger: Ledger | str | Path | bool | None = None,
) -> Reports:
    """Reports on the whole catalogue, on one topic, or on the theorems named.

    Ctrl-C ends the run and keeps the reports that are done; the result then never counts as HOLDS.  A theorem file that
    breaks is reported as ERROR and does not stop the others.

    Parameters
    ----------
    executor : where statements are looked at: `Processes(n)`, a `Cluster`, or an executor of concurrent.futures; by
        default here, one after the other.  Symbolic work has one thread per process, so threads bring nothing.
    ledger : where reports are kept.  A statement that was looked at in the same version of itself, of what it needs and
        of the packages, with the same budget and seed, is not looked at again; nor is a method whose file, and all
        but the files of other methods, are the same.

    Raises
    ------
    UnknownNameError
        for an unknown theorem, topic or budget.
    LedgerError
        if the ledger cannot be opened.
    LostWorkerError
        if worker processes die again and again.
    """
    Budget.named(budget)
    known = metadata()
    names = chosen_names(topic) if identifiers is None else list(identifiers)
    for name in names:
        if name not in known:
            raise UnknownNameError("theorem", name, known)
    done: dict[str, Report] = {}
    with opened_ledger(ledger) as opened:
        kept = None if opened is None else ReportLedger(opened, budget, seed, method_version=statement_version)

        def finish(report: Report) -> None:
            done[report.identifier] = report
            if kept is not None:
                kept.record(report)  # one that was read from it stays as it is
            if progress is not None:
                progress(report)

        kept_reports = 0
        known_evidence: dict[str, dict[str, Evidence]] = {}
        try:
            if kept is not None:
                for report in filter(None, map(kept.report, names)):
                    finish(report)
                kept_reports = len(done)
            waiting = [name for name in names if name not in done]
            if kept is not None:
                known_evidence = {name: kept.evidence(name) for name in waiting}
            if executor is None:
                for name in waiting:
                    finish(_report(name, budget, seed, known_evidence.get(name, {})))
            else:
                run_chunks(
                    _Statements(tuple(waiting), budget, seed, known_evidence),
                    len(waiting),
                    executor,
                    ledger=False,
                    progress=False,
                    done=lambda _, payload: finish(Report.from_json(payload["report"])),
                )
        except KeyboardInterrupt:
            left = tuple(name for name in names if name not in done)
            return Reports(tuple(done[n] for n in names if n in done), interrupted=True, remaining=left)
    found = tuple(done[name] for name in names)
    return Reports(found, kept_reports=kept_reports, kept_evidence=sum(map(len, known_evidence.values())))


@dataclass(frozen=True)
class _Statements(Task):
    """Verification of the theorems named, one per chunk."""

    symbolic: ClassVar[bool] = True
    names: tuple[str, ...]
    budget: str
    seed: int
    known: Mapping[str, Mapping[str, Evidence]]

    def run(self, chunk: int) -> Payload:
        name = self.names[chunk]
        return {"report": _report(name, self.budget, self.seed, self.known.get(name, {})).to_json()}


def _report(name: str, budget: str, seed: int, known: Mapping[str, Evidence]) -> Report:
    try:
        return verify(name, budget, seed, known)
    except Exception as error:
        note, status = f"{type(error).__name__}: {error}", metadata()[name].status.value
        return Report(name, Verdict.ERROR, (), note, status, budget, seed)


def _witness(method: Method, statement: Statement, damaged: tuple[Mutant, ...], budget: Budget, seed: int) -> Evidence:
    start = time.perf_counter()
    try:
        gathered = method.gather(statement, budget, seed)
        judgement, survivors = _judged(method, statement.claim, damaged, gathered)
        while isinstance(method, Sampler) and _continued(
            method, statement.claim, damaged, gathered, judgement, survivors
        ):
            judgement, survivors = _judged(method, statement.claim, damaged, gathered)
    except DivergenceError as error:
        judgement, survivors = Judgement(Verdict.UNDECIDED, str(error), undefined=True), ()
    except _OUT_OF_REACH as error:
        judgement, survivors = Judgement(Verdict.UNDECIDED, str(error)), ()
    except Exception as error:  # whatever breaks, the other witnesses and statements are still looked at
        judgement, survivors = Judgement(Verdict.ERROR, f"{type(error).__name__}: {error}"), ()
    counted = len(damaged) if judgement.verdict is Verdict.HOLDS else 0
    missed = _required_kills(method, survivors)
    if missed:
        detail = f"would have confirmed the damaged copies: {', '.join(missed)}"
        judgement = Judgement(Verdict.UNDECIDED, detail, judgement.point, judgement.measured, judgement.stated)
    return Evidence(
        method=method.name,
        grade=method.grade,
        verdict=judgement.verdict,
        detail=judgement.detail,
        point=judgement.point,
        measured=judgement.measured,
        stated=judgement.stated,
        points=judgement.points,
        mutants=counted,
        killed=counted - len(survivors),
        survivors=tuple(name for name, _ in survivors),
        seed=seed,
        seconds=round(time.perf_counter() - start, 3),
        undefined=judgement.undefined,
        trace=judgement.trace,
    )


def _judged(
    method: Method, claim: Claim, damaged: tuple[Mutant, ...], gathered: Any
) -> tuple[Judgement, tuple[tuple[str, Verdict], ...]]:
    judgement = method.judge(claim, gathered)
    return judgement, _survivors(method, damaged, gathered) if judgement.verdict is Verdict.HOLDS else ()


def _continued(
    method: Sampler,
    claim: Claim,
    damaged: tuple[Mutant, ...],
    gathered: Any,
    judgement: Judgement,
    survivors: tuple[tuple[str, Verdict], ...],
) -> bool:
    """Was more gathered, because the claim is open, or a copy that must be refuted is not?"""
    if judgement.verdict is Verdict.UNDECIDED:
        return method.more(gathered, claim, ())
    missed = _required_kills(method, survivors)
    copies = [mutant.claim for mutant in damaged if mutant.name in missed]
    return bool(copies) and method.more(gathered, None, copies)


def _survivors(method: Method, damaged: tuple[Mutant, ...], gathered: Any) -> tuple[tuple[str, Verdict], ...]:
    left = []
    for mutant in damaged:
        try:
            verdict = method.judge(mutant.claim, gathered).verdict
        except (TheoryError, ZeroDivisionError):
            verdict = Verdict.ERROR
        # A search cannot prove a bound: of a true claim it says at most that it found no violation.
        open_is_enough = isinstance(mutant.claim, Refutation) and verdict is Verdict.UNDECIDED
        if verdict is not Verdict.FAILS and not open_is_enough:
            left.append((mutant.name, verdict))
    return tuple(left)


def _required_kills(method: Method, survivors: tuple[tuple[str, Verdict], ...]) -> tuple[str, ...]:
    """Survivors that disqualify the witness.

    Sampling need only refute what is three resolutions away, which near-misses and shifts are by rule; a copy that
    differs by less is left to the other witnesses.
    """
    if method.grade is not Grade.STATISTICAL:
        return tuple(name for name, _ in survivors)
    return tuple(name for name, _ in survivors if name.startswith(("near-miss", "shifted")))


def _decide(
    statement: Statement, found: list[Evidence], damaged: tuple[Mutant, ...], proofs: Mapping[str, str]
) -> tuple[Verdict, str]:
    if not found:
        return Verdict.UNDECIDED, "no method accepts this kind of claim"
    verdicts = [e.verdict for e in found]
    if Verdict.FAILS in verdicts:
        failing = ", ".join(e.method for e in found if e.verdict is Verdict.FAILS)
        return Verdict.FAILS, f"refuted by {failing}"
    for bad in (Verdict.ERROR, Verdict.VACUOUS):
        if bad in verdicts:
            return bad, next(e.detail for e in found if e.verdict is bad)
    for e in found:
        if e.undefined:
            return Verdict.UNDECIDED, f"{e.method}: {e.detail}"
    if not damaged:
        return (
            Verdict.UNDECIDED,
            "no damaged copy could be made, so nothing shows that a false claim is found: give near_misses",
        )
    mistaken = [f"{name} ({proof})" for name, proof in proofs.items() if name.startswith("near-miss")]
    if mistaken:
        return Verdict.UNDECIDED, f"near-misses that say the same as the claim; give others: {', '.join(mistaken)}"
    holding = [e for e in found if e.verdict is Verdict.HOLDS]
    alive = set.intersection(*(set(e.survivors) for e in holding)) if holding else set()
    if alive:
        open_copies = ", ".join(sorted(alive))
        return Verdict.UNDECIDED, f"no witness refutes the damaged copies (not proved to say the same): {open_copies}"
    note = _missing(statement, holding)
    if note is not None:
        return Verdict.UNDECIDED, note
    return Verdict.HOLDS, _remark(statement, holding)


def _missing(statement: Statement, holding: list[Evidence]) -> str | None:
    """Two witnesses of different kinds are required; a written reason may stand for the second."""
    excused = bool(statement.missing_witness) or not _alone(statement, holding)
    if isinstance(statement.claim, WidthLimit):
        sampled = any(e.grade is Grade.STATISTICAL for e in holding)
        return None if sampled and excused else "a width limit needs its simulated witness"
    if not any(e.grade >= Grade.CERTIFIED for e in holding):
        return "no exact or certified witness holds"
    if excused:
        return None
    if isinstance(statement.claim, _RANDOM_OBJECT):
        return "a random object needs a sampling witness: give a resolution, or the reason in missing_witness"
    return "one witness only; the statement must give the reason in missing_witness"


def _alone(statement: Statement, holding: list[Evidence]) -> bool:
    """Does the second kind of witness not hold: sampling where something is random, anything else where nothing is?"""
    if isinstance(statement.claim, WidthLimit):
        return not any(e.grade >= Grade.CERTIFIED for e in holding)
    if isinstance(statement.claim, _RANDOM_OBJECT):
        return not any(e.grade is Grade.STATISTICAL for e in holding)
    return len(holding) < 2


def _remark(statement: Statement, holding: list[Evidence]) -> str:
    parts = []
    # On a family the exact witness proves the members it saw, and not the family.
    exact = any(e.grade is Grade.EXACT for e in holding) and not isinstance(statement.claim, ForAll)
    if statement.missing_witness and _alone(statement, holding):
        parts.append(f"one witness is missing: {statement.missing_witness}")
    if not exact and statement.status in (Status.CONJECTURE, Status.HEURISTIC):
        parts.append("not refuted at this resolution; this is no proof")
    return "; ".join(parts)

"""Verdicts on claims kept in files: a file, or a folder and what is below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from numerics.budget import Budget
from numerics.chunk_runs import run_chunks
from numerics.chunks import Payload, Task
from numerics.executors import Place
from numerics.ledger import Ledger, opened_ledger
from numerics.own_statements import completed, infinite_variance, vacuity
from numerics.report import Report, Reports
from numerics.report_ledger import ReportLedger
from numerics.verdict import Evidence, Verdict
from numerics.verification import verify
from numerics.versions import content_version, engine_version
from theory.claim_files.intervals import UnsatisfiableError
from theory.claim_files.sources import ClaimSource, claims_at
from theory.statement import Statement, Status

__all__ = ["check_claim", "check_path", "claim_names", "claim_version"]


def check_claim(
    source: ClaimSource,
    name: str,
    budget: str = "quick",
    seed: int = 0,
    known: Mapping[str, Evidence] | None = None,
) -> Report:
    """The report on one claim of a file, under the name given; nothing the file does is raised.

    A claim that cannot be built is an ERROR, one whose assumptions nothing meets is VACUOUS, with the reason.
    """
    try:
        return replace(check_statement(source.statement(), budget, seed, known), identifier=name)
    except UnsatisfiableError as error:
        verdict, note = Verdict.VACUOUS, str(error)
    except Exception as error:
        verdict, note = Verdict.ERROR, f"{type(error).__name__}: {error}"
    return Report(name, verdict, (), note, Status.CONJECTURE.value, budget, seed)


def check_statement(
    statement: Statement, budget: str, seed: int, known: Mapping[str, Evidence] | None = None
) -> Report:
    """The report on a statement, with a resolution of our own choice where it has none."""
    status = statement.status.value if statement.status is not None else ""
    if reason := vacuity(statement):
        return Report(statement.identifier, Verdict.VACUOUS, (), reason, status, budget, seed)
    report = verify(completed(statement), budget, seed, known)
    if report.verdict is Verdict.UNDECIDED and (reason := infinite_variance(statement)):
        return replace(report, note=f"{reason}; {report.note}")
    return report


def check_path(
    path: str | Path,
    budget: str = "quick",
    seed: int = 0,
    progress: Callable[[Report], Any] | None = None,
    executor: Place | Executor | None = None,
    ledger: Ledger | str | Path | bool | None = None,
) -> Reports:
    """Reports on the claims of a file or folder; `FILE::NAME` is one of them.

    The reports are named `file::claim`, the file seen from the folder.  A broken file is one ERROR and stops nothing.

    Parameters
    ----------
    path : a folder, a `*.claims.toml`, or a Python file that applies `@theorem`.
    budget, seed, progress, executor, ledger : as in `verify_all`.

    Raises
    ------
    StatementError
        if there is no such path, or nothing there holds a claim.
    UnknownNameError
        for an unknown budget, or a name the file does not hold.
    """
    Budget.named(budget)
    sources = claim_names(path)
    done: dict[str, Report] = {}
    with opened_ledger(ledger) as opened:
        kept = None if opened is None else _ledger(opened, budget, seed, sources)

        def finish(report: Report) -> None:
            done[report.identifier] = report
            if kept is not None:
                kept.record(report)
            if progress is not None:
                progress(report)

        kept_reports = 0
        known: dict[str, dict[str, Evidence]] = {}
        try:
            if kept is not None:
                for report in filter(None, map(kept.report, sources)):
                    finish(report)
                kept_reports = len(done)
            waiting = {name: source for name, source in sources.items() if name not in done}
            if kept is not None:
                known = {name: kept.evidence(name) for name in waiting}
            if executor is None:
                for name, source in waiting.items():
                    finish(check_claim(source, name, budget, seed, known.get(name)))
            else:
                task = _Claims(tuple(waiting.items()), budget, seed, known)
                run_chunks(
                    task, len(waiting), executor, ledger=False, progress=False,
                    done=lambda _, payload: finish(Report.from_json(payload["report"])),
                )  # fmt: skip
        except KeyboardInterrupt:
            left = tuple(name for name in sources if name not in done)
            return Reports(tuple(done[n] for n in sources if n in done), interrupted=True, remaining=left)
    found = tuple(done[name] for name in sources)
    return Reports(found, kept_reports=kept_reports, kept_evidence=sum(map(len, known.values())))


def claim_names(path: str | Path) -> dict[str, ClaimSource]:
    """The claims of a path by the names that their reports bear."""
    root = Path(str(path).partition("::")[0])
    return {_name(source, root): source for source in claims_at(path)}


@dataclass(frozen=True)
class _Claims(Task):
    """Verification of the claims named, one per chunk; a worker reads the files itself."""

    symbolic: ClassVar[bool] = True
    claims: tuple[tuple[str, ClaimSource], ...]
    budget: str
    seed: int
    known: Mapping[str, Mapping[str, Evidence]]

    def run(self, chunk: int) -> Payload:
        name, source = self.claims[chunk]
        return {"report": check_claim(source, name, self.budget, self.seed, self.known.get(name)).to_json()}


def claim_version(source: ClaimSource, method: str | None = None) -> str:
    """Version of a claim: of the engine, all of it or for one method, its file, and Python and BibTeX files beside."""
    beside = sorted(p for p in source.file.parent.iterdir() if p.suffix in (".py", ".bib") and p.is_file())
    files: Iterable[Path] = [source.file, *(p for p in beside if p != source.file)]
    return content_version(engine_version(method), *(part for p in files for part in (p.name.encode(), p.read_bytes())))


def _ledger(opened: Ledger, budget: str, seed: int, sources: dict[str, ClaimSource]) -> ReportLedger:
    def version(name: str, method: str | None = None) -> str:
        # An absolute path keeps files of the same name apart.
        return content_version(claim_version(sources[name], method), str(sources[name].file.resolve()))

    return ReportLedger(opened, budget, seed, version=version, method_version=version)


def _name(source: ClaimSource, root: Path) -> str:
    folder = root if root.is_dir() else root.parent
    shown = source.file.relative_to(folder).as_posix()
    return f"{shown}::{source.name}" if source.name else shown

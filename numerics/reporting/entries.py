"""What a report says of one statement: the statement, its verdict, its proof."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from numerics.report import Report, Reports
from numerics.reporting.proofs import Proof, proof_of
from numerics.verdict import Grade, Verdict
from theory.statement import Statement, Status

__all__ = ["Entry", "entries_of"]


class Entry:
    """A report with its statement; `statement` is None if it could not be built, and the report says why."""

    def __init__(self, report: Report, statement: Statement | None, file: str) -> None:
        self.report, self.statement, self.file = report, statement, file
        self.name = report.identifier

    @property
    def title(self) -> str:
        """The first line of the words."""
        return self.statement.prose.partition("\n")[0] if self.statement is not None else ""

    @property
    def topics(self) -> tuple[str, ...]:
        return self.statement.topics if self.statement is not None else ()

    @property
    def verdict(self) -> str:
        """The verdict in words; green evidence never proves a conjecture."""
        holds = self.report.verdict is Verdict.HOLDS
        open_question = self.report.status in (Status.CONJECTURE.value, Status.HEURISTIC.value)
        if holds and open_question and self.report.grade is not Grade.EXACT:
            return "not refuted"
        return "holds (the refutation)" if holds and self.report.status == "refuted" else self.report.verdict.value

    @cached_property
    def proof(self) -> Proof | None:
        """The certified derivation, or the form our rules give."""
        return None if self.statement is None else proof_of(self.statement)

    def exactly(self) -> bool:
        """Does an exact witness hold?"""
        return self.report.verdict is Verdict.HOLDS and self.report.grade is Grade.EXACT


def entries_of(reports: Reports, statements: Iterable[Statement] | Mapping[str, Statement]) -> list[Entry]:
    """Reports with their statements, in the order of the reports; `statements` may be a mapping by name."""
    known = statements if isinstance(statements, Mapping) else {s.identifier: s for s in statements}
    files: set[str] = set()
    entries = []
    for report in reports:
        file = _file(report.identifier, files)
        files.add(file.lower())
        entries.append(Entry(report, known.get(report.identifier), file))
    return entries


def _file(name: str, taken: set[str]) -> str:
    """Name of a page: letters, digits, underscores, hyphens; apart from the others where case is ignored, too."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-") or "claim"
    names = (f"{stem}{suffix}.html" for suffix in ("", *(f"-{number}" for number in range(2, len(taken) + 3))))
    return next(name for name in names if name.lower() not in taken)

"""Reports: the evidence for one statement, and for many, as tables and as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numerics.verdict import Evidence, Grade, Verdict, combine
from theory.errors import TheoryError

__all__ = ["Report", "Reports"]

_FORMAT = "widetheory-report-1"
_STYLES = {
    Verdict.HOLDS: "bold green",
    Verdict.FAILS: "bold red",
    Verdict.UNDECIDED: "yellow",
    Verdict.VACUOUS: "magenta",
    Verdict.ERROR: "bold magenta",
}


@dataclass(frozen=True)
class Report:
    """The evidence for one statement.

    `note` says why the verdict is what it is: a missing witness, a survivor, the remark that a conjecture is at
    most not refuted.  `equivalent` names the damaged copies that are proved to say the same as the claim, with the
    proof; but for near-misses they are left out, and no witness has to refute them.
    """

    identifier: str
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    note: str = ""
    status: str = "conjecture"
    budget: str = "standard"
    seed: int = 0
    seconds: float = 0.0
    equivalent: tuple[tuple[str, str], ...] = ()

    @property
    def grade(self) -> Grade | None:
        """The strongest grade that holds."""
        return max((e.grade for e in self.evidence if e.verdict is Verdict.HOLDS), default=None)

    def table(self) -> Any:
        """A rich table, one line per witness."""
        from rich.table import Table
        from rich.text import Text

        title = Text.assemble((self.identifier, "bold"), "  ", (self.verdict.value, _STYLES[self.verdict]))
        table = Table(title=title, title_justify="left", caption=self._caption(), caption_justify="left")
        for name in ("witness", "grade", "verdict", "points", "copies refuted", "detail"):
            table.add_column(name, overflow="fold")
        for e in self.evidence:
            table.add_row(
                e.method,
                e.grade.name.lower(),
                Text(e.verdict.value, style=_STYLES[e.verdict]),
                str(e.points),
                f"{e.killed}/{e.mutants}" if e.mutants else "-",
                _detail(e),
            )
        return table

    def _caption(self) -> str:
        return "\n".join((self.note or self.verdict.advice, *self.equivalences()))

    def equivalences(self) -> list[str]:
        """The copies that say the same as the claim, in words."""
        return [f"a damaged copy says the same as the claim: {name} ({how})" for name, how in self.equivalent]

    def __str__(self) -> str:
        return _rendered(self.table())

    def _repr_html_(self) -> str:
        from numerics.report_display import report_html

        return report_html(self)

    def _repr_latex_(self) -> str:
        from numerics.report_display import report_latex

        return report_latex(self)

    def to_json(self) -> str:
        """JSON text; `Report.from_json` is its inverse."""
        return json.dumps(self.as_dict(), indent=2)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "format": _FORMAT,
            "identifier": self.identifier,
            "verdict": self.verdict.value,
            "status": self.status,
            "note": self.note,
            "budget": self.budget,
            "seed": self.seed,
            "seconds": self.seconds,
            "equivalent": [list(pair) for pair in self.equivalent],
            "evidence": [e.to_json() for e in self.evidence],
        }

    @classmethod
    def from_json(cls, text: str | dict[str, Any]) -> Report:
        """Report from JSON text or its plain data.

        Raises
        ------
        TheoryError
            if the text is not a report.
        """
        try:
            data = json.loads(text) if isinstance(text, str) else dict(text)
            if data.pop("format") != _FORMAT:
                raise KeyError("format")
            evidence = tuple(Evidence.from_json(e) for e in data.pop("evidence"))
            equivalent = tuple((str(name), str(proof)) for name, proof in data.pop("equivalent", ()))
            verdict = Verdict(data.pop("verdict"))
            return cls(verdict=verdict, evidence=evidence, equivalent=equivalent, **data)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TheoryError(f"not a report in the format {_FORMAT}: {error!r}") from error


@dataclass(frozen=True)
class Reports:
    """Reports of many statements; interrupted runs keep what was done.

    `kept_reports` of them, and `kept_evidence` lines of evidence of the others, were taken over from a ledger.
    """

    reports: tuple[Report, ...]
    interrupted: bool = False
    remaining: tuple[str, ...] = ()
    kept_reports: int = field(default=0, compare=False)
    kept_evidence: int = field(default=0, compare=False)

    @property
    def verdict(self) -> Verdict:
        """HOLDS only if every statement holds and none was left out."""
        verdicts = [r.verdict for r in self.reports]
        return combine([*verdicts, Verdict.UNDECIDED] if self.interrupted else verdicts)

    def __iter__(self) -> Iterator[Report]:
        return iter(self.reports)

    def __len__(self) -> int:
        return len(self.reports)

    def __getitem__(self, identifier: str) -> Report:
        for report in self.reports:
            if report.identifier == identifier:
                return report
        raise KeyError(identifier)

    def items(self) -> Iterable[tuple[str, Report]]:
        """Pairs of identifier and report."""
        return ((r.identifier, r) for r in self.reports)

    def get(self, identifier: str, default: Any = None) -> Any:
        """Report of an identifier, or the default."""
        return dict(self.items()).get(identifier, default)

    def table(self) -> Any:
        """A rich table, one line per statement."""
        from rich.table import Table
        from rich.text import Text

        table = Table(caption=self._caption(), caption_justify="left")
        for name in ("statement", "verdict", "grade", "witnesses", "copies refuted", "seconds"):
            table.add_column(name, overflow="fold")
        for r in self.reports:
            killed, total = sum(e.killed for e in r.evidence), sum(e.mutants for e in r.evidence)
            holding = ", ".join(e.method for e in r.evidence if e.verdict is Verdict.HOLDS)
            grade = r.grade.name.lower() if r.grade else "-"
            verdict = Text(r.verdict.value, style=_STYLES[r.verdict])
            table.add_row(r.identifier, verdict, grade, holding, f"{killed}/{total}", f"{r.seconds:.1f}")
        return table

    def _caption(self) -> str:
        counts = {v: sum(r.verdict is v for r in self.reports) for v in Verdict}
        text = ", ".join(f"{n} {v.value}" for v, n in counts.items() if n)
        left = f"; interrupted, {len(self.remaining)} not looked at" if self.interrupted else ""
        return text + left

    def __str__(self) -> str:
        return _rendered(self.table())

    def kept_line(self) -> str:
        """How much of the reports was taken over from a ledger, in words."""
        text = f"taken over from the ledger: {self.kept_reports} of {len(self.reports)} reports"
        single = f"; of the others, evidence of single methods: {self.kept_evidence}"
        return text + single * bool(self.kept_evidence)

    def _repr_html_(self) -> str:
        from numerics.report_display import reports_html

        return reports_html(self)

    def to_json(self) -> str:
        """JSON text; `Reports.from_json` is its inverse."""
        body = {
            "format": _FORMAT,
            "interrupted": self.interrupted,
            "remaining": list(self.remaining),
            "reports": [r.as_dict() for r in self.reports],
        }
        return json.dumps(body, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Reports:
        """Reports from JSON text."""
        try:
            data = json.loads(text)
            if data["format"] != _FORMAT:
                raise KeyError("format")
            reports = tuple(Report.from_json(r) for r in data["reports"])
            return cls(reports, bool(data["interrupted"]), tuple(data["remaining"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TheoryError(f"not a report in the format {_FORMAT}: {error!r}") from error

    def save(self, path: str | Path) -> None:
        """Write the JSON text to a file."""
        Path(path).write_text(self.to_json() + "\n", encoding="utf-8")


def _detail(e: Evidence) -> str:
    parts = [e.detail]
    if (e.measured or e.stated) and (e.verdict is Verdict.FAILS or e.grade is Grade.STATISTICAL):
        where = ", ".join(f"{k} = {v}" for k, v in e.point.items())
        parts.append(f"at {where}: " * bool(where) + f"measured {e.measured}, stated {e.stated}")
    if e.survivors:
        parts.append("not refuted: " + ", ".join(e.survivors))
    return "; ".join(p for p in parts if p)


def _rendered(table: Any) -> str:
    from rich.console import Console

    buffer = io.StringIO()
    Console(width=120, file=buffer).print(table)
    return buffer.getvalue()

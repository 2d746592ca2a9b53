"""pytest plugin: claims as tests, switched on with `-p numerics.pytest_plugin`.

Collects Python files that apply `@theorem` and `*.claims.toml`.  A claim has one item per witness, such as
`relu_dual.py::relu_dual[certified]`, and the item `relu_dual.py::relu_dual[verdict]` for what they add up to.  Only
HOLDS passes; a witness that is undecided beside others that carry the verdict is skipped, with the reason.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["ClaimFile", "ClaimItem"]

_VERDICT = "verdict"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a check."""
    group = parser.getgroup("widetheory", "claims of widetheory")
    group.addoption(
        "--widetheory-budget", default="quick", choices=("quick", "standard", "deep"), help="work per claim"
    )
    group.addoption("--widetheory-seed", type=int, default=0, help="seed of everything drawn at random")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ClaimFile | None:
    """A file of claims, recognised without importing it."""
    from theory.claim_files.sources import SUFFIX, theorem_functions

    if file_path.name.endswith(SUFFIX) or (file_path.suffix == ".py" and theorem_functions(file_path)):
        return ClaimFile.from_parent(parent, path=file_path)
    return None


class ClaimFile(pytest.File):
    """A file of claims."""

    def collect(self) -> Iterator[ClaimItem]:
        """One item per claim and witness; a claim that cannot be built has its verdict only."""
        from numerics.methods import all_methods
        from numerics.own_statements import completed, vacuity
        from theory.claim_files.sources import claims_in

        for source in claims_in(self.path):
            names: list[str] = []
            try:
                statement = source.statement()
                if not vacuity(statement):
                    names = [method.name for method in all_methods() if method.accepts(completed(statement))]
            except Exception:  # its reason is what the item of the verdict fails with
                names = []
            shared = _Shared(source)
            for witness in [*names, _VERDICT]:
                name = f"{source.name or self.path.name}[{witness}]"
                yield ClaimItem.from_parent(self, name=name, shared=shared, witness=witness)


class _Shared:
    """The report on one claim, made once for all its items."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self._report: Any = None

    def report(self, config: pytest.Config) -> Any:
        if self._report is None:
            from numerics.file_checks import check_claim

            budget, seed = config.getoption("--widetheory-budget"), config.getoption("--widetheory-seed")
            self._report = check_claim(self.source, self.source.name or self.source.label, budget, seed)
        return self._report


class ClaimFailure(Exception):
    """A claim, or one of its witnesses, that does not hold."""


class ClaimItem(pytest.Item):
    """What one witness says about one claim, or what all of them add up to."""

    def __init__(self, *, shared: _Shared, witness: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.shared, self.witness = shared, witness

    def runtest(self) -> None:
        """Pass only if the witness holds."""
        from numerics.verdict import Verdict

        report = self.shared.report(self.config)
        if self.witness == _VERDICT:
            if report.verdict is not Verdict.HOLDS:
                raise ClaimFailure(self._text(report, report.verdict, report.note, report.evidence))
            return
        found = [e for e in report.evidence if e.method == self.witness]
        if not found:
            raise ClaimFailure(self._text(report, report.verdict, report.note, ()))
        if found[0].verdict is Verdict.UNDECIDED and report.verdict is Verdict.HOLDS:
            pytest.skip(f"{self.witness} is undecided and the claim holds without it: {found[0].detail}")
        if found[0].verdict is not Verdict.HOLDS:
            raise ClaimFailure(self._text(report, found[0].verdict, found[0].detail, found))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The text of a failed claim; anything else as usual."""
        if isinstance(excinfo.value, ClaimFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line and name."""
        return self.path, self.shared.source.line - 1, self.name

    def _text(self, report: Any, verdict: Any, note: str, evidence: Any) -> str:
        from numerics.verdict import Verdict

        lines = [f"{report.identifier} [{self.witness}]: {verdict.value}: {note or verdict.advice}"]
        with contextlib.suppress(Exception):  # of a file that breaks: the line above says how
            lines += [f"statement: {words}"] if (words := self.shared.source.words()) else []
        for e in evidence:
            if e.verdict is not Verdict.HOLDS:
                where = ", ".join(f"{name} = {value}" for name, value in e.point.items())
                lines.append(f"{e.method} ({e.grade.name.lower()}): {e.verdict.value}: {e.detail}")
                lines += [f"  worst point: {where}"] if where else []
                lines += [f"  measured: {e.measured}", f"  stated:   {e.stated}"] if e.measured or e.stated else []
        lines += [f"budget {report.budget}, seed {report.seed}", f"repeat with: {self._command(report)}"]
        return "\n".join(lines)

    def _command(self, report: Any) -> str:
        source = self.shared.source
        place = f"{source.file}::{source.name}" if source.name else str(source.file)
        return f"widetheory check {shlex.quote(place)} --budget {report.budget} --seed {report.seed}"

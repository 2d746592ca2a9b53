"""Reports kept in a ledger, one per statement, version, budget and seed, and the evidence of each method by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from numerics.chunks import encode
from numerics.ledger import Ledger, LedgerError, keep
from numerics.methods import method_names
from numerics.report import Report
from numerics.verdict import Evidence, Verdict
from numerics.versions import statement_version
from theory.errors import TheoryError

__all__ = ["ReportLedger"]


class ReportLedger:
    """The reports of a ledger with one budget and one seed; `version` gives that of an identifier.

    The evidence of a method has a version of its own, given by `method_version`: an edit of one method, or a new one,
    leaves that of the others in force.  What broke is not kept: it may have broken for want of memory.
    """

    def __init__(
        self,
        ledger: Ledger,
        budget: str,
        seed: int,
        version: Callable[[str], str] = statement_version,
        method_version: Callable[[str, str], str] | None = None,
    ) -> None:
        self.ledger, self.budget, self.seed, self._version = ledger, budget, seed, version
        self._method_version = method_version
        self.unrecorded: LedgerError | None = None
        self._versions: dict[str, str] = {}

    def report(self, identifier: str) -> Report | None:
        """The report that is kept, if the statement and all it depends on are still the same."""
        # The version is taken before the work: an edit made meanwhile must not be credited with it.
        key = self._key(identifier)
        self._versions[key] = self._version(identifier)
        return self._read(key, "report", Report.from_json)

    def evidence(self, identifier: str) -> dict[str, Evidence]:
        """The evidence that is kept of single methods, by their names."""
        if self._method_version is None:
            return {}
        found = {}
        for method in method_names():
            key = self._key(identifier, method)
            self._versions[key] = self._method_version(identifier, method)
            evidence = self._read(key, "evidence", lambda text: Evidence.from_json(json.loads(text)))
            if evidence is not None:
                found[method] = evidence
        return found

    def record(self, report: Report) -> None:
        """Keep a report asked for before, and its evidence; a ledger that fails costs a warning and no report."""
        if report.verdict is not Verdict.ERROR:
            self._write(self._key(report.identifier), {"report": report.to_json()})
        for evidence in report.evidence:
            if evidence.verdict is not Verdict.ERROR:
                key = self._key(report.identifier, evidence.method)
                self._write(key, {"evidence": json.dumps(evidence.to_json())})

    def _read(self, key: str, name: str, parse: Callable[[str], Any]) -> Any:
        payload = self.ledger.chunks(key, self._versions[key]).get(0)
        if payload is None:
            return None
        try:
            return parse(payload[name])
        except (KeyError, TypeError, ValueError, TheoryError) as error:
            raise LedgerError(self.ledger.path, f"{key!r} holds no {name} ({error})") from error

    def _write(self, key: str, payload: Mapping[str, str]) -> None:
        if self.unrecorded is None and key in self._versions:
            self.unrecorded = keep(self.ledger, key, self._versions[key], [(0, encode(dict(payload)), 0)])

    def _key(self, identifier: str, method: str = "") -> str:
        by = f" by {method}" if method else ""
        return f"verify {identifier}{by} {self.budget} seed={self.seed}"

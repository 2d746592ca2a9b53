"""Reports kept in a ledger, one per statement, version, budget and seed."""

from __future__ import annotations

from collections.abc import Callable

from numerics.chunks import encode
from numerics.ledger import Ledger, LedgerError, keep
from numerics.report import Report
from numerics.verdict import Verdict
from numerics.versions import statement_version
from theory.errors import TheoryError

__all__ = ["ReportLedger"]


class ReportLedger:
    """The reports of a ledger with one budget and one seed; `version` gives that of an identifier.

    A report of a theorem file that broke is not kept: it may have broken for want of memory.
    """

    def __init__(
        self, ledger: Ledger, budget: str, seed: int, version: Callable[[str], str] = statement_version
    ) -> None:
        self.ledger, self.budget, self.seed, self._version = ledger, budget, seed, version
        self.unrecorded: LedgerError | None = None
        self._versions: dict[str, str] = {}

    def report(self, identifier: str) -> Report | None:
        """The report that is kept, if the statement and all it depends on are still the same."""
        # The version is taken before the work: an edit made meanwhile must not be credited with it.
        self._versions[identifier] = self._version(identifier)
        payload = self.ledger.chunks(self._key(identifier), self._versions[identifier]).get(0)
        if payload is None:
            return None
        try:
            return Report.from_json(payload["report"])
        except (KeyError, TheoryError) as error:
            raise LedgerError(self.ledger.path, f"{self._key(identifier)!r} holds no report ({error})") from error

    def record(self, report: Report) -> None:
        """Keep a report asked for before; a ledger that fails costs a warning and no report."""
        if self.unrecorded is not None or report.verdict is Verdict.ERROR:
            return
        data = encode({"report": report.to_json()})
        version = self._versions[report.identifier]
        self.unrecorded = keep(self.ledger, self._key(report.identifier), version, [(0, data, 0)])

    def _key(self, identifier: str) -> str:
        return f"verify {identifier} {self.budget} seed={self.seed}"

"""What a change leaves in force: reports, and the evidence of single methods."""

from __future__ import annotations

import pytest

from numerics import verification, versions
from numerics.ledger import Ledger
from numerics.report_ledger import ReportLedger
from numerics.verdict import Evidence, Grade, Verdict
from numerics.verification import verify, verify_all
from numerics.versions import engine_version, statement_version

NAME = "relu_inverse_depth"
KNOWN = Evidence("certified", Grade.CERTIFIED, Verdict.HOLDS, "kept", mutants=1, killed=1)


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A copy of the tree of files that versions read, to be edited."""
    for file in ("theory/haar.py", "numerics/mutation.py", "numerics/methods/exact.py", "numerics/methods/haar.py"):
        place = tmp_path / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("one = 1\n")
    theorem = tmp_path / "theory" / "theorems" / "base.py"
    theorem.parent.mkdir()
    theorem.write_text("one = 1\n")
    monkeypatch.setattr(versions, "__file__", str(tmp_path / "numerics" / "versions.py"))
    engine_version.cache_clear()
    yield tmp_path
    engine_version.cache_clear()


def edit(place):
    place.write_text("one = 2\n")
    engine_version.cache_clear()


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("theory/haar.py", {None, "exact", "haar"}),
        ("numerics/mutation.py", {None, "exact", "haar"}),
        ("numerics/methods/haar.py", {None, "haar"}),
        ("numerics/methods/exact.py", {None, "exact"}),
        ("theory/theorems/base.py", set()),
    ],
)
def test_the_engine_of_a_method_has_no_other_methods(packages, file, changed):
    before = {method: engine_version(method) for method in (None, "exact", "haar")}
    edit(packages / file)
    assert {m for m in before if engine_version(m) != before[m]} == changed


def test_kept_evidence_stands_for_its_method_and_for_no_other():
    report = verify(NAME, "quick", known={"certified": KNOWN})
    assert report.evidence[0] == KNOWN
    assert [e.method for e in report.evidence] == ["certified", "search"]
    assert report.evidence[1].detail != "kept"


def test_a_method_that_changed_is_asked_again_alone(tmp_path, monkeypatch):
    asked = []
    witness = verification._witness

    def counted(method, *rest):
        asked.append(method.name)
        return witness(method, *rest)

    monkeypatch.setattr(verification, "_witness", counted)
    with Ledger(tmp_path / "ledger") as ledger:
        first = verify_all(identifiers=[NAME], ledger=ledger)
        assert asked == ["certified", "search"]
        verify_all(identifiers=[NAME], ledger=ledger)
        assert asked == ["certified", "search"]
        # The report as a whole depends on every method, the evidence of each on its own file.
        engine = versions.engine_version
        monkeypatch.setattr(
            versions, "engine_version", lambda method=None: engine(method) if method == "certified" else "edited"
        )
        again = verify_all(identifiers=[NAME], ledger=ledger)
    assert asked == ["certified", "search", "search"]
    assert again[NAME].evidence[0] == first[NAME].evidence[0]
    assert again.verdict is Verdict.HOLDS


def test_without_versions_of_methods_only_reports_are_kept(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        kept = ReportLedger(ledger, "quick", 0, version=lambda name: "v")
        assert kept.report(NAME) is None
        assert kept.evidence(NAME) == {}
        kept.record(verify(NAME, "quick"))
        assert kept.report(NAME).verdict is Verdict.HOLDS
        assert len(ledger.summary()) == 1


def test_a_statement_depends_on_what_it_needs(tmp_path, monkeypatch):
    class Entry:
        def __init__(self, name, needs):
            self.file, self.needs = tmp_path / f"{name}.py", needs
            self.file.write_text("one = 1\n")

    entries = {"base": Entry("base", ()), "built": Entry("built", ("base",)), "other": Entry("other", ())}
    monkeypatch.setattr("theory.catalogue.metadata", lambda: entries)
    before = {name: statement_version(name, "exact") for name in entries}
    entries["base"].file.write_text("one = 2\n")
    assert {name for name in entries if statement_version(name, "exact") != before[name]} == {"base", "built"}

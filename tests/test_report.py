"""Reports: tables, JSON round trip, verdict of many."""

from __future__ import annotations

import json
import re

import pytest

from numerics.report import Report, Reports
from numerics.verdict import Evidence, Grade, Verdict
from theory.errors import TheoryError

GOOD = Evidence("exact", Grade.EXACT, Verdict.HOLDS, "zero", points=8, mutants=9, killed=9, seconds=0.25)
BAD = Evidence(
    "certified", Grade.CERTIFIED, Verdict.FAILS, "apart", {"rho": "1/2"}, "[0.304 +/- 1e-20]", "0.221", points=8
)
WEAK = Evidence("wide_network", Grade.STATISTICAL, Verdict.UNDECIDED, "draw more", survivors=("sign",), mutants=2)
HOLDS = Report("one", Verdict.HOLDS, (GOOD,), status="theorem", seconds=1.5)
FAILS = Report("two", Verdict.FAILS, (GOOD, BAD, WEAK), "refuted by certified", seed=7, budget="quick")


@pytest.mark.parametrize("report", [HOLDS, FAILS], ids=lambda r: r.identifier)
def test_report_round_trip(report):
    assert Report.from_json(report.to_json()) == report
    assert json.loads(report.to_json())["identifier"] == report.identifier


@pytest.mark.parametrize("interrupted", [False, True])
def test_reports_round_trip(interrupted, tmp_path):
    many = Reports((HOLDS, FAILS), interrupted, ("three",) * interrupted)
    assert Reports.from_json(many.to_json()) == many
    many.save(tmp_path / "r.json")
    assert Reports.from_json((tmp_path / "r.json").read_text()) == many


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}', "null", '{"format": "widetheory-report-1"}'])
def test_foreign_text_is_refused(text):
    with pytest.raises(TheoryError, match="not a report"):
        Report.from_json(text)
    with pytest.raises(TheoryError, match="not a report"):
        Reports.from_json(text)


def test_table_names_the_point_and_both_sides():
    text = re.sub(r"[│\s]+", " ", str(FAILS))
    for word in ("FAILS", "rho = 1/2", "0.304", "0.221", "not refuted: sign"):
        assert word in text
    assert "9/9" in str(HOLDS)


def test_grade_is_the_strongest_that_holds():
    assert HOLDS.grade is FAILS.grade is Grade.EXACT
    assert Report("none", Verdict.FAILS, (BAD,)).grade is None


def test_many():
    many = Reports((HOLDS, FAILS))
    assert many.verdict is Verdict.FAILS
    assert (len(many), many["one"], many.get("none")) == (2, HOLDS, None)
    assert "1 HOLDS" in str(many)
    with pytest.raises(KeyError):
        many["none"]


def test_only_a_complete_run_holds():
    assert Reports((HOLDS,)).verdict is Verdict.HOLDS
    assert Reports((HOLDS,), interrupted=True, remaining=("two",)).verdict is Verdict.UNDECIDED
    assert Reports(()).verdict is Verdict.VACUOUS
    assert "interrupted" in str(Reports((HOLDS,), True, ("two",)))

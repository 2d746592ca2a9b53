"""`widetheory check PATH`, `new` and `lint`: verdicts, exit status, and that one broken file hides no other."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

import numerics as nm
from numerics.cli import main
from numerics.file_checks import check_path
from numerics.report import Report, Reports
from numerics.verdict import Verdict

HOLDS = '[good]\nclaim = "E[Z^2] = 1"\nresolution = 0.05\n'
FALSE = '[bad]\nclaim = "E[Z^2] = 2"\nresolution = 0.05\n'
THEOREM = '''import theory as th
from sympy import Symbol
z = Symbol("z", real=True)
@th.theorem(topics=[], sources=[], status="derived")
def {name}():
    """The second moment."""
    return th.Statement(th.GaussianIdentity(z**2, th.Gaussian(z), {value}), {{}}, resolution=0.05,
                        derive=lambda: th.expect(z**2, th.Gaussian(z)))
'''


@pytest.fixture
def run(call):
    return partial(call, main)


def verdicts(path, **options):
    return {report.identifier: report.verdict.value for report in check_path(path, **options)}


def test_a_folder_with_broken_files(tmp_path):
    (tmp_path / "a.claims.toml").write_text(HOLDS)
    (tmp_path / "b.claims.toml").write_text("[b]\nclaim = 'E[Z] = 0\n")
    (tmp_path / "one.py").write_text(THEOREM.format(name="one", value="th.parsing.parse_expression('1')"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one.py").write_text(THEOREM.format(name="one", value="z.one if False else 2"))
    (tmp_path / "stops.py").write_text("import sys\nsys.exit(3)\n" + THEOREM.format(name="stops", value="1"))
    (tmp_path / "syntax.py").write_text(THEOREM.format(name="syntax", value="1") + "\n)\n")
    (tmp_path / "helper.py").write_text("raise RuntimeError('not a claim, so it is not run')\n")
    assert verdicts(tmp_path) == {
        "a.claims.toml::good": "HOLDS",
        "b.claims.toml": "ERROR",
        "one.py::one": "HOLDS",
        "stops.py::stops": "ERROR",
        "sub/one.py::one": "FAILS",
        "syntax.py": "ERROR",
    }


@pytest.mark.parametrize(
    ("body", "verdict", "word"),
    [
        ('claim = "E[a*Z] = 0"\ndomains = { a = "[2, 1]" }', Verdict.VACUOUS, "[2, 1] is empty"),
        ('claim = "E[a*Z] = 0"\nparameters = ["a: 2 < a < 1"]', Verdict.VACUOUS, "no value of a"),
        ('claim = "a^2 = a*a*a"\ndomains = { a = "[0, 1]" }\nassumptions = ["a > 2"]', Verdict.VACUOUS, "a > 2"),
        ('claim = "E[exp(Z^2)] = 3"', Verdict.UNDECIDED, "the expectation does not exist,"),
        ('claim = "E[exp(a*Z^2)] = 1/sqrt(1-2*a)"\ndomains = { a = "[3/10, 2/5]" }\nresolution = 0.05',
         Verdict.HOLDS, ""),
        ('claim = "E[exp(a*Z^2)] = 1/sqrt(1-2*a)"\ndomains = { a = "[2/5, 49/100]" }\nresolution = 0.00001',
         Verdict.UNDECIDED, "infinite variance"),
        ('claim = "E[O[3,1]^2] = 2/n"\ndomains = { n = "integers [3, 5]" }', Verdict.FAILS, ""),
        ('claim = "E[O[3,1]^2] = 1/n"\ndomains = { n = "integers [3, 5]" }', Verdict.HOLDS, ""),
        ('claim = "a^2 <= a"\ndomains = { a = "[0, 2]" }', Verdict.FAILS, ""),
        ('claim = "a >= a^2"\ndomains = { a = "[0, 1]" }\nnear_misses = ["a"]', Verdict.ERROR, "tautology"),
        ('claim = "a >= a^2"\ndomains = { a = "[0, 1]" }\nnear_misses = ["2*a^2"]', Verdict.HOLDS, ""),
        ('claim = "E[Z^4] = a"\ndomains = { a = "[2, 4]" }\nat = { a = 3 }', Verdict.FAILS, ""),
        ('claim = "E[Z^4] = a"\ndomains = { a = "[2, 4]" }\nat = { a = 2 }', Verdict.HOLDS, ""),
        ('phi = "exp(x)"\nkind = "sequence"\nclaim = "hermite(phi, k) = exp(1/2)/factorial(k)"', Verdict.FAILS, ""),
        ('claim = "E[Z^2] = 1"\nnear_misses = ["sin(1)^2 + cos(1)^2"]', Verdict.UNDECIDED, ""),
        ('claim = "E[U^3*V^3] = 9*rho + 6*rho^3"', Verdict.HOLDS, ""),
        ('claim = "E[U^2*V^2] >= 1"', Verdict.HOLDS, ""),
        ('claim = "E[U^2*V^2] >= 1 + rho/1000"', Verdict.FAILS, "refuted by search"),
        ('claim = "E[abs(Z)] >= sqrt(2/pi)"', Verdict.HOLDS, ""),
        ('claim = "E[abs(Z)] >= sqrt(2/pi) + 10^(-30)"', Verdict.FAILS, ""),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_verdicts(tmp_path, body, verdict, word):
    (tmp_path / "a.claims.toml").write_text(f"[it]\n{body}\n")
    report = check_path(tmp_path).reports[0]
    assert report.verdict is verdict, str(report)
    assert word in report.note


def test_exit_status_and_json(run, tmp_path):
    (tmp_path / "a.claims.toml").write_text(HOLDS)
    target = tmp_path / "reports.json"
    status, out, _ = run("check", tmp_path, "--json", target, "--seed", "3")
    assert (status, Reports.from_json(target.read_text()).verdict) == (0, Verdict.HOLDS)
    assert json.loads(target.read_text())["reports"][0]["seed"] == 3
    assert "a.claims.toml::good" in out
    (tmp_path / "a.claims.toml").write_text(HOLDS + FALSE)
    status, out, _ = run("check", tmp_path / "a.claims.toml")
    assert status == 1
    assert "measured" in out
    assert run("check", f"{tmp_path / 'a.claims.toml'}::good")[0] == 0


def test_text_is_still_a_claim(run):
    assert run("check", "E[Z^2] = 1")[0] == 0
    assert run("check", "E[Z^2] = 2")[0] == 1


@pytest.mark.parametrize("path", ["none.claims.toml", "none.py", "none.toml::a", "some/folder", "a.txt"])
def test_paths_that_do_not_exist(run, path):
    status, _, err = run("check", path)
    assert status == 2
    assert err.startswith("error: ")


def test_parameters_belong_to_text(run, tmp_path):
    (tmp_path / "a.claims.toml").write_text(HOLDS)
    assert run("check", tmp_path, "--param", "a")[0] == 2


def test_the_ledger_is_used_and_notices_edits(tmp_path, monkeypatch):
    file, ledger = tmp_path / "a.claims.toml", tmp_path / "ledger.sqlite"
    file.write_text(HOLDS)
    first = check_path(file, ledger=ledger)
    import numerics.file_checks

    monkeypatch.setattr(numerics.file_checks, "check_claim", lambda *a: Report(a[1], Verdict.ERROR, ()))
    assert check_path(file, ledger=ledger).to_json() == first.to_json()
    file.write_text(HOLDS.replace("= 1", "= 3"))
    assert check_path(file, ledger=ledger).verdict is Verdict.ERROR


def test_changed_says_how_much_was_taken_over(run, tmp_path, monkeypatch):
    import numerics.file_checks

    monkeypatch.setenv("WIDETHEORY_LEDGER", str(tmp_path / "ledger.sqlite"))
    (tmp_path / "a.claims.toml").write_text(HOLDS)
    folder = tmp_path / "a.claims.toml"
    assert "taken over from the ledger: 0 of 1 reports\n" in run("check", folder, "--changed")[1]
    assert "taken over from the ledger: 1 of 1 reports\n" in run("check", folder, "--changed")[1]
    engine = numerics.file_checks.engine_version
    versions = {"exact": engine("exact")}  # every other method, and so the whole, was edited
    monkeypatch.setattr(numerics.file_checks, "engine_version", lambda method=None: versions.get(method, "edited"))
    assert "0 of 1 reports; of the others, evidence of single methods: 1\n" in run("check", folder, "--changed")[1]
    assert "taken over" not in run("check", folder)[1]
    written = ("--json", tmp_path / "out.json")
    assert "taken over from the ledger: 1 of 1 reports\n" in run("report", folder, "--changed", *written)[1]
    assert "taken over" not in run("report", folder, *written)[1]
    status, _, err = run("check", "E[U*V] = rho", "--changed")
    assert status == 2
    assert "claims in files" in err


def test_ctrl_c_keeps_what_was_done(tmp_path, monkeypatch):
    (tmp_path / "a.claims.toml").write_text(HOLDS + FALSE)
    import numerics.file_checks

    def fake(source, name, budget, seed, known):
        if source.name == "bad":
            raise KeyboardInterrupt
        return Report(name, Verdict.HOLDS, ())

    monkeypatch.setattr(numerics.file_checks, "check_claim", fake)
    found = check_path(tmp_path)
    assert (len(found), found.remaining, found.verdict) == (1, ("a.claims.toml::bad",), Verdict.UNDECIDED)


@pytest.mark.parametrize("option", ["--toml", "--python"])
def test_a_template_works_at_once(run, tmp_path, option):
    target = tmp_path / "my_dual"
    status, out, _ = run("new", target, option)
    assert status == 0
    file = Path(out.split()[1].rstrip(";"))
    assert run("check", file)[0] == 0
    assert run("lint", file)[:2] == (0, "0 findings\n")
    before = file.read_text()
    assert run("new", target, option)[0] == 2
    assert file.read_text() == before


@pytest.mark.parametrize("name", ["two words", "1a", "a-b", "", "folder/that/is/not/there"])
def test_names_of_templates(run, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("new", name)[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_reports_in_a_notebook(tmp_path):
    (tmp_path / "a.claims.toml").write_text(FALSE)
    reports = check_path(tmp_path)
    report = nm.Report(reports.reports[0].identifier + " <b>", *list(vars(reports.reports[0]).values())[1:])
    assert "FAILS" in report._repr_html_()
    assert "&lt;b&gt;" in report._repr_html_()
    assert "<b>" not in report._repr_html_().replace("<b>a.claims", "")
    assert "FAILS" in reports._repr_html_()
    assert r"\begin{tabular}" in report._repr_latex_()
    assert "wide\\_network" in report._repr_latex_()


def test_a_claim_that_exits_ends_none_of_the_others(tmp_path):
    (tmp_path / "a.py").write_text(THEOREM.format(name="a", value="exit(3)"))
    (tmp_path / "b.claims.toml").write_text(HOLDS)
    reports = {report.identifier: report for report in check_path(tmp_path)}
    assert reports["a.py::a"].verdict is Verdict.ERROR
    assert "SystemExit: 3" in reports["a.py::a"].note
    assert reports["b.claims.toml::good"].verdict is Verdict.HOLDS


def test_a_report_says_before_the_work_that_its_folder_is_missing(run, tmp_path):
    (tmp_path / "a.claims.toml").write_text(HOLDS)
    for option in ("--latex", "--json"):
        status, _, err = run("report", tmp_path, option, tmp_path / "none" / "out")
        assert status == 2
        assert "make it first" in err

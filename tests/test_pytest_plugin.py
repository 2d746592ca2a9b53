"""The pytest plugin on folders of its own: node ids, outcomes, the text of a failure, one verification per claim."""

from __future__ import annotations

import re

import pytest

import numerics.file_checks
from numerics.methods import all_methods
from numerics.report import Report
from numerics.verdict import Evidence, Grade, Verdict

# Loaded before the inner runs, which forget the modules they load; numpy cannot be loaded twice.
all_methods()

pytest_plugins = ["pytester"]

TOML = """
[good]
claim = "E[Z^2] = 1"
resolution = 0.05

[wrong]
claim = "E[U^2*V^2] = 1 + rho^2"
resolution = 0.2

[nothing]
claim = "a^2 = a*a*a"
domains = { a = "[0, 1]" }
assumptions = ["a > 2"]

[alone]
claim = "cos(2*x) = 2*cos(x)^2 - 1"
domains = { x = "[-3, 3]" }
"""
THEOREM = '''
import theory as th
from sympy import Integer, Symbol
print("imported")
z = Symbol("z", real=True)
@th.theorem(topics=[], sources=[], status="derived")
def second():
    """The second moment."""
    return th.Statement(th.GaussianIdentity(z**2, th.Gaussian(z), Integer(1)), {}, resolution=0.05,
                        derive=lambda: th.expect(z**2, th.Gaussian(z)))
'''
PLUGIN = ("-p", "numerics.pytest_plugin", "-p", "no:cacheprovider", "-q")


@pytest.fixture
def folder(pytester):
    (pytester.path / "paper.claims.toml").write_text(TOML)
    (pytester.path / "second.py").write_text(THEOREM)
    (pytester.path / "other.py").write_text("raise RuntimeError('not a claim: never imported')\n")
    return pytester


def outcomes(result):
    lines = result.outlines
    found = (re.match(r"(PASSED|FAILED|SKIPPED|ERROR) (\S+)", line) for line in lines)
    return {m[2]: m[1] for m in found if m}


def test_one_item_per_witness(folder):
    result = folder.runpytest(*PLUGIN, "--collect-only")
    names = [line for line in result.outlines if "::" in line]
    witnesses = ["exact", "certified", "quadrature", "wide_network", "verdict"]
    assert [n for n in names if "good" in n] == [f"paper.claims.toml::good[{w}]" for w in witnesses]
    assert [n for n in names if "second" in n] == [f"second.py::second[{w}]" for w in witnesses]
    assert "paper.claims.toml::nothing[verdict]" in names
    assert not any("other.py" in n for n in names)


def test_outcomes_and_failures(folder):
    result = folder.runpytest(*PLUGIN, "-rA", "--widetheory-seed", "5")
    found = outcomes(result)
    for witness in ("exact", "certified", "quadrature", "wide_network", "verdict"):
        assert found[f"paper.claims.toml::good[{witness}]"] == "PASSED"
        assert found[f"second.py::second[{witness}]"] == "PASSED"
        assert found[f"paper.claims.toml::wrong[{witness}]"] == "FAILED"
    assert found["paper.claims.toml::nothing[verdict]"] == "FAILED"
    assert found["paper.claims.toml::alone[verdict]"] == "FAILED"  # undecided is no pass
    text = result.stdout.str()
    for part in (
        "statement: E[U^2*V^2] = 1 + rho^2",
        "worst point: rho = 1",
        "measured: [3.000",
        "stated:   2.000",
        "budget quick, seed 5",
        f"repeat with: widetheory check {folder.path}/paper.claims.toml::wrong --budget quick --seed 5",
        "VACUOUS",
        "a > 2",
    ):
        assert part in text


def test_a_claim_is_verified_once(folder, monkeypatch):
    calls = []

    def fake(source, name, budget, seed):
        calls.append((source.name, budget, seed))
        return Report(name, Verdict.ERROR, (), "made up", budget=budget, seed=seed)

    monkeypatch.setattr(numerics.file_checks, "check_claim", fake)
    result = folder.inline_run(*PLUGIN, "--widetheory-budget", "standard", "second.py", "paper.claims.toml")
    assert result.countoutcomes()[0] == 0  # an error passes nowhere
    assert sorted(calls) == [(name, "standard", 0) for name in ("alone", "good", "nothing", "second", "wrong")]


def test_an_undecided_witness_beside_others_is_skipped(folder, monkeypatch):
    found = [Verdict.UNDECIDED, Verdict.HOLDS, Verdict.HOLDS, Verdict.HOLDS]
    names = ["exact", "certified", "quadrature", "wide_network"]

    def fake(source, name, budget, seed):
        evidence = tuple(Evidence(n, Grade.EXACT, v, "open") for n, v in zip(names, found, strict=True))
        return Report(name, Verdict.HOLDS, evidence)

    monkeypatch.setattr(numerics.file_checks, "check_claim", fake)
    assert folder.inline_run(*PLUGIN, "second.py").countoutcomes() == [4, 1, 0]


BROKEN = {
    "broken.claims.toml": ('[a]\nclaim = "x', "broken.claims.toml:2: not valid TOML"),
    "broken.py": (THEOREM + "\nraise SystemExit(7)\n", "SystemExit: 7"),
    "syntax.py": (THEOREM + "\n)\n", "not a Python file"),
    "wrong_key.claims.toml": ('[a]\nclam = "E[Z] = 0"', "did you mean claim"),
}


def test_broken_files_fail_and_stop_nothing(pytester):
    for name, (text, _) in BROKEN.items():
        (pytester.path / name).write_text(text)
    (pytester.path / "z.claims.toml").write_text(
        '[z]\nclaim = "(x + 1)^2 = x^2 + 2*x + 1"\ndomains = { x = "[0, 2]" }\n'
    )
    result = pytester.runpytest(*PLUGIN, "-rA")
    found = outcomes(result)
    for name, (_, word) in BROKEN.items():
        assert [outcome for node, outcome in found.items() if node.startswith(name)] == ["FAILED"], name
        assert word in result.stdout.str()
    assert found["z.claims.toml::z[verdict]"] == "PASSED"


def test_beside_doctests_and_importlib(folder):
    (folder.path / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib --doctest-modules --strict-markers\nfilterwarnings = error\n"
    )
    (folder.path / "test_plain.py").write_text("def test_plain():\n    assert True\n")
    # A process of its own: pytest warns about a plugin that is imported already, and warnings are errors here.
    result = folder.runpytest_subprocess(*PLUGIN, "-rA", "--ignore=other.py", "test_plain.py", "second.py")
    found = outcomes(result)
    assert found["test_plain.py::test_plain"] == "PASSED"
    assert found["second.py::second[verdict]"] == "PASSED"


def test_without_the_plugin_nothing_is_collected(folder):
    assert folder.runpytest("-q", "--collect-only", "-p", "no:cacheprovider").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_across_workers(folder):
    pytest.importorskip("xdist")
    result = folder.runpytest_subprocess(*PLUGIN, "-n", "1", "--dist", "loadfile", "second.py")
    assert result.parseoutcomes() == {"passed": 5}

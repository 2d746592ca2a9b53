"""The command line: what it prints, the files it leaves, its exit status, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import numerics.verification
from numerics.cli import main
from numerics.report import Report, Reports
from numerics.verdict import Verdict

ROOT = Path(__file__).parent.parent
TRUE = "E[max(U,0)*max(V,0)] = (sqrt(1-rho^2) + rho*(pi - acos(rho)))/(2*pi)"
FALSE = "E[max(U,0)*max(V,0)] = (sqrt(1-rho^2) + rho*acos(rho))/(2*pi)"


@pytest.fixture
def run(call):
    return partial(call, main)


def test_derive(run):
    status, out, _ = run("derive", "max(x,0)")
    assert status == 0
    assert "asin(rho)" in out
    assert "kernel map" in out


def test_derive_at_a_point_with_digits(run):
    status, out, _ = run("derive", "max(x,0)", "--at", "rho=0.5,q1=1,q2=1", "--digits", "50")
    assert status == 0
    assert "0.30449889052211467904" in out


def test_derive_with_parameters_steps_and_latex(run, tmp_path):
    target = tmp_path / "leaky.tex"
    text = "Piecewise((a*x, x < 0), (x, otherwise))"
    status, out, _ = run("derive", text, "--param", "a: 0<a<1", "--steps", "--latex", str(target))
    assert status == 0
    assert "holds" in out
    assert "FAILS" not in out
    tex = target.read_text()
    assert tex.startswith(r"\documentclass")
    assert r"\end{document}" in tex


def test_derive_and_verify(run):
    status, out, _ = run("derive", "sign(x)", "--verify")
    assert status == 0
    assert "HOLDS" in out


def test_derive_without_closed_form(run):
    status, out, _ = run("derive", "tanh(x)", "--at", "rho=0.3,q1=1,q2=1")
    assert status == 0
    assert "no closed form" in out


def test_check(run, tmp_path):
    status, out, _ = run("check", TRUE, "--json", str(tmp_path / "r.json"))
    assert status == 0
    assert "HOLDS" in out
    assert Report.from_json((tmp_path / "r.json").read_text()).verdict is Verdict.HOLDS
    status, out, _ = run("check", FALSE)
    assert status == 1
    assert "FAILS" in out
    assert "rho = " in out
    assert out.count("+/-") >= 1


def test_list_show_latex_about(run, tmp_path):
    status, out, _ = run("list")
    assert status == 0
    assert "relu_dual" in out
    status, out, _ = run("show", "relu_dual")
    assert (status, "Cho" in out, r"\label{thm:relu_dual}" in out) == (0, True, True)
    status, out, _ = run("latex", "relu_dual", "--output", str(tmp_path / "t.tex"))
    assert status == 0
    assert "relu" in (tmp_path / "t.tex").read_text()
    status, out, _ = run("about")
    assert (status, "sympy" in out, "ground types" in out) == (0, True, True)


def test_verify_writes_reports(run, tmp_path):
    target = tmp_path / "reports.json"
    status, _, _ = run("verify", "nonnegative_recovery_strength", "--json", str(target), "--seed", "5")
    assert status == 0
    found = Reports.from_json(target.read_text())
    assert found.verdict is Verdict.HOLDS
    assert found["nonnegative_recovery_strength"].seed == 5


@pytest.mark.parametrize("verdict", list(Verdict))
def test_exit_status_is_zero_only_if_all_hold(run, monkeypatch, verdict):
    def fake(name, budget, seed, known=None):
        return Report(name, verdict if name == "relu_dual" else Verdict.HOLDS, ())

    monkeypatch.setattr(numerics.verification, "verify", fake)
    status, out, _ = run("verify", "step_dual", "relu_dual")
    assert status == (0 if verdict is Verdict.HOLDS else 1)
    assert verdict.value in out


def test_ctrl_c_keeps_what_was_done(run, monkeypatch, tmp_path):
    def fake(name, budget, seed, known=None):
        if name == "step_dual":
            raise KeyboardInterrupt
        return Report(name, Verdict.HOLDS, ())

    monkeypatch.setattr(numerics.verification, "verify", fake)
    target = tmp_path / "reports.json"
    status, out, _ = run("verify", "relu_dual", "step_dual", "--json", str(target))
    assert status == 130
    assert "interrupted" in out
    found = Reports.from_json(target.read_text())
    assert (len(found), found.remaining) == (1, ("step_dual",))


BAD_ACTIVATIONS = [
    "__import__('os').system('touch {file}')",
    "x.__class__",
    "lambda: 0",
    "open('{file}', 'w')",
    "'x' * 10**6",
    "9**9**9",
    "9**9**9**9",
    "x*y",
    "sqrt(x)",
    "log(x)",
    "",
    "   ",
    "(x",
    "x)",
    "max(x,0]",
    "nan",
    "oo*x",
    "1/0",
    "x" * 20_000,
    "exp(x**2",
    "x if x else 0",
    "[x for x in x]",
    "x; x",
    "x\x00",
    "\u202ex",
]


@pytest.mark.parametrize("text", BAD_ACTIVATIONS, ids=lambda t: repr(t[:30]))
def test_bad_activation(run, text, tmp_path):
    file = tmp_path / "made"
    status, out, err = run("derive", text.replace("{file}", str(file)))
    assert status == 2
    assert not out
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert len(err.splitlines()) <= 3  # the message, and the place in the text
    assert not file.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("derive", "max(x,0)", "--at", "rho=2"),
        ("derive", "max(x,0)", "--at", "rho=-1.5"),
        ("derive", "max(x,0)", "--at", "rho=0,q1=-1"),
        ("derive", "max(x,0)", "--at", "rho=0,q2=-1"),
        ("derive", "max(x,0)", "--at", "rho=0,q1=1,q2=1,q=-1"),
        ("derive", "max(x,0)", "--at", "q9=1"),
        ("derive", "max(x,0)", "--at", "rho"),
        ("derive", "max(x,0)", "--at", "rho=nan"),
        ("derive", "max(x,0)", "--digits", "0"),
        ("derive", "a*x", "--param", "a: 1<a<0"),
        ("derive", "a*x", "--param", "x"),
        ("derive", "rho*x", "--param", "rho"),
        ("derive", "q1*x", "--param", "q1: q1>0"),
        ("derive", "max(x,0)", "--latex", "/nonexistent/folder/file.tex"),
        ("check", ""),
        ("check", "E[U]"),
        ("check", "E[__import__('os')] = 0"),
        ("check", "E[U*W] = 0"),
        ("show", "relu_dul"),
        ("verify", "relu_dul"),
        ("verify", "--topic", "kernl"),
        ("verify",),
        ("list", "--topic", "kernl"),
        ("latex", "relu_dul"),
    ],
    ids=" ".join,
)
def test_bad_arguments(run, arguments):
    status, _, err = run(*arguments)
    assert status == 2
    assert err.startswith("error: ")
    assert len(err.splitlines()) <= 3


@pytest.mark.parametrize("command", ["show", "verify", "latex"])
def test_unknown_theorem_suggests_the_nearest(run, command):
    assert "relu_dual" in run(command, "relu_dul")[2]


def test_negative_variance_is_named(run):
    assert "q1" in run("derive", "max(x,0)", "--at", "rho=0.3,q1=-1,q2=1")[2]


def test_without_numba(tmp_path):
    """`python -m theory` where numba, numpy and scipy cannot be imported."""
    for name in ("numba", "numpy", "scipy"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('{name} is blocked')\n")
    code = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "from theory.commands import main\n"
        "raise SystemExit(main(['derive', 'max(x,0)', '--at', 'rho=1/2,q1=1,q2=1']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "0.304498890522" in done.stdout


def test_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "theory", "show", "relu_dul"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "relu_dual" in done.stderr
    done = subprocess.run([sys.executable, "-m", "numerics", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    for command in ("derive", "check", "list", "show", "verify", "latex", "about"):
        assert command in done.stdout

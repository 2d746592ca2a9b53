"""The built wheel: two packages with their data, working away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (built,) = out.glob("*.whl")
    return built


def test_two_top_level_names(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"theory", "numerics"}
    assert len([t for t in tops if t.endswith(".dist-info")]) == 1
    for needed in ("theory/references.bib", "theory/py.typed", "numerics/py.typed", "theory/theorems/relu_dual.py"):
        assert needed in names


def test_every_source_file_is_inside(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("theory", "numerics"):
        for path in (ROOT / package).rglob("*.py"):
            assert path.relative_to(ROOT).as_posix() in names


def test_works_outside_the_checkout(wheel, tmp_path):
    target, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    run = subprocess.run([*install, str(wheel)], capture_output=True, text=True)
    if run.returncode and "No module named pip" in run.stderr:
        zipfile.ZipFile(wheel).extractall(target)
    else:
        assert run.returncode == 0, run.stderr
    code = (
        f"import sys\nsys.path.insert(0, {str(target)!r})\n"
        "import numerics, theory\n"
        f"assert theory.__file__.startswith({str(target)!r}) and numerics.__file__.startswith({str(target)!r})\n"
        "statement = theory.lookup('relu_dual')\nprint(statement.identifier, theory.citation(statement)[:5])"
    )
    run = subprocess.run([sys.executable, "-P", "-c", code], cwd=elsewhere, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("relu_dual")

"""Catalogue: theorem files are listed without being run, and malformed ones are named with file and line."""

from __future__ import annotations

import os
import sys

import pytest

from theory import bibliography
from theory.catalogue import lookup, metadata, statement_names, statements
from theory.errors import StatementError, UnknownNameError
from theory.statement import Status

GOOD = '''"""Double angle of the cosine."""
from sympy import cos

from theory.claims import Identity
from theory.domains import Interval
from theory.statement import Statement, theorem
from theory.symbols import x


@theorem(topics=["trigonometry", "toy"], sources=["dlmf"], status="theorem", needs=[])
def double_angle():
    """The cosine of twice an angle.

    A second paragraph.
    """
    return Statement(Identity(cos(2 * x), 2 * cos(x) ** 2 - 1), {x: Interval(-1, 1)})
'''
OTHER = (
    GOOD.replace("double_angle", "half_angle")
    .replace('"trigonometry", "toy"', '"toy"')
    .replace('status="theorem", needs=[]', 'status="conjecture", needs=["double_angle"]')
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "double_angle.py").write_text(GOOD)
    (tmp_path / "half_angle.py").write_text(OTHER)
    (tmp_path / "_draft.py").write_text("this is not Python")
    return tmp_path


def test_metadata_is_read_from_the_text(folder):
    known = metadata(folder)
    assert statement_names(folder) == tuple(known) == ("double_angle", "half_angle")
    entry = known["double_angle"]
    assert entry.title == "The cosine of twice an angle."
    assert (entry.topics, entry.sources, entry.needs) == (("trigonometry", "toy"), ("dlmf",), ())
    assert entry.status is Status.THEOREM
    assert known["half_angle"].needs == ("double_angle",)
    assert GOOD.splitlines()[entry.line - 1].startswith("def double_angle")


def test_listing_runs_no_theorem_file(folder):
    (folder / "trap.py").write_text("raise SystemExit('imported')\n" + GOOD.replace("double_angle", "trap"))
    assert "trap" in metadata(folder)
    assert "trap" in statement_names(folder)
    with pytest.raises(SystemExit, match="imported"):
        lookup("trap", folder)
    assert "theorem_trap" not in sys.modules


def test_choosing_runs_only_the_chosen_files(folder):
    (folder / "trap.py").write_text(
        "raise SystemExit('imported')\n" + OTHER.replace("half_angle", "trap").replace('"toy"', '"trap"')
    )
    assert [s.identifier for s in statements(topic="toy", path=folder)] == ["double_angle", "half_angle"]


def test_lookup_builds_the_statement(folder):
    s = lookup("double_angle", folder)
    assert s.identifier == "double_angle"
    assert s.status is Status.THEOREM
    assert s.prose.startswith("The cosine of twice an angle.")
    assert lookup("double_angle", folder) is s


def test_an_edited_file_is_read_and_run_again(folder):
    before = lookup("double_angle", folder)
    file = folder / "double_angle.py"
    file.write_text(GOOD.replace("Interval(-1, 1)", "Interval(0, 1)").replace('"toy"', '"edited"'))
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 10**9))
    after = lookup("double_angle", folder)
    assert before.domains != after.domains
    assert metadata(folder)["double_angle"].topics == ("trigonometry", "edited")


def test_statements_are_chosen_by_topic_and_status(folder):
    def names(**choice):
        return [s.identifier for s in statements(path=folder, **choice)]

    assert names() == ["double_angle", "half_angle"]
    assert names(topic="toy") == ["double_angle", "half_angle"]
    assert names(topic="trigonometry") == ["double_angle"]
    assert names(status="conjecture") == names(status=Status.CONJECTURE) == ["half_angle"]
    assert names(topic="trigonometry", status="conjecture") == []


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda f: lookup("double_angel", f), "did you mean double_angle"),
        (lambda f: statements(topic="trigonometrie", path=f), "did you mean trigonometry"),
        (lambda f: statements(status="theorems", path=f), "did you mean theorem"),
    ],
)
def test_unknown_names_suggest_the_nearest(folder, call, hint):
    with pytest.raises(UnknownNameError, match=hint):
        call(folder)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('topics=["trigonometry", "toy"]', "topics=TOPICS", r"damaged\.py:10: topics is a literal"),
        ('sources=["dlmf"]', 'sources=["dl" + "mf", x]', r"damaged\.py:10: sources is a literal"),
        ('sources=["dlmf"]', 'sources="dlmf"', "sources is a list of texts"),
        ('status="theorem"', 'status="proved"', "unknown status 'proved'"),
        ('status="theorem", ', "", "takes topics, sources, status, needs"),
        ("needs=[]", 'needs=[], author="me"', "takes topics, sources, status, needs"),
        ('topics=["trigonometry", "toy"], ', '["trigonometry"], ', "given by name"),
        ("needs=[]", "**{}", "is a literal|takes topics"),
        ("needs=[]", 'needs=["triple_angle"]', "needs names no theorem: 'triple_angle'"),
        ("def damaged", "def renamed", "named as the file, damaged; received renamed"),
        ("@theorem", "@something", "found 0"),
        ("@theorem", "@theorem\n# ", "found 0"),
        ('    """The cosine', '    _ = """The cosine', "docstring"),
        ("return", "retrun (", "not a Python file"),
    ],
)
def test_malformed_files_are_named(tmp_path, old, new, reason):
    text = GOOD.replace("double_angle", "damaged")
    assert old in text
    (tmp_path / "damaged.py").write_text(text)
    assert list(metadata(tmp_path)) == ["damaged"]
    (tmp_path / "damaged.py").write_text(text.replace(old, new))
    os.utime(tmp_path / "damaged.py", ns=(0, 10**18))
    with pytest.raises(StatementError, match=reason):
        metadata(tmp_path)


def test_two_theorems_in_one_file_are_refused(tmp_path):
    (tmp_path / "double_angle.py").write_text(GOOD + OTHER)
    with pytest.raises(StatementError, match="found 2"):
        metadata(tmp_path)


def test_the_decorator_may_be_called_through_the_package(tmp_path):
    text = GOOD.replace("import Statement, theorem", "import Statement\nfrom theory import statement as th")
    (tmp_path / "double_angle.py").write_text(text.replace("@theorem(", "@th.theorem("))
    assert lookup("double_angle", tmp_path).identifier == "double_angle"


def test_a_folder_may_have_its_own_references(folder, monkeypatch):
    monkeypatch.setattr(bibliography, "_added", [])
    file = folder / "own.py"
    file.write_text(GOOD.replace("double_angle", "own").replace('"dlmf"', '"me2030note"'))
    with pytest.raises(UnknownNameError):
        lookup("own", folder)
    (folder / "references.bib").write_text("@misc{me2030note, author={Me, M.}, title={Note}, year={2030}}")
    os.utime(file, ns=(0, 10**18))
    assert lookup("own", folder).sources == ("me2030note",)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(StatementError, match="folder"):
        metadata(tmp_path / "nowhere")


def test_the_built_in_catalogue_is_well_formed():
    for identifier, entry in metadata().items():
        assert lookup(identifier).identifier == identifier == entry.file.stem

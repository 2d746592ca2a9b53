"""Bibliography: the entries are complete, citations are readable, wrong keys are refused."""

from __future__ import annotations

import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from theory import bibliography
from theory.bibliography import add_bibliography, bibitems, bibtex, citation, known_keys
from theory.errors import StatementError, UnknownNameError


@pytest.fixture
def fresh(monkeypatch):
    """Added files are forgotten after the test."""
    monkeypatch.setattr(bibliography, "_added", [])


def test_entries_are_complete():
    entries = bibliography._entries()
    assert len(entries) >= 40
    for key, entry in entries.items():
        assert entry.persons.get("author"), key
        assert "title" in entry.fields, key
        assert re.fullmatch(r"[a-z]+(\d{4}[a-z]*)?", key), key
        year = entry.fields.get("year")
        assert key == "dlmf" or re.fullmatch(r"1[89]\d\d|20\d\d", year), key
        assert re.fullmatch(r"\d{4}\.\d{4,5}", entry.fields.get("eprint", "1602.05897")), key
        assert re.fullmatch(r"10\.\d{4,}/\S+", entry.fields.get("doi", "10.1000/x")), key


def test_pages_are_ordered_ranges():
    for key, entry in bibliography._entries().items():
        if "--" in (pages := entry.fields.get("pages", "")):
            low, high = map(int, pages.split("--"))
            assert low < high, key


def test_every_entry_is_formatted_without_markup():
    for key in known_keys():
        text = citation(key)
        assert text.endswith("."), key
        assert not set("{}\\") & set(text), key


def test_citation_of_a_statement_lists_its_sources():
    statement = SimpleNamespace(sources=("price1958useful", "cho2009kernel"))
    first, second = citation(statement).splitlines()
    assert "Robert Price" in first
    assert "4(2):69–72, 1958" in first
    assert "Kernel methods for deep learning" in second
    assert citation(SimpleNamespace(sources=())) == "no published source"


def test_bibtex_returns_what_was_asked_for_once():
    source = bibtex(["stein1981estimation", "owen1956tables", "stein1981estimation"])
    assert re.findall(r"@\w+\{(\w+)", source) == ["stein1981estimation", "owen1956tables"]
    assert "1135--1151" in source
    assert bibtex("dlmf").count("@") == 1
    assert bibtex([]) == ""


def test_bibitems_are_balanced_latex():
    text = bibitems(sorted(known_keys()))
    assert text.count(r"\bibitem{") == len(known_keys())
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("call", [citation, lambda key: bibtex([key]), lambda key: bibitems([key])])
def test_unknown_keys_are_refused_with_the_nearest(call):
    with pytest.raises(UnknownNameError, match="did you mean cho2009kernel"):
        call("cho2009kernal")


@pytest.mark.usefixtures("fresh")
def test_a_file_of_ones_own_is_added(tmp_path):
    own = tmp_path / "own.bib"
    own.write_text("@misc{me2030note, author = {Me, Myself}, title = {A Note}, year = {2030}}")
    assert "me2030note" not in known_keys()
    add_bibliography(own)
    add_bibliography(str(own))
    assert citation("me2030note") == "Myself Me. A note. 2030."


@pytest.mark.usefixtures("fresh")
def test_a_file_of_ones_own_may_not_take_a_key(tmp_path):
    own = tmp_path / "own.bib"
    own.write_text("@misc{cho2009kernel, author = {Me, Myself}, title = {A Note}, year = {2030}}")
    with pytest.raises(StatementError, match="already taken"):
        add_bibliography(own)
    assert "Cho" in citation("cho2009kernel")


@pytest.mark.usefixtures("fresh")
def test_the_same_work_may_stand_in_a_file_of_ones_own(tmp_path):
    ours = citation("cho2009kernel")
    own = tmp_path / "own.bib"
    entry = "@inproceedings{cho2009kernel, author = {Cho, Y. and Saul, L.}, title = {{Kernel} Methods for Deep %s}, %s}"
    own.write_text(entry % ("Learning", "year = 2009") + "@misc{me2030note, author = {Me, M}, title = {A Note}}")
    add_bibliography(own)
    assert citation("cho2009kernel") == ours
    assert "A note" in citation("me2030note")
    for number, changed in enumerate((("Sets", "year = 2009"), ("Learning", "year = 2010"))):
        other = tmp_path / f"other{number}.bib"
        other.write_text(entry % changed)
        with pytest.raises(StatementError, match="rename it here and in source"):
            add_bibliography(other)


def test_pybtex_is_loaded_only_when_needed():
    code = "import sys, theory.bibliography, theory.statement; sys.exit('pybtex' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    code = "import sys, theory.bibliography as b; b.known_keys(); sys.exit('pybtex' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1

"""The report as a folder of HTML pages: one per statement, an index by verdict and one by topic."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from numerics.report import Report, Reports
from numerics.reporting.entries import Entry, entries_of
from numerics.reporting.pages import badge, page
from numerics.reporting.style import STYLE
from numerics.verdict import Verdict
from theory.errors import TheoryError
from theory.statement import Statement

__all__ = ["write_html"]

_MARK = "<!-- widetheory report -->"


def repeated(report: Report) -> str:
    """The command that repeats the check of a theorem of the catalogue."""
    return f"widetheory verify {report.identifier} --budget {report.budget} --seed {report.seed}"


def write_html(
    folder: str | Path,
    reports: Reports,
    statements: Iterable[Statement] | Mapping[str, Statement],
    command: Callable[[Report], str] = repeated,
) -> Path:
    """Write the pages; returns the index.

    Static: no script, nothing fetched.  Pages of an earlier report in the same folder are replaced.

    Parameters
    ----------
    folder : made if it does not exist; one that holds another index.html is refused.
    reports : what was found.
    statements : the statements, or a mapping from the names in the reports.
    command : the command that repeats a check, for the foot of its evidence.

    Raises
    ------
    TheoryError
        if the folder holds a page that is none of ours.
    """
    root = Path(folder)
    index = root / "index.html"
    if index.exists() and _MARK not in index.read_text(encoding="utf-8", errors="replace"):
        raise TheoryError(f"{root} holds an index.html that is no report; name another folder")
    entries = entries_of(reports, statements)
    inside = root / "statements"
    inside.mkdir(parents=True, exist_ok=True)
    wanted = {entry.file for entry in entries}
    for old in inside.glob("*.html"):
        if old.name not in wanted and _MARK in old.read_text(encoding="utf-8", errors="replace"):
            old.unlink()
    (root / "style.css").write_text(STYLE.lstrip(), encoding="utf-8")
    files = {entry.name: entry.file for entry in entries}
    for entry in entries:
        _write(inside / entry.file, entry.name, page(entry, files, command(entry.report)), "../")
    _write(root / "topics.html", "By topic", _topics(entries), "")
    _write(index, "By verdict", _verdicts(entries, reports), "")
    return index


def _write(path: Path, title: str, body: str, up: str) -> None:
    text = f"""<!DOCTYPE html>
<html lang="en">
{_MARK}
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="stylesheet" href="{up}style.css">
</head>
<body>
<header><nav><a href="{up}index.html">By verdict</a><a href="{up}topics.html">By topic</a></nav></header>
<main>
{body}
</main>
<footer>widetheory {escape(_release())}</footer>
</body>
</html>
"""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, path)


def _release() -> str:
    try:
        return version("widetheory")
    except PackageNotFoundError:
        return "unreleased"


def _verdicts(entries: list[Entry], reports: Reports) -> str:
    parts = ["<h1>Verdicts</h1>"]
    count = f"{len(entries)} statement{'s' * (len(entries) != 1)}"
    left = f"; interrupted, {len(reports.remaining)} not looked at" if reports.interrupted else ""
    parts.append(f"<p>{count}{left}.</p>")
    for verdict in (Verdict.FAILS, Verdict.ERROR, Verdict.VACUOUS, Verdict.UNDECIDED, Verdict.HOLDS):
        chosen = [entry for entry in entries if entry.report.verdict is verdict]
        if chosen:
            head = f'<h2 class="{verdict.value.lower()}">{verdict.value}: {len(chosen)}</h2>'
            parts += [head, f'<p class="soft">{escape(verdict.advice)}</p>', _listing(chosen)]
    return "\n".join(parts)


def _topics(entries: list[Entry]) -> str:
    names = sorted({topic for entry in entries for topic in entry.topics})
    links = " ".join(f'<a href="#topic-{number}">{escape(name)}</a>' for number, name in enumerate(names))
    parts = ["<h1>Topics</h1>", f"<p>{links}</p>"]
    for number, name in enumerate(names):
        chosen = [entry for entry in entries if name in entry.topics]
        parts += [f'<h2 id="topic-{number}">{escape(name)}</h2>', _listing(chosen)]
    if alone := [entry for entry in entries if not entry.topics]:
        parts += ["<h2>no topic</h2>", _listing(alone)]
    return "\n".join(parts)


def _listing(entries: list[Entry]) -> str:
    rows = "".join(
        f'<tr><td><a href="statements/{escape(entry.file)}">{escape(entry.name)}</a></td>'
        f"<td>{badge(entry)}</td><td>{_grade(entry)}</td><td>{escape(entry.title)}</td></tr>"
        for entry in entries
    )
    head = "<tr><th>statement</th><th>verdict</th><th>grade</th><th></th></tr>"
    return f'<table class="stack"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def _grade(entry: Entry) -> str:
    return entry.report.grade.name.lower() if entry.report.grade else "–"

"""Reports in a notebook: tables as HTML and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as escape_html
from typing import TYPE_CHECKING

from theory.latex import escape as escape_latex

if TYPE_CHECKING:
    from numerics.report import Report, Reports

__all__ = ["report_html", "report_latex", "reports_html"]

_COLUMNS = ("witness", "grade", "verdict", "points", "copies refuted", "detail")
_SUMMARY = ("statement", "verdict", "grade", "note")


def report_html(report: Report) -> str:
    """A table, one row per witness, below the name and the verdict."""
    head = f"<b>{escape_html(report.identifier)}</b> {report.verdict.value}"
    note = escape_html(report.note or report.verdict.advice)
    return f"<p>{head}</p>{_table(_COLUMNS, _rows(report))}<p>{note}</p>"


def reports_html(reports: Reports) -> str:
    """A table, one row per statement."""
    rows = [
        (r.identifier, r.verdict.value, r.grade.name.lower() if r.grade else "-", r.note or r.verdict.advice)
        for r in reports
    ]
    return _table(_SUMMARY, rows)


def report_latex(report: Report) -> str:
    r"""The same as a `tabular`; symbols of the details are escaped."""
    lines = [r"\begin{tabular}{llllll}", r"\hline", " & ".join(_COLUMNS) + r" \\", r"\hline"]
    lines += [" & ".join(escape_latex(cell) for cell in row) + r" \\" for row in _rows(report)]
    caption = escape_latex(f"{report.identifier}: {report.verdict.value}")
    return "\n".join([rf"\textbf{{{caption}}}\\", *lines, r"\hline", r"\end{tabular}"])


def _rows(report: Report) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for e in report.evidence:
        copies = f"{e.killed}/{e.mutants}" if e.mutants else "-"
        where = ", ".join(f"{name} = {value}" for name, value in e.point.items())
        sides = f" at {where}: measured {e.measured}, stated {e.stated}" if e.measured and e.stated else ""
        row = (e.method, e.grade.name.lower(), e.verdict.value, str(e.points), copies, e.detail + sides)
        found.append(row)
    return found


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape_html(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

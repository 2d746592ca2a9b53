"""The page of one statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from sympy import Heaviside

from numerics.report import Report
from numerics.reporting.entries import Entry
from numerics.reporting.mathml import mathml
from numerics.reporting.pictures import picture
from numerics.verdict import Evidence, Grade, Verdict
from theory.bibliography import citation
from theory.claim import Claim
from theory.errors import UnsupportedError
from theory.latex import latex
from theory.statement import Statement

__all__ = ["badge", "formula", "page", "statement_body"]

_LONG_FORMULA = 1500  # characters of LaTeX; more is folded away
_LONG_PROOF = 6  # steps
_STEP = "<math><mi>θ</mi></math>"


def page(entry: Entry, files: Mapping[str, str], command: str) -> str:
    """The body of the page; `files` gives the pages that may be linked, `command` repeats the check."""
    title = re.sub("(::|[_.])", r"\1<wbr>", escape(entry.name))
    parts = [f"<h1>{title}</h1>", _headline(entry)]
    if entry.statement is not None:
        parts.append(statement_body(entry.statement, files))
    parts += [_evidence(entry.report, command)]
    if entry.statement is not None:
        parts += [_checked(entry), _near_misses(entry), _proof(entry)]
    return "\n".join(part for part in parts if part)


def statement_body(statement: Statement, files: Mapping[str, str]) -> str:
    """Words, formula, assumptions and source; `files` gives the pages that may be linked."""
    parts = [_words(statement.prose), _claim(statement), _assumptions(statement), _sources(statement, files)]
    return "\n".join(part for part in parts if part)


def badge(entry: Entry) -> str:
    """The verdict as a coloured word."""
    return f'<span class="badge {entry.report.verdict.value.lower()}">{escape(entry.verdict)}</span>'


def formula(text: str, display: bool = True) -> str:
    """LaTeX as MathML, or as its source where there is no MathML for it."""
    try:
        shown = mathml(text, display)
    except UnsupportedError:
        shown = f"<code>{escape(text)}</code>"
    return f'<div class="formula" tabindex="0">{shown}</div>' if display else shown


def _words(prose: str) -> str:
    """Paragraphs of plain text; what stands between back quotes is code."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", prose) if part.strip()]
    marked = (re.sub("`([^`]+)`", r"<code>\1</code>", escape(text)) for text in paragraphs)
    return "\n".join(f"<p>{text}</p>" for text in marked)


def _headline(entry: Entry) -> str:
    status = escape(entry.report.status)
    sentence = ""
    shown = entry.statement is not None and entry.report.verdict is not Verdict.FAILS
    if shown and entry.statement is not None and entry.statement.status is not None:
        sentence = f": {escape(entry.statement.status.sentence)}"
    note = escape(entry.report.note or entry.report.verdict.advice)
    return f'<p>{badge(entry)} <span class="soft">{status}{sentence}</span></p>\n<p class="soft">{note}</p>'


def _claim(statement: Statement) -> str:
    text = statement.claim.latex(latex)
    shown = formula(text)
    if len(text) > _LONG_FORMULA:
        shown = f"<details><summary>the formula, which is long</summary>{shown}</details>"
    source = f"<details><summary>LaTeX</summary><pre>{escape(statement.latex())}</pre></details>"
    return f"<h2>Statement</h2>\n{shown}\n{source}"


def _assumptions(statement: Statement) -> str:
    lines = []
    for key, domain in statement.domains.items():
        members = key if isinstance(key, tuple) else (key,)
        name = ", ".join(map(latex, members))
        lines.append(domain.latex(f"({name})" if isinstance(key, tuple) else name, latex))
    lines += [latex(condition) for condition in statement.assumptions]
    if not lines:
        return ""
    items = "".join(f"<li>{formula(line, display=False)}</li>" for line in lines)
    return f"<h2>Assumptions</h2>\n<ul>{items}</ul>"


def _sources(statement: Statement, files: Mapping[str, str]) -> str:
    listed = escape(citation(statement)).split("\n")
    parts = ["<h2>Source</h2>", *(f"<p>{line}</p>" for line in listed)]
    if statement.needs:
        parts.append(f"<p>Builds on {', '.join(_link(name, files) for name in statement.needs)}.</p>")
    if statement.topics:
        parts.append(f'<p class="soft">Topics: {escape(", ".join(statement.topics))}</p>')
    return "\n".join(parts)


def _link(name: str, files: Mapping[str, str]) -> str:
    return f'<a href="{escape(files[name])}">{escape(name)}</a>' if name in files else f"<code>{escape(name)}</code>"


def _evidence(report: Report, command: str) -> str:
    if not report.evidence:
        return f"<h2>Evidence</h2>\n<p>No witness was heard.</p>\n<pre>{escape(command)}</pre>"
    columns = ("witness", "grade", "verdict", "points", "copies refuted", "found")
    head = "".join(f"<th>{name}</th>" for name in columns)
    rows = "".join(_row(e, columns) for e in report.evidence)
    table = f'<table class="stack"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    pictures = "".join(_figure(report, e) for e in report.evidence if e.trace is not None)
    same = "".join(f'<p class="soft">{escape(line)}</p>' for line in report.equivalences())
    again = f'{same}<p class="soft">Repeat it:</p><pre>{escape(command)}</pre>'
    return f"<h2>Evidence</h2>\n{table}\n{pictures}\n{again}"


def _row(e: Evidence, columns: Iterable[str]) -> str:
    verdict = f'<span class="{e.verdict.value.lower()}">{e.verdict.value}</span>'
    copies = f"{e.killed} of {e.mutants}" if e.mutants else "–"
    found = escape(e.detail)
    if e.measured and e.stated:
        where = ", ".join(f"{name} = {value}" for name, value in e.point.items())
        place = f"at {where}: " if where else ""
        found += f'<br><span class="soft">{escape(f"{place}measured {e.measured}, stated {e.stated}")}</span>'
    if e.survivors:
        found += f'<br><span class="soft">not refuted: {escape(", ".join(e.survivors))}</span>'
    cells = (escape(e.method), e.grade.name.lower(), verdict, str(e.points) if e.points else "–", copies, found)
    return "<tr>" + "".join(f'<td data-name="{n}">{c}</td>' for n, c in zip(columns, cells, strict=True)) + "</tr>"


def _figure(report: Report, e: Evidence) -> str:
    trace = e.trace
    assert trace is not None
    where = ", ".join(f"{name} = {value}" for name, value in e.point.items() if name not in ("width", "draws"))
    match trace.axis:
        case "draws":
            text = f"The confidence sequence closes on the stated value (dashed) at {where or 'the only point'}; "
            text += f"the band is the resolution, {trace.tolerance:.3g}. The first, wide intervals are cut off."
        case "width":
            text = "Confidence intervals of simulated networks against their width; dashed, the stated limit; "
            text += f"the band is the resolution, {trace.tolerance:.3g}."
        case axis:
            text = f"Rigorous enclosures (dots, or bars where they are wide) against {axis}; dashed, the stated side. "
            widest = max(abs(row[2] - row[1]) for row in trace.rows)
            text += "Each is narrower than a double can show." if widest < 1e-12 else ""
    drawn = picture(trace, f"{e.method}: evidence for {report.identifier}")
    return f"<figure>{drawn}<figcaption>{escape(e.method)}: {escape(text)}</figcaption></figure>"


def _checked(entry: Entry) -> str:
    """How far the check went: points per witness, and the extremes of the worst points."""
    looked = [f"{e.method} at {e.points} point{'s' * (e.points != 1)}" for e in entry.report.evidence if e.points]
    ranges = []
    for e in entry.report.evidence:
        if e.trace is not None and e.trace.axis not in ("draws", "test point"):
            xs = [row[0] for row in e.trace.rows]
            ranges.append(f"{e.trace.axis} from {min(xs):.6g} to {max(xs):.6g} ({e.method})")
    if not looked:
        return ""
    lines = [f"<p>Looked at: {escape('; '.join(looked))}.</p>"]
    lines += [f"<p>Range of the test points: {escape('; '.join(ranges))}.</p>"] if ranges else []
    lines.append(f'<p class="soft">Budget {escape(entry.report.budget)}, seed {entry.report.seed}.</p>')
    return "<h2>Range checked</h2>\n" + "\n".join(lines)


def _near_misses(entry: Entry) -> str:
    statement = entry.statement
    assert statement is not None
    if not statement.near_misses:
        return ""
    holding = [e for e in entry.report.evidence if e.verdict is Verdict.HOLDS and e.mutants]
    items = []
    for number, near in enumerate(statement.near_misses, 1):
        killers = [e.method for e in holding if f"near-miss {number}" not in e.survivors]
        fate = f"refuted by {', '.join(killers)}" if killers else "not refuted"
        items.append(f"<li>{formula(_near(near))}<p>{escape(fate)}</p></li>")
    purpose = "<p>False on purpose; a check that passes them proves nothing.</p>"
    return f"<h2>Near-misses</h2>\n{purpose}\n<ol>{''.join(items)}</ol>"


def _near(near: Any) -> str:
    return near.latex(latex) if isinstance(near, Claim) else latex(near)


def _proof(entry: Entry) -> str:
    proof = entry.proof
    if proof is None:
        return ""
    parts = []
    if proof.steps:
        steps = "".join(
            f"<li><b>{escape(s.rule)}</b>: {escape(s.explanation)}{formula(f'{latex(s.lhs)} = {latex(s.rhs)}')}</li>"
            for s in proof.steps
        )
        opened = " open" if len(proof.steps) <= _LONG_PROOF else ""
        summary = f"<summary>{len(proof.steps)} steps</summary>"
        parts.append(f'<details{opened}>{summary}<ol class="steps">{steps}</ol></details>')
        parts.append('<p class="soft">Every step is certified on its own, by enclosures of both sides.</p>')
        if any(s.lhs.has(Heaviside) or s.rhs.has(Heaviside) for s in proof.steps):
            parts.append(f'<p class="soft">{_STEP} is the unit step.</p>')
    else:
        parts.append(f"<p>Our rules give</p>{formula(latex(proof.derived))}")
    if any(e.grade is Grade.EXACT and e.verdict is Verdict.HOLDS for e in entry.report.evidence):
        parts.append("<p>The difference to the stated form reduces to zero by a normal form.</p>")
    return "<h2>Derivation</h2>\n" + "\n".join(parts)

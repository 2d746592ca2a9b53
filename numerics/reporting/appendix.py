r"""The report as a LaTeX appendix: theorems, proofs, a table of verdicts and one of certified constants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from sympy import Heaviside

from numerics.report import Reports
from numerics.reporting.constants import DIGITS, Constant, constants_of
from numerics.reporting.entries import Entry, entries_of
from numerics.verdict import Verdict
from theory.display import display
from theory.latex import booktabs, escape, latex, write_latex
from theory.statement import Statement

__all__ = ["write_appendix"]


def write_appendix(
    path: str | Path,
    reports: Reports,
    statements: Iterable[Statement] | Mapping[str, Statement],
    notation: str | Mapping[str, str] = "mean-field",
    standalone: bool = True,
) -> Path:
    r"""Write the appendix; returns its path.

    Each statement is an environment with label `thm:<identifier>` and citations, above it a comment with version,
    verdict, grade and seed, below it its proof where an exact witness holds and the derivation is certified.  Claims of
    the same name, from several files, have numbered labels.

    Parameters
    ----------
    path : replaced in one step.
    reports, statements : as in `write_html`.
    notation : see `theory.latex.latex`.
    standalone : a document that compiles as it is, or a fragment for `\input`.
    """
    entries = [entry for entry in entries_of(reports, statements) if entry.statement is not None]
    chosen = _apart([entry.statement for entry in entries if entry.statement is not None])
    evidence = {s.identifier: replace(e.report, identifier=s.identifier) for s, e in zip(chosen, entries, strict=True)}
    proofs = {s.identifier: _proof(e, notation) for s, e in zip(chosen, entries, strict=True)}
    holding = [s for s, e in zip(chosen, entries, strict=True) if e.verdict == "HOLDS"]
    constants = _constants([c for c in map(constants_of, holding) if c is not None], notation)
    return write_latex(path, chosen, evidence, notation, standalone, proofs, constants)


def _apart(statements: list[Statement]) -> list[Statement]:
    """The statements under names that differ: labels are unique in a document."""
    taken = {s.identifier for s in statements}
    seen: set[str] = set()
    found = []
    for statement in statements:
        name, number = statement.identifier, 1
        while name in seen or (number > 1 and name in taken):
            number += 1
            name = f"{statement.identifier}_{number}"
        seen.add(name)
        found.append(statement if number == 1 else replace(statement, identifier=name))
    return found


def _proof(entry: Entry, notation: str | Mapping[str, str]) -> str:
    """The proof environment, or nothing where the evidence is weaker than a proof; of what does not hold, why."""
    if entry.report.verdict is not Verdict.HOLDS:
        return _warning(entry)
    if not entry.exactly() or entry.proof is None:
        return ""
    steps, derived = entry.proof
    if steps:
        rule, first = (
            steps[0].latex(notation).split("\n", 1)
        )  # a text before the display, or a gap would follow `Proof.`
        rest = [first, *(step.latex(notation) for step in steps[1:])]
        opening = rule.removeprefix(r"\intertext{").removesuffix("}")
        body = "\n".join([opening, r"\begin{align*}", " \\\\\n".join(rest), r"\end{align*}"])
        closing = "Each step is certified by enclosures of both sides at random admissible points."
        if any(step.lhs.has(Heaviside) or step.rhs.has(Heaviside) for step in steps):
            closing = rf"Here $\theta$ is the unit step. {closing}"
    else:
        body = display(rf"\text{{derived form}} = {latex(derived, notation)}")
        closing = "This form is derived from the definition by the rules of the package."
    ending = "Its difference to the stated form reduces to zero by a normal form."
    return "\n".join([r"\begin{proof}", body, closing, ending, r"\end{proof}"])


def _warning(entry: Entry) -> str:
    """That a statement does not hold, with the point that refutes it."""
    report = entry.report
    witness = next((e for e in report.evidence if e.verdict is report.verdict is Verdict.FAILS), None)
    reason = report.note or report.verdict.advice
    if witness is not None:
        where = ", ".join(f"{name} = {value}" for name, value in witness.point.items())
        found = f" measured {witness.measured}, stated {witness.stated}" if witness.measured else ""
        reason = f"{reason}. {witness.method}: {witness.detail}{f' at {where}' if where else ''};{found}"
    word = "This is false" if report.verdict is Verdict.FAILS else f"Verdict {report.verdict.value}"
    return rf"\noindent\textbf{{{word}.}} {escape(reason)}\par\medskip"


def _constants(constants: list[Constant], notation: str | Mapping[str, str]) -> str:
    if not constants:
        return ""
    rows = []
    for constant in constants:
        where = ", ".join(f"${latex(s, notation)} = {latex(v, notation)}$" for s, v in constant.point) or "--"
        name = rf"\ref{{thm:{constant.identifier}}} {escape(constant.identifier)}"
        rows.append(f"{name} & {where} & ${constant.digits}$")
    text = f"Certified constants: the closed form of a statement at a point, {DIGITS} digits, each of them certified."
    return f"{text}\n\n{booktabs('lll', 'Statement & At & Value', rows)}"

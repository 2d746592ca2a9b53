r"""LaTeX: expressions in the notations of the field, statements, and whole appendices.

A notation maps names of symbols to LaTeX, or to an expression that is put in before printing, so that a
weight variance may be written as `C_W` or as `\sigma_w^2` throughout.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sympy import Expr, sqrt
from sympy.printing.latex import LatexPrinter

from theory.arguments import items, known_name
from theory.display import FIT, display
from theory.errors import StatementError
from theory.prose import prose_latex
from theory.symbols import C_W, C_b, sigma_b, sigma_w

__all__ = ["booktabs", "escape", "latex", "notations", "statement_latex", "write_latex"]

_NOTATIONS: dict[str, dict[str, str | Expr]] = {
    "mean-field": {"C_W": sigma_w**2, "C_b": sigma_b**2},
    "pdlt": {
        "sigma_w": sqrt(C_W),
        "sigma_b": sqrt(C_b),
        "q": "K",
        "q1": "K_{11}",
        "q2": "K_{22}",
        "q12": "K_{12}",
    },
    "daniely": {"phi": r"\sigma", "kappa": r"\hat{\sigma}"},
}

_ROWS = 40

_ENVIRONMENTS = {
    "theorem": "Theorem",
    "derived": "Proposition",
    "heuristic": "Heuristic",
    "conjecture": "Conjecture",
    "refuted": "Refutation",
}

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "∞": r"$\infty$",
    "→": r"$\to$",
    "√": r"$\surd$",
    "∈": r"$\in$",
    "·": r"$\cdot$",
    "×": r"$\times$",
    "±": r"$\pm$",
} | {character: f"\\{character}" for character in "#$%&_{}"}


def notations() -> tuple[str, ...]:
    """Names of the built-in notations."""
    return tuple(_NOTATIONS)


class _Printer(LatexPrinter):
    """The sympy printer with field names for symbols and functions, and arccos rather than acos."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__({"inv_trig_style": "full"})
        self._names = names

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return self._names.get(expr.name) or super()._print_Symbol(expr, style)

    def _print_hermite_prob(self, expr: Any, exp: str | None = None) -> str:
        degree, argument = map(self._print, expr.args)
        value = rf"\mathit{{He}}_{{{degree}}}\left({argument}\right)"
        return value if exp is None else rf"{value}^{{{exp}}}"

    def _hprint_Function(self, func: str) -> str:
        return self._names.get(func) or super()._hprint_Function(func)


def _notation(notation: str | Mapping[Any, Any]) -> dict[str, Any]:
    if isinstance(notation, str):
        return dict(_NOTATIONS[known_name("notation", notation, _NOTATIONS)])
    if not isinstance(notation, Mapping):
        raise StatementError(f"a notation is a name or a mapping of names to LaTeX; received {notation!r}")
    return {str(name): value for name, value in notation.items()}


def latex(expr: Any, notation: str | Mapping[Any, Any] = "mean-field") -> str:
    r"""LaTeX of an expression in a notation: `mean-field`, `pdlt`, `daniely`, or a mapping of one's own.

    Parameters
    ----------
    expr : sympy expression or matrix.
    notation : a name, or a mapping from symbols (or their names) to LaTeX or to a replacing expression.

    Raises
    ------
    UnknownNameError : no built-in notation has that name.

    Examples
    --------
    >>> from sympy import acos
    >>> from theory.symbols import rho, q
    >>> print(latex(C_W * acos(rho)), latex(sigma_w**2 * q, "pdlt"), latex(rho, {rho: "c"}))
    \sigma_{w}^{2} \arccos{\left(\rho \right)} C_{W} K c
    """
    names = _notation(notation)
    symbols: set[Any] = getattr(expr, "free_symbols", set())
    rewriting = {s: names[str(s)] for s in symbols if isinstance(names.get(str(s)), Expr)}
    texts = {name: value for name, value in names.items() if isinstance(value, str)}
    return _Printer(texts).doprint(expr.xreplace(rewriting) if rewriting else expr)


def escape(text: str) -> str:
    r"""Plain text as LaTeX text: special characters escaped, Greek letters set as mathematics.

    >>> print(escape("50% of σ_w"))
    50\% of $\sigma$\_w
    """
    return "".join(map(_escape, text))


def _escape(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if ord(character) < 0x250 or unicodedata.category(character)[0] == "P":
        return character
    match unicodedata.name(character, "").replace("LAMDA", "LAMBDA").split():
        case "GREEK", "SMALL", "LETTER", letter if letter != "OMICRON":
            return rf"$\{letter.lower()}$"
        case "GREEK", "CAPITAL", "LETTER", letter if letter.capitalize() in _CAPITALS:
            return rf"$\{letter.capitalize()}$"
    return f"[U+{ord(character):04X}]"  # visible, and compiles


_CAPITALS = {"Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"}


def statement_latex(statement: Any, environment: bool = True, notation: Any = "mean-field") -> str:
    r"""A statement as theorem environment with label and citations, or its formula as a bare display."""

    def printer(expr: Any) -> str:
        return latex(expr, notation)

    formula = statement.claim.latex(printer)
    if not environment:
        return f"\\begin{{equation*}}\n  {formula}\n\\end{{equation*}}"
    kind = _ENVIRONMENTS[statement.status.value].lower()
    source = rf"[\cite{{{','.join(statement.sources)}}}]" if statement.sources else ""
    return "\n".join(
        [
            rf"\begin{{{kind}}}{source}\label{{thm:{statement.identifier}}}",
            *([prose_latex(statement.prose, escape)] if statement.prose else []),
            display(formula),
            *_conditions(statement, printer),
            rf"\end{{{kind}}}",
        ]
    )


def _conditions(statement: Any, printer: Any) -> list[str]:
    """The sentence with the domains and assumptions."""
    pinned = statement.claim.pinned
    free: list[str] = []
    fixed: list[str] = []
    for key, domain in statement.domains.items():
        members = key if isinstance(key, tuple) else (key,)
        name = ", ".join(map(printer, members))
        text = f"${domain.latex(f'({name})' if isinstance(key, tuple) else name, printer)}$"
        (fixed if set(members) <= set(pinned) else free).append(text)
    parts = [f"for all {', '.join(free)}"] if free else []
    parts += [f"where {', '.join(fixed)}"] if fixed else []
    if statement.assumptions:
        parts.append("provided that " + ", ".join(f"${printer(c)}$" for c in statement.assumptions))
    return [f"{', '.join(parts)}."] if parts else []


def write_latex(
    path: str | os.PathLike[str],
    statements: Iterable[Any],
    evidence: Any = None,
    notation: str | Mapping[Any, Any] = "mean-field",
    standalone: bool = False,
    proofs: Mapping[str, str] | None = None,
    constants: str = "",
) -> Path:
    r"""Write statements as a LaTeX appendix: environments, labels `thm:<identifier>`, citations, evidence.

    Parameters
    ----------
    path : the file; replaced in one step, so that a failure leaves the old one untouched.
    statements : statements with distinct identifiers.
    evidence : mapping from identifier to an object with `verdict` and `grade` (and `seed`); adds a comment to
        each statement and a table.
    notation : see `latex`.
    proofs : LaTeX to set below statements, by identifier.
    constants : LaTeX to set below all of them, such as a table.
    standalone : a complete document with its bibliography instead of a fragment for `\input`.

    Returns
    -------
    The path written.
    """
    chosen = list(items("statements", statements))
    if strangers := [s for s in chosen if not hasattr(s, "identifier")]:
        raise StatementError(f"write_latex: statements are of th.Statement; received {strangers[0]!r}; use th.lookup")
    if not isinstance(proofs, Mapping | None) or not isinstance(constants, str):
        raise StatementError("write_latex: proofs= maps identifiers to LaTeX, and constants= is LaTeX")
    names = [s.identifier for s in chosen]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise StatementError(f"write_latex: labels are unique; received {repeated} twice; give identifier=")
    blocks = []
    for statement in chosen:
        comment = _provenance(statement, evidence)
        blocks.append(f"{comment}\n{statement_latex(statement, notation=notation)}")
        if proof := (proofs or {}).get(statement.identifier):
            blocks.append(proof)
    blocks += [constants] if constants else []
    if evidence is not None:
        blocks.append(_table(chosen, evidence))
    theorems = [rf"\newtheorem{{{name.lower()}}}{{{name}}}" for name in _ENVIRONMENTS.values()]
    if standalone:
        blocks = _document(blocks, theorems, chosen)
    else:
        needed = [r"\usepackage{amsmath, amssymb, amsthm, booktabs, graphicx}", FIT, *theorems]
        blocks.insert(0, "\n".join(["% In the preamble:", *(f"%   {line}" for line in needed)]))
    target = Path(path)
    scratch = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        scratch.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)
    return target


def _document(blocks: list[str], theorems: list[str], statements: list[Any]) -> list[str]:
    from theory.bibliography import bibitems

    packages = [
        r"\usepackage{amsmath, amssymb, amsthm, booktabs, graphicx}",
        r"\usepackage[margin=2cm]{geometry}",
        r"\usepackage[hidelinks]{hyperref}",
        r"\allowdisplaybreaks",
        r"\emergencystretch=5em",
        FIT,
    ]
    head = "\n".join([r"\documentclass{article}", *packages, *theorems, r"\begin{document}"])
    keys = [key for statement in statements for key in statement.sources]
    references = [r"\begin{thebibliography}{99}", bibitems(keys), r"\end{thebibliography}"] if keys else []
    return [head, *blocks, *references, r"\end{document}"]


def _found(evidence: Any, identifier: str) -> Any:
    try:
        return evidence[identifier]
    except LookupError:
        return None


def _word(value: Any) -> str:
    return " ".join(str(getattr(value, "name", value)).split())


def _verdict(statement: Any, found: Any) -> str:
    """The verdict in words; green evidence never proves a conjecture."""
    verdict = _word(found.verdict)
    open_question = statement.status.value in ("heuristic", "conjecture")
    return "not refuted" if verdict == "HOLDS" and open_question else verdict


def _provenance(statement: Any, evidence: Any) -> str:
    try:
        release = version("widetheory")
    except PackageNotFoundError:
        release = "unreleased"
    parts = [statement.identifier, f"widetheory {release}", f"status {statement.status.value}"]
    found = None if evidence is None else _found(evidence, statement.identifier)
    if found is not None:
        parts += [f"verdict {_verdict(statement, found)}", f"grade {_word(found.grade)}"]
        parts += [f"seed {_word(found.seed)}"] if getattr(found, "seed", None) is not None else []
    elif evidence is not None:
        parts.append("not checked")
    return "% " + ", ".join(parts)


def _table(statements: list[Any], evidence: Any) -> str:
    rows = []
    for statement in statements:
        found = _found(evidence, statement.identifier)
        verdict = "not checked" if found is None else _verdict(statement, found)
        grade = "--" if found is None else _word(found.grade)
        cells = [statement.identifier, statement.status.value, verdict.lower(), grade.lower()]
        rows.append(" & ".join(map(escape, cells)))
    return booktabs("llll", "Statement & Status & Verdict & Grade of evidence", rows)


def booktabs(columns: str, head: str, rows: list[str]) -> str:
    """Rows as `booktabs` tables, a new one where a page would be full."""
    tables = []
    for start in range(0, len(rows), _ROWS):
        body = [rf"  {row} \\" for row in rows[start : start + _ROWS]]
        lines = [
            rf"\begin{{center}}\small\begin{{tabular}}{{{columns}}}",
            r"  \toprule",
            rf"  {head} \\",
            r"  \midrule",
        ]
        tables.append("\n".join([*lines, *body, r"  \bottomrule", r"\end{tabular}\end{center}"]))
    return "\n\n".join(tables)

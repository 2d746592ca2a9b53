"""Displayed equations in LaTeX, broken at their plus signs into lines of bearable width."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from sympy import Add, Expr, Mul

__all__ = ["FIT", "display", "equation_lines"]

_SURE = 400  # points by our rough measure; an article with narrow margins has 480
_WIDEST = 430
_INDENT = 10
FIT = (
    r"\newcommand{\fit}[1]{\resizebox{\ifdim\width>0.93\linewidth 0.93\linewidth\else\width\fi}{!}"
    r"{$\displaystyle #1$}}"
)
_TOKEN = re.compile(
    r"\\(?:left|right)(?![a-z])(?:\\[A-Za-z]+|\\.|.)|\\(?:begin|end)\{\w+\*?\}|,\\quad|\\[A-Za-z]+|\\.|\s|.", re.DOTALL
)
_OPENING = re.compile(r"\{|\\left(?![a-z])|\\begin")
_CLOSING = re.compile(r"\}|\\right(?![a-z])|\\end")
_BREAKS = {
    "=",
    "<",
    ">",
    "+",
    "-",
    r"\le",
    r"\ge",
    r"\ne",
    r"\mapsto",
    r"\Longrightarrow",
    r"\implies",
    r"\longrightarrow",
}
_NAMED = {
    "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "max", "min", "arcsin", "arccos", "arctan",
}  # fmt: skip


def equation_lines(left: str, right: Expr, printer: Callable[[Expr], str], relation: str = "=") -> str:
    r"""The equation as lines of an `align*` environment, continued with `\\ &\quad + ...`.

    Terms that are too wide are multiplied out; one that stays too wide is scaled down, with `\resizebox` of graphicx.

    Examples
    --------
    >>> from sympy import latex
    >>> from sympy.abc import x
    >>> equation_lines("f", x + 1, latex)
    'f &= x + 1'
    """
    factor, terms = _terms(right, printer)
    pieces = [_signed(printer, term, first=i == 0) for i, term in enumerate(terms)]
    beside = _points(left) < _SURE / 2
    lines: list[str] = []
    current, width = "", (_points(left) if beside else 0) + 2 * _INDENT
    if factor is not None:
        pieces[0] = rf"{printer(factor)} \Bigl({pieces[0]}"
        pieces[-1] += r"\Bigr)"
    for piece in pieces:
        size = _points(piece)
        if current and width + size > _SURE:
            lines.append(current)
            current, width = "", _INDENT
        current += (" " if current else "") + piece
        width += size
    lines.append(current)
    lines = [rf"\resizebox{{0.85\linewidth}}{{!}}{{$\displaystyle {s}$}}" if _points(s) > _WIDEST else s for s in lines]
    head = f"{left} &{relation} " if beside else f"&{left} \\\\\n&\\quad {relation} "
    return head + " \\\\\n&\\quad ".join(lines)


def _terms(e: Expr, printer: Callable[[Expr], str]) -> tuple[Expr | None, list[Expr]]:
    """A common factor and the terms of the sum it multiplies."""
    if isinstance(e, Add):
        return None, [part for term in _ordered(e) for part in _multiplied_out(term, printer)]
    if isinstance(e, Mul) and _points(printer(e)) > _SURE:
        sums = [f for f in e.args if isinstance(f, Add)]
        if len(sums) == 1:
            factor = Mul(*(f for f in e.args if f is not sums[0]))
            return factor, [part for term in _ordered(sums[0]) for part in _multiplied_out(term, printer)]
    return None, [e]


def _multiplied_out(term: Expr, printer: Callable[[Expr], str]) -> list[Expr]:
    """The term, or the terms of its product with its widest sum where it does not fit on a line."""
    sums = [f for f in term.args if isinstance(f, Add)] if isinstance(term, Mul) else []
    if not sums or _points(printer(term)) <= _SURE:
        return [term]
    widest = max(sums, key=lambda f: _points(printer(f)))
    rest = Mul(*(f for f in term.args if f is not widest))
    return [part for a in _ordered(widest) for part in _multiplied_out(rest * a, printer)]


def _ordered(e: Add) -> list[Expr]:
    """A positive term first, otherwise the order of the printer."""
    terms = list(e.as_ordered_terms())
    first = next((t for t in terms if not t.could_extract_minus_sign()), terms[0])
    return [first, *(t for t in terms if t is not first)]


def _signed(printer: Callable[[Expr], str], term: Expr, first: bool) -> str:
    if term.could_extract_minus_sign():
        return "- " + _bracketed(printer, -term)
    return printer(term) if first else "+ " + printer(term)


def _bracketed(printer: Callable[[Expr], str], term: Expr) -> str:
    text = printer(term)
    return rf"\left({text}\right)" if isinstance(term, Add) else text


def display(formula: str) -> str:
    r"""A formula as a display: one line, or broken before relations, signs and conditions where that is too wide.

    Brackets and fractions are not split; a part that is still too wide is scaled down by `\fit`, which `FIT` defines.

    Examples
    --------
    >>> print(display("a = b + c"))
    \begin{equation*}
      a = b + c
    \end{equation*}
    """
    if _points(formula) <= _SURE:
        return f"\\begin{{equation*}}\n  {formula}\n\\end{{equation*}}"
    lines = [""]
    for clause in _cut(formula, {r",\quad"}):
        whole = _points(clause) <= _SURE
        for part in [clause] if whole else _cut(clause, _BREAKS):
            if lines[-1] and _points(lines[-1] + part) > _SURE:
                lines[-1] += "," * part.startswith(r",\quad")
                lines.append("")
                part = part.removeprefix(r",\quad")
            lines[-1] += part
    fitted = [rf"\fit{{{line.strip()}}}" if _points(line) > _SURE else line.strip() for line in lines]
    body = " \\\\\n  &\\quad ".join(fitted)
    return f"\\begin{{align*}}\n  &{body}\n\\end{{align*}}"


def _cut(formula: str, breaks: Collection[str]) -> list[str]:
    """The formula cut before its outermost breaks, where something stands between them."""
    parts, start, depth, operand = [], 0, 0, False
    for token in _TOKEN.finditer(formula):
        text = token[0]
        depth += bool(_OPENING.match(text)) - bool(_CLOSING.match(text))
        if depth == 0 and operand and text in breaks:
            parts.append(formula[start : token.start()])
            start, operand = token.start(), False
        elif not text.isspace() and text not in _BREAKS:
            operand = text not in (r"\quad", r",\quad")
    return [*parts, formula[start:]]


def _points(formula: str) -> float:
    """Rough width in points, at ten-point type."""
    return _width([token[0] for token in _TOKEN.finditer(formula)][::-1])


def _width(tokens: list[str]) -> float:
    """Width of what comes next, taken from the end of the list, until a brace or an environment closes.

    A fraction is as wide as its wider half, and rows below each other as their mean.
    """
    width, rows = 0.0, 1
    while tokens and (token := tokens.pop()) != "}" and not token.startswith(r"\end"):
        if token == "{" or token.startswith(r"\begin"):
            width += _width(tokens)
        elif token == r"\\":
            rows += 1
        elif token == r"\frac":
            width += max(_argument(tokens), _argument(tokens)) + 3
        elif token in "^_":
            width += 0.7 * _argument(tokens)
        elif token in _BREAKS or token in (r"\quad", r",\quad"):
            width += 13
        elif len(token) == 1:
            width += 0 if token.isspace() else 5.5
        elif token[1:] in _NAMED:
            width += 5 * len(token)
        else:
            width += 6
    return width / rows


def _argument(tokens: list[str]) -> float:
    while tokens and tokens[-1].isspace():
        tokens.pop()
    if not tokens:
        return 0.0
    return _width(tokens) if tokens[-1] == "{" and tokens.pop() else _width([tokens.pop()])

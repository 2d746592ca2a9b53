"""Displayed equations in LaTeX, broken at their plus signs into lines of bearable width."""

from __future__ import annotations

import re
from collections.abc import Callable

from sympy import Add, Expr, Mul

__all__ = ["equation_lines"]

_WIDTH = 52  # visible symbols on a line of an article with narrow margins
_COMMAND = re.compile(r"\\(?:left|right|frac|sqrt|operatorname|mathbb|,|quad)|[{}^_\\]|(?<=\\)[a-zA-Z]+")


def equation_lines(left: str, right: Expr, printer: Callable[[Expr], str], relation: str = "=") -> str:
    r"""The equation as lines of an `align*` environment, continued with `\\ &\quad + ...`.

    A product of a factor and a long sum is broken inside its bracket only by hand; terms are never split.

    Examples
    --------
    >>> from sympy import latex
    >>> from sympy.abc import x
    >>> equation_lines("f", x + 1, latex)
    'f &= x + 1'
    """
    factor, terms = _terms(right)
    pieces = [_signed(printer, term, first=i == 0) for i, term in enumerate(terms)]
    lines: list[str] = []
    current, width = "", _visible(left) if _visible(left) < _WIDTH // 2 else 8
    if factor is not None:
        width += _visible(printer(factor))
    for piece in pieces:
        size = _visible(piece)
        if current and width + size > _WIDTH:
            lines.append(current)
            current, width = "", 4
        current += (" " if current else "") + piece
        width += size
    lines.append(current)
    if factor is not None:
        lines[0] = rf"{printer(factor)} \Bigl(" + lines[0]
        lines[-1] += r"\Bigr)"
    head = f"{left} &{relation} " if _visible(left) < _WIDTH // 2 else f"&{left} \\\\\n&\\quad {relation} "
    return head + " \\\\\n&\\quad ".join(lines)


def _terms(e: Expr) -> tuple[Expr | None, list[Expr]]:
    """A common factor and the terms of the sum it multiplies."""
    if isinstance(e, Add):
        return None, _ordered(e)
    if isinstance(e, Mul):
        sums = [f for f in e.args if isinstance(f, Add)]
        if len(sums) == 1 and _visible(str(sums[0])) > _WIDTH:
            return Mul(*(f for f in e.args if f is not sums[0])), _ordered(sums[0])
    return None, [e]


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


def _visible(text: str) -> int:
    """Rough number of printed symbols; fractions take the width of their wider half."""
    return int(len(_COMMAND.sub("", text).replace(" ", "")) * 0.8)

"""Titles of pictures: the activation as mathematics, in lines that fit."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from sympy import Add, Expr
from sympy.printing.latex import LatexPrinter

from theory.activations import Activation

__all__ = ["formula", "set_title"]

_SIZE, _SMALLEST = 9.0, 5.5  # points
_WIDEST = 255.0  # points, what a panel holds
_GAP = 4.0
_MOST_LINES = 4
# Stretching brackets around what is no higher than a letter come out smaller than it.
_LOW_BRACKETS = re.compile(r"\\left(\(|\||\\\{)((?:(?!\\left|\\right|\\frac).)*)\\right(\)|\||\\\})")


class _Printer(LatexPrinter):
    """Cases side by side, because matplotlib has no environments."""

    def __init__(self) -> None:
        super().__init__({"inv_trig_style": "full", "fold_short_frac": True})

    def _print_Piecewise(self, expr: Any) -> str:
        cases = [
            rf"{self._print(value)}\;({'else' if condition == True else self._print(condition)})"  # noqa: E712 - sympy
            for value, condition in expr.args
        ]
        return r"\left\{" + r",\;\;".join(cases).replace("(else)", r"(\mathrm{else})") + r"\right\}"


def formula(expr: Expr) -> str:
    r"""The expression in the LaTeX that matplotlib sets, without dollars.

    Examples
    --------
    >>> from sympy import Piecewise
    >>> from theory.symbols import x
    >>> print(formula(x**2 / 2))
    x^{2} / 2
    >>> print(formula(Piecewise((-x, x < 0), (x**3, True))))
    \{- x\;(x < 0),\;\;x^{3}\;(\mathrm{else})\}
    """
    text, count = str(_Printer().doprint(expr)), 1
    while count:
        text, count = _LOW_BRACKETS.subn(r"\1\2\3", text)
    return text


def set_title(axes: Any, phi: Activation, details: str = "") -> None:
    """The definition of the activation above a panel, with details after it or on a line below.

    Broken between terms, then set smaller, where it is too wide; what does not fit even so is left out, with dots.
    """
    lines = _definition(phi)
    widest = max(map(_extent, lines))
    if widest * _SMALLEST / _SIZE > _WIDEST or len(lines) > _MOST_LINES:
        lines = [rf"$\varphi({formula(phi.variable)}) = \ldots$"]
        widest = _extent(lines[0])
    if details and len(lines) == 1 and _extent(f"{lines[0]},  {details}") <= _WIDEST:
        lines = [f"{lines[0]},  {details}"]
    elif details:
        lines.append(details)
    axes.set_title("\n".join(lines), fontsize=_SIZE * min(1.0, _WIDEST / widest))


def _definition(phi: Activation) -> list[str]:
    terms = phi.expr.as_ordered_terms() if isinstance(phi.expr, Add) else [phi.expr]
    lines = [rf"\varphi({formula(phi.variable)}) ="]
    width = _extent(f"${lines[0]}$")
    for i, term in enumerate(terms):
        text = formula(term)
        signed = text if i == 0 or text.startswith("-") else f"+ {text}"
        size = _extent(f"${signed}$") + _GAP
        if i and width + size > _WIDEST:
            lines.append(r"\quad")
            width = 0.0
        lines[-1] = f"{lines[-1]} {signed}"
        width += size
    return [f"${line}$" for line in lines]


def _extent(text: str) -> float:
    """Width in points at full size."""
    path = import_module("matplotlib.textpath").TextPath((0, 0), text, size=_SIZE)
    return float(path.get_extents().width)

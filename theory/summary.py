"""Summary of an activation: its closed forms, as text and as a LaTeX document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from sympy import Expr, Symbol

from theory.activations import Activation
from theory.closedness import is_closed_form
from theory.derivation import Derivation
from theory.display import equation_lines
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.latex import latex
from theory.symbols import q, q1, q2, rho

__all__ = ["Line", "Summary"]


class Line(NamedTuple):
    """A quantity with its name, its LaTeX left side and its value, or the reason why it has none."""

    name: str
    symbol: str
    value: Expr | None
    reason: str = ""


def _digits(value: Expr, digits: int) -> str:
    """Certified decimal digits, or why there are none."""
    try:
        return str(enclose(value, digits + 1).str(digits, radius=False))
    except TheoryError as error:
        return f"not available: {error}"


class Summary:
    """The closed forms of an activation."""

    def __init__(self, phi: Activation) -> None:
        self.phi = phi

    @cached_property
    def derivation(self) -> Derivation:
        """Derivation of the dual at unit variances."""
        found: Derivation = self.phi.derive_dual(rho)
        return found

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Moments, dual, kernel maps and the dual of the derivative."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[Line]:
        phi = self.phi
        quantities: list[tuple[str, str, Any]] = [
            ("mean", r"\mathbb{E}\,\varphi(\sqrt{q} Z)", lambda: phi.moment(1, q)),
            ("second moment", r"\mathbb{E}\,\varphi(\sqrt{q} Z)^2", lambda: phi.moment(2, q)),
            ("dual", r"\hat\varphi(\rho)", lambda: self.derivation.result),
            ("dual, any variances", r"\hat\varphi(\rho; q_1, q_2)", lambda: phi.dual(rho, q1, q2)),
            ("kernel map", r"\kappa(\rho)", lambda: phi.kernel_map(rho)),
            ("dual of the derivative", r"\widehat{\varphi'}(\rho)", lambda: phi.dual_derivative(rho)),
        ]
        for name, symbol, compute in quantities:
            try:
                yield Line(name, symbol, compute())
            except TheoryError as error:
                yield Line(name, symbol, None, str(error))

    def text(self) -> str:
        """The summary for a terminal."""
        rows = [f"phi({self.phi.variable}) = {self.phi.expr}"]
        if self.phi.parity:
            rows.append(f"  {self.phi.parity}")
        for line in self.lines:
            if line.value is None:
                rows.append(f"{line.name}: not available: {line.reason}")
                continue
            kind = "" if is_closed_form(line.value) else "   [no closed form; N(...) gives certified digits]"
            rows.append(f"{line.name}:\n    {line.value}{kind}")
        return "\n".join(rows)

    def values(self, point: dict[Symbol, Expr], digits: int) -> str:
        """Numerical values of every line at a point, correct to `digits`."""
        rows = []
        for line in self.lines:
            if line.value is None:
                continue
            value = line.value.subs(point)
            if value.free_symbols:
                names = ", ".join(sorted(map(str, value.free_symbols)))
                rows.append(f"{line.name}: give {names} as well")
            else:
                rows.append(f"{line.name}: {_digits(value, digits)}")
        return "\n".join(rows)

    def write_latex(self, path: str | Path, notation: str = "mean-field") -> None:
        """Write a LaTeX document with the closed forms and the derivation, whole or not at all."""

        def printer(expr: Expr) -> str:
            return latex(expr, notation)

        body = [
            r"\documentclass{article}",
            r"\usepackage{amsmath,amssymb,graphicx}",
            r"\usepackage[margin=2cm]{geometry}",
            r"\allowdisplaybreaks",
            r"\begin{document}",
            r"\section*{Closed forms}",
            r"\begin{align*}",
        ]
        shown = [(rf"\varphi({printer(self.phi.variable)})", self.phi.expr)]
        shown += [(line.symbol, line.value) for line in self.lines if line.value is not None]
        body.append(" \\\\\n".join(equation_lines(left, value, printer) for left, value in shown))
        derivation = self.derivation.latex(notation=notation)
        body += [r"\end{align*}", r"\section*{Derivation}", derivation, r"\end{document}", ""]
        target = Path(path)
        aside = target.with_name(target.name + ".part")
        aside.write_text("\n".join(body), encoding="utf-8")
        os.replace(aside, target)

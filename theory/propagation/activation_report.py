"""Criticality of an activation: critical points, edge of chaos, gains, infinite depth; as text, LaTeX and JSON."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sympy import Expr

from theory.activations import Activation
from theory.enclosure import sign_of_number
from theory.errors import TheoryError
from theory.latex import latex
from theory.propagation.criticality import CriticalPoint, critical_points
from theory.propagation.edge_of_chaos import edge_of_chaos
from theory.propagation.fixed_points import variance_fixed_points
from theory.propagation.gains import gradient_preserving_gain, variance_preserving_gain
from theory.propagation.infinite_depth import infinite_depth_classifier
from theory.propagation.written import Quantity, aligned, bound, decimal, quantity
from theory.symbols import q

__all__ = ["ActivationReport"]


class ActivationReport:
    r"""Where networks with an activation are critical.

    Examples
    --------
    >>> from theory.activations import activation
    >>> print(ActivationReport(activation("relu"), digits=6).text().splitlines()[3].strip())
    every variance K > 0: scale-invariant, continuum
    """

    def __init__(self, phi: Activation, digits: int = 15) -> None:
        self.phi, self.digits = phi, digits
        self.points = critical_points(phi)

    @cached_property
    def others(self) -> tuple[str, ...]:
        """For each critical point the other fixed points of its network, in words.

        Where K* is an algebraic number, so that the network is known exactly and the search is fast.
        """
        return tuple(self._others(point) for point in self.points)

    def _others(self, point: CriticalPoint) -> str:
        if not (point.K.is_algebraic and point.K.is_positive) or self.phi.parameters:
            return ""
        try:
            found = variance_fixed_points(point.spec())
        except TheoryError as error:
            return f"other fixed points of the network: not available: {error}"
        rest = [p for p in found if p.value != point.K and sign_of_number(p.value - point.K)]
        words = [f"{decimal(p.value, self.digits)} ({p.stability.replace('_', ' ')})" for p in rest]
        known = "" if found.complete else f"; not proved complete: {found.reason}"
        return f"other fixed points of the network: {', '.join(words) or 'none'}{known}"

    @cached_property
    def edge(self) -> tuple[Quantity, ...]:
        """The edge of chaos in parametric form."""
        phi = self.phi
        return (
            quantity("C_W(q)", "C_W(q)", lambda: edge_of_chaos(phi).C_W(q)),
            quantity("C_b(q)", "C_b(q)", lambda: edge_of_chaos(phi).C_b(q)),
        )

    @cached_property
    def edge_range(self) -> str:
        """Where the bias variance on the curve is not negative, in words."""
        try:
            curve = edge_of_chaos(self.phi)
            if curve.balance.vanishes:
                return "C_b(q) = 0 for every q > 0"
            spans = curve.range
        except TheoryError as error:
            return f"range of q with C_b > 0: not available: {error}"
        searched = (
            "" if curve.complete else f" (searched: {bound(curve.balance.lower)} < q < {bound(curve.balance.upper)})"
        )
        if not spans:
            return f"no point: C_b(q) < 0 throughout{searched}"
        return "C_b > 0 for " + " and ".join(f"{bound(low)} < q < {bound(high)}" for low, high in spans) + searched

    @cached_property
    def gains(self) -> tuple[Quantity, ...]:
        """Weight variances that preserve variances and gradients at variance one, without bias."""
        phi = self.phi
        return (
            quantity("variance-preserving C_W", r"C_W^{\mathrm{forward}}", lambda: variance_preserving_gain(phi)),
            quantity("gradient-preserving C_W", r"C_W^{\mathrm{backward}}", lambda: gradient_preserving_gain(phi)),
        )

    @cached_property
    def depth(self) -> str:
        """The classifier of infinite depth, in words."""
        try:
            found = infinite_depth_classifier(self.phi)
        except TheoryError as error:
            return f"not available: {error}"
        needs = f"; needs {' and '.join(found.hypotheses)}" if found.hypotheses else ""
        return f"{found.kind}: {found.reason}{needs}"

    def _numbers(self, point: CriticalPoint) -> list[Quantity]:
        return [
            Quantity("K*", "K^*", point.K),
            Quantity("C_W", "C_W", point.C_W),
            Quantity("C_b", "C_b", point.C_b),
            Quantity("coefficient a", "a", point.coefficient),
            Quantity("power p", "p", point.power),
        ]

    def text(self) -> str:
        """The report for a terminal."""
        rows = [f"phi({self.phi.variable}) = {self.phi.expr}", "", f"critical points ({self._status()})"]
        for point, others in zip(self.points, self.others, strict=True):
            where = "every variance K > 0" if point.K.free_symbols - set(self.phi.parameters) else "one variance"
            rows.append(f"  {where}: {point.universality_class}, {point.stability.replace('_', ' ')}")
            rows += [f"    {item.name} = {item.text(self.digits)}" for item in self._numbers(point)]
            rows.append(f"    {point.reason}")
            rows += [f"    {others}"] * bool(others)
        if not self.points:
            rows.append("  none")
        rows += [f"  excluded: {line}" for line in self.points.excluded]
        rows += ["", "edge of chaos", *(f"  {item.name} = {item.text(self.digits)}" for item in self.edge)]
        rows += [f"  {self.edge_range}"]
        rows += ["", "gains at variance one", *(f"  {item.name} = {item.text(self.digits)}" for item in self.gains)]
        rows += ["", f"infinite depth: {self.depth}"]
        return "\n".join(rows)

    def _status(self) -> str:
        return f"{'complete' if self.points.complete else 'not proved complete'}: {self.points.reason}"

    def data(self) -> dict[str, Any]:
        """The report as JSON takes it: exact values and decimals are texts."""
        return {
            "activation": str(self.phi.expr),
            "critical_points": [
                {item.name: item.data(self.digits) for item in self._numbers(point)}
                | {"class": point.universality_class, "stability": point.stability, "reason": point.reason}
                | {"other_fixed_points": others or None}
                for point, others in zip(self.points, self.others, strict=True)
            ],
            "status": self._status(),
            "complete": self.points.complete,
            "excluded": list(self.points.excluded),
            "edge_of_chaos": {item.name: item.data(self.digits) for item in self.edge} | {"range": self.edge_range},
            "gains": {item.name: item.data(self.digits) for item in self.gains},
            "infinite_depth": self.depth,
        }

    def latex(self, notation: str = "mean-field") -> str:
        r"""A fragment of LaTeX for `\input`; needs amsmath, amssymb and graphicx."""

        def printer(expr: Expr) -> str:
            return latex(expr, notation)

        blocks = [
            aligned([Quantity("", rf"\varphi({printer(self.phi.variable)})", self.phi.expr)], printer, self.digits)
        ]
        for point in self.points:
            blocks.append(
                f"Critical, class \\texttt{{{point.universality_class}}}, {point.stability.replace('_', ' ')}:"
            )
            blocks.append(aligned(self._numbers(point), printer, self.digits))
        if not self.points:
            blocks.append("No critical initialisation.")
        for title, rows in (("Edge of chaos", self.edge), ("Gains at variance one", self.gains)):
            written = aligned(rows, printer, self.digits)
            if "align*" in written:
                blocks += [f"{title}:", written]
        return "\n".join(blocks) + "\n"

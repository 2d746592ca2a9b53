"""A fixed point of a map over depth, and the list of all of them with what was proved about the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flint import arb
from sympy import Expr

from theory.enclosure import enclose
from theory.errors import DomainError
from theory.propagation.rates import Rate

__all__ = ["STABILITIES", "FixedPoint", "FixedPoints"]

STABILITIES = ("attracting", "repelling", "attracting_from_above", "attracting_from_below", "continuum")


@dataclass(frozen=True)
class FixedPoint:
    r"""A fixed point of a map over depth.

    - `value`: a number, in closed form where the equation is solvable, otherwise an `IsolatedRoot`; for a continuum
      the symbol that runs over it.
    - `multiplier`: slope of the map there; infinity where it is vertical.
    - `stability`: one of `STABILITIES`.  The one-sided kinds attract from the side they name and repel on the other.
    - `rate`: of approach, or None where the point does not attract.
    """

    value: Expr
    multiplier: Expr
    stability: str
    rate: Rate | None = None

    def enclosure(self, digits: int = 50) -> arb:
        """Ball around the value, of relative radius at most 10^-digits."""
        if self.stability == "continuum":
            raise DomainError(f"every {self.value} is a fixed point; a continuum has no single value to enclose")
        return enclose(self.value, digits)

    def _cells(self) -> list[str]:
        from theory.propagation.written import equation, rate_latex

        value = rf"\text{{every }} {self.value}" if self.stability == "continuum" else equation("x^*", self.value)
        word = rf"\text{{{self.stability.replace('_', ' ')}}}"
        return [value, word, equation("m", self.multiplier), *([rate_latex(self.rate)] if self.rate else [])]

    def _repr_latex_(self) -> str:
        return "$" + r",\; ".join(self._cells()) + "$"

    @property
    def attracts(self) -> bool:
        """True if it attracts from both sides."""
        return self.stability == "attracting"


class FixedPoints(list[FixedPoint]):
    """Fixed points in increasing order.

    `complete` says whether the list is proved to hold all of them; `range` is the interval on which it is, and
    `reason` says why the list is empty, or what stops the proof.
    """

    def __init__(
        self, points: Iterable[FixedPoint], *, range: tuple[Expr, Expr], complete: bool = True, reason: str = ""
    ) -> None:
        super().__init__(points)
        self.range, self.complete, self.reason = range, complete, reason

    def _repr_latex_(self) -> str:
        from theory.latex import escape

        rows = [" & ".join(point._cells()) + r" \\" for point in self]
        known = "complete" if self.complete else "not proved complete"
        words = f"{'' if self else 'none, '}{known}{f': {escape(self.reason)}' if self.reason else ''}"
        return "\n".join([r"$\begin{array}{llll}", *rows, rf"\text{{{words}}}", r"\end{array}$"])

    def __repr__(self) -> str:
        status = "complete" if self.complete else "not proved complete"
        reason = f"; {self.reason}" if self.reason else ""
        return f"FixedPoints({list(self)!r}, {status} on {self.range}{reason})"

"""The steps behind an expectation over a Haar matrix, with their range of validity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Function, S, latex, together
from sympy.logic.boolalg import Boolean

from theory.haar.weingarten import weingarten

__all__ = ["Expectation", "HaarDerivation", "HaarStep", "WeingartenValue"]


class Expectation(Function):
    """`E[argument]` over a Haar matrix, unevaluated."""

    nargs = (1,)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = rf"\mathbb{{E}}\left[{printer._print(self.args[0])}\right]"
        return body if exp is None else rf"{body}^{{{exp}}}"


class WeingartenValue(Function):
    """`Wg(kind, type, n)` unevaluated; `doit` gives the rational function."""

    nargs = (3,)

    def doit(self, **hints: Any) -> Expr:
        """The value."""
        kind, parts, n = self.args
        return weingarten(str(kind), [int(part) for part in parts], n)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        kind, parts, n = self.args
        body = rf"\mathrm{{Wg}}^{{{kind}}}_{{{printer._print(n)}}}\left[{','.join(map(str, parts))}\right]"
        return body if exp is None else rf"\left({body}\right)^{{{exp}}}"


@dataclass(frozen=True)
class HaarStep:
    """One rule: what it is, the expression before, the expression after, and when it holds."""

    rule: str
    before: Expr
    after: Expr
    condition: Boolean = S.true


@dataclass(frozen=True)
class HaarDerivation:
    """An expectation with the steps that lead to it.

    Attributes
    ----------
    expression : what is averaged
    result : the closed form
    condition : range of the dimension for which `result` is the expectation
    steps : in order, each with the rule, the expressions and a side condition
    """

    expression: Expr
    result: Expr
    condition: Boolean
    steps: Sequence[HaarStep]

    def latex(self) -> str:
        """An `align*` block: one line per step, the rule as a remark, the range of validity at the end."""
        lines = [rf"{latex(s.before)} &= {latex(s.after)} && \text{{({s.rule})}}" for s in self.steps]
        final = rf"{latex(Expectation(self.expression))} &= {latex(self.result)}"
        if self.condition is not S.true:
            final += rf" && \left({latex(self.condition)}\right)"
        return "\\begin{align*}\n" + " \\\\\n".join([*lines, final]) + "\n\\end{align*}"

    def check(self) -> bool:
        """Replay the steps without expectations: Weingarten values are looked up, sides compared exactly.

        Where the closed form came from another rule (Gram-Schmidt), this confirms it by the Weingarten sum.
        """
        return all(_agree(step.before, step.after) for step in self.steps if not step.before.has(Expectation))


def _agree(before: Expr, after: Expr) -> bool:
    return together(before.doit() - after.doit()).as_numer_denom()[0].expand() == 0

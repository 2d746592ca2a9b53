"""Claims about ordinary differential equations: their solutions, and sets that they keep."""

from __future__ import annotations

from functools import partial

from sympy import Expr, Symbol

from theory.claim import Claim
from theory.claim_files.relations import is_relation
from theory.claim_files.table_reader import TableReader
from theory.claims import Flow, Invariance
from theory.errors import StatementError

__all__ = ["FlowForm"]


class FlowForm:
    """`flow = { u = "..." }` is du/dt.

    A claim that gives every state as a function of time is its solution, from `initial` if that is given; any other
    equation between the states is one that the flow keeps.
    """

    def __init__(self, names: TableReader) -> None:
        self.names = names
        table = names.table
        states = table.mapping("flow")
        if not states:
            table.fail('a flow gives the rate of every state, as in flow = { u = "u*(1 - u)" }', "flow")
        self.states = {name: names.under("flow", partial(names.bound, name, declared=True)) for name in states}
        self.time = names.under("time", self._time)
        self.reader = names.binding(*self.states.values(), self.time)
        self.flow = names.texts_by_symbol("flow", self.states, self.reader)
        self.initial = names.texts_by_symbol("initial", self.states, names.reader)

    def claim(self, texts: list[str]) -> Claim:
        """The solution, or the set that is kept."""
        pairs = [self.reader.sides(text) for text in texts]
        inside = set(self.states.values())
        solves = {left for left, right in pairs if left in inside and not right.free_symbols & inside} == inside
        kind = self.names.table.values.get("kind")
        if len(pairs) == len(inside) and solves and kind != "invariance":
            return Flow(self.flow, self.time, dict(pairs), self.initial)
        timed = any(self.time in side.free_symbols for pair in pairs for side in pair)
        if self.initial or timed or kind == "flow":
            raise StatementError(f"a solution gives {', '.join(self.states)} by the time {self.time} and parameters")
        return Invariance(tuple(left - right for left, right in pairs), self.flow)

    def near_miss(self, text: str) -> Claim | Expr:
        """Another solution, or another set; equations are parted by semicolons."""
        texts = [part.strip() for part in text.split(";")]
        if len(texts) == 1 and len(self.states) == 1 and not is_relation(text, self.reader.names):
            texts = [f"{next(iter(self.states))} = {text}"]
        return self.claim(texts)

    def _time(self) -> Symbol:
        name = self.names.table.text("time", "t")
        if name in self.states:
            raise StatementError(f"{name} is a state of the flow already; name the time otherwise")
        return self.names.bound(name, declared=True)

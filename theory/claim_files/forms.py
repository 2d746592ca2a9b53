"""The forms a typed claim may have besides a plain relation: maps, flows, limits in the width, laws.

The keys of a table and the signs of its text say which form it has.
"""

from __future__ import annotations

from typing import Protocol

from sympy import Expr

from theory.claim import Claim
from theory.claim_files.flow_form import FlowForm
from theory.claim_files.law_form import LawForm, is_law
from theory.claim_files.map_form import DepthForm, FixedPointForm
from theory.claim_files.relations import TENDS
from theory.claim_files.table_reader import TableReader
from theory.claim_files.width_form import WidthForm

__all__ = ["Form", "form_of"]


class Form(Protocol):
    """A reader of the claim of a table and of its near-misses."""

    def claim(self, texts: list[str]) -> Claim:
        """The claim of its texts: one, or one per equation of a flow."""

    def near_miss(self, text: str) -> Claim | Expr:
        """What a text puts in the place of the stated side."""


def form_of(names: TableReader) -> Form | None:
    """The form of a table, or nothing for a plain relation.

    Raises
    ------
    StatementError : the keys belong to different forms.
    """
    table = names.table
    present = [key for key in ("map", "flow", "network") if key in table.values]
    if len(present) > 1:
        table.fail(f"{' and '.join(present)} belong to different claims; keep one of them", present[1])
    text = " ".join(table.claims())
    if "flow" in present:
        return FlowForm(names)
    arrow = "map" not in present and "->" in "".join(table.texts("claim"))
    if "network" in present or arrow or "gram(" in text.replace(" ", ""):
        return WidthForm(names)
    if TENDS in text:
        return DepthForm(names)
    if "map" in present:
        return FixedPointForm(names)
    if is_law(text):
        return LawForm(names)
    for key, form in _BELONGS.items():
        if key in table.values:
            table.fail(f"this key belongs to {form}", key)
    return None


_BELONGS = {
    "multiplier": 'a fixed point, whose table has a map, such as map = { r = "(1 + r^2)/2" }',
    "initial": 'a flow or a law in depth, whose table has a flow or a map, such as map = { r = "(1 + r^2)/2" }',
    "time": 'a flow, such as flow = { u = "u*(1 - u)" }',
    "envelope": 'a limit in the width, such as claim = "gram(phi, rho) -> ..."',
    "bias_rate": 'a limit in the width, such as claim = "gram(phi, rho) -> ..."',
    "fluctuation_rate": 'a limit in the width, such as claim = "gram(phi, rho) -> ..."',
    "spectrum": 'a law, such as claim = "P[eigenvalue <= x] = ..."',
    "support": 'a law, such as claim = "P[Z^2 <= x] = erf(sqrt(x/2))"',
}

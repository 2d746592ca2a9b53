"""What the words of one table stand for: symbols, activations, random matrices, the index of a sequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sympy import Expr, Symbol

from theory import symbols
from theory.activations import Activation
from theory.claim_files.claim_text import ClaimReader, index_of, read_group
from theory.claim_files.intervals import UnsatisfiableError
from theory.claim_files.quantities import FUNCTIONS, check_activation_name
from theory.claim_files.tables import ClaimTable
from theory.claim_files.vocabulary import RESERVED, Vocabulary, read_vocabulary
from theory.errors import ParseError, StatementError, TheoryError
from theory.haar.group import KINDS, Haar
from theory.parsing import parse_expression
from theory.symbols import n as dimension
from theory.symbols import rho, x

__all__ = ["TableReader"]

_SHARED = {name: getattr(symbols, name) for name in ("q", "q1", "q2", "q12", "rho")}


class TableReader:
    """The names of a table, one key after the other; whatever goes wrong names its place."""

    def __init__(self, table: ClaimTable) -> None:
        self.table = table
        self.vocabulary = self._vocabulary()
        self.names: dict[str, Symbol] = {"rho": rho, **self.vocabulary.symbols}
        self.activations = self._activations()
        self.groups = self.under("group", self._groups)
        self.index = self.under("start" if "start" in table.values else "index", self._index)
        names = {"n": dimension, **self.names}  # the dimension of a random matrix needs no declaration
        if self.index is not None:
            names[self.index[0].name] = self.index[0]
        self.reader = ClaimReader(names, self.activations, self.groups, self.index)

    def under(self, key: str, build: Callable[[], Any]) -> Any:
        """What `build` returns; its errors name the place of the key."""
        try:
            return build()
        except TheoryError as error:
            if str(error).startswith(str(self.table.file)):
                raise
            reason, kind = str(error), UnsatisfiableError if isinstance(error, UnsatisfiableError) else StatementError
            if isinstance(error, ParseError) and error.reason.startswith("unknown name"):
                reason += "\nvariables are declared under domains or parameters"
            self.table.fail(reason, key, kind)

    def bound(self, name: str, declared: bool = False) -> Symbol:
        """A symbol that the claim binds; the letters of the field stand for the symbols of the field.

        Raises
        ------
        StatementError : the name is taken, or has a domain although no value of it is asked for.
        """
        if not name.isidentifier() or "__" in name or name in {*RESERVED, *self.activations, *FUNCTIONS, *KINDS}:
            raise StatementError(f"{name!r} cannot name a variable; use letters and digits, not a name that is taken")
        if name in self.vocabulary.symbols:
            if declared:
                return self.vocabulary.symbols[name]
            raise StatementError(f"{name} has a domain, but the claim binds it itself; leave the domain out")
        return _SHARED.get(name, Symbol(name, real=True))

    def binding(self, *bound: Symbol) -> ClaimReader:
        """The reader of formulas in which these symbols may stand, too."""
        return replace(self.reader, names={**self.reader.names, **{symbol.name: symbol for symbol in bound}})

    def texts_by_symbol(self, key: str, known: Mapping[str, Symbol], reader: ClaimReader) -> dict[Symbol, Expr]:
        """Formulas by the symbols they belong to, from a table of names."""
        found = {}
        for name, text in self.table.mapping(key).items():
            if name not in known:
                self.table.fail(f"{name} is none of the variables here: {', '.join(known)}", key)
            found[known[name]] = self.under(key, partial(reader.expression, str(text)))
        return found

    def number(self, key: str, default: str) -> Expr:
        """A number, exactly, or a formula in the declared names."""
        text = self.table.number(key) or default
        return self.under(key, lambda: self.reader.expression(text))

    def _vocabulary(self) -> Vocabulary:
        table = self.table
        parameters, assumptions = table.texts("parameters"), table.texts("assumptions")
        domains = table.mapping("domains")
        # One key after the other, so that an error names the one it comes from.
        self.under("parameters", lambda: read_vocabulary(parameters, {}, []))
        self.under("domains", lambda: read_vocabulary(parameters, domains, []))
        return self.under("assumptions", lambda: read_vocabulary(parameters, domains, assumptions))

    def _activations(self) -> dict[str, Activation]:
        typed = {name: ("activations", text) for name, text in self.table.mapping("activations").items()}
        if "phi" in self.table.values:
            if "phi" in typed:
                self.table.fail("phi is given twice, here and under activations; keep one of the two", "phi")
            typed["phi"] = ("phi", self.table.text("phi"))
        taken = {*RESERVED, *FUNCTIONS, *self.names, *KINDS} - {"phi"}
        found = {}
        for name, (key, text) in typed.items():
            found[name] = self.under(key, partial(self._activation, name, text, taken))
        return found

    def _activation(self, name: str, text: Any, taken: set[str]) -> Activation:
        check_activation_name(name, taken)
        if not isinstance(text, str):
            raise StatementError(f"an activation is a formula in x, in quotes; received {text!r}")
        others = {name: symbol for name, symbol in self.names.items() if name not in ("x", "rho")}
        return Activation(parse_expression(text, {**others, "x": x}), x, self.vocabulary.assumptions)

    def _groups(self) -> dict[str, Haar]:
        if "group" in self.table.values:
            group = read_group(self.table.text("group"), {"n": dimension, **self.names})
            return {group.kind: group}
        return {kind: Haar(kind, self.names.get("n", dimension)) for kind in KINDS}

    def _index(self) -> tuple[Symbol, Expr] | None:
        table = self.table
        if not {"index", "start"} & set(table.values) and table.values.get("kind") != "sequence":
            return None
        name = table.text("index", "k")
        if name in self.names or name in RESERVED or not name.isidentifier():
            raise StatementError(f"the index {name!r} has another meaning here; choose another name")
        return index_of(name, table.number("start") or "0")

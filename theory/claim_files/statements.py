"""The statement of one table of a claim file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

from sympy import Expr, Symbol, oo

from theory.activations import Activation
from theory.bibliography import known_keys
from theory.claim import Claim
from theory.claim_files.claim_text import ClaimReader, index_of, read_group
from theory.claim_files.expressions import smallest_dimension
from theory.claim_files.intervals import UnsatisfiableError
from theory.claim_files.quantities import FUNCTIONS, check_activation_name
from theory.claim_files.relations import cut, is_relation
from theory.claim_files.tables import ClaimTable, check_keys
from theory.claim_files.vocabulary import RESERVED, Vocabulary, read_vocabulary
from theory.claims import Bound, GaussianIdentity, HaarIdentity, Identity, Refutation, Sequence
from theory.domains import Integers, Interval, admissible_points
from theory.errors import ParseError, StatementError, TheoryError, UnknownNameError
from theory.gaussian.expectation import expect
from theory.haar.entries import MatrixEntry
from theory.haar.group import KINDS, Haar
from theory.parsing import parse_expression
from theory.statement import Statement, Status
from theory.symbols import n as dimension
from theory.symbols import rho, x

__all__ = ["statement_of"]

KINDS_OF_CLAIM: dict[str, type[Claim]] = {
    "identity": Identity,
    "gaussian": GaussianIdentity,
    "haar": HaarIdentity,
    "bound": Bound,
    "sequence": Sequence,
    "refutation": Refutation,
}
_POINTS = 8


class _Table:
    """The statement of a table, one key after the other; whatever goes wrong names its place."""

    def __init__(self, table: ClaimTable) -> None:
        self.table = table
        self.vocabulary = self._vocabulary()
        self.names: dict[str, Symbol] = {"rho": rho, **self.vocabulary.symbols}
        self.activations = self._activations()
        self.groups = self.under("group", self._groups)
        self.index = self.under("index", self._index)
        names = {"n": dimension, **self.names}  # the dimension of a random matrix needs no declaration
        if self.index is not None:
            names[self.index[0].name] = self.index[0]
        self.reader = ClaimReader(names, self.activations, self.groups, self.index)
        self.claim = self.under("claim", self._claim)

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

    def _claim(self) -> Claim:
        text = self.table.text("claim")
        if not text:
            raise StatementError('the claim is missing, such as claim = "E[Z^2] = 1"')
        claim = self.reader.read(text)
        if "n" not in self.names and dimension in claim.free_symbols and not isinstance(claim, HaarIdentity):
            raise StatementError('n has no domain; add domains = { n = "integers >= 1" }')
        return claim

    def domains(self) -> dict[Symbol, Any]:
        """The declared domains, and those that go without saying."""
        found = dict(self.vocabulary.domains)
        free = self.claim.free_symbols
        if rho in free and rho not in found:
            found[rho] = Interval(-1, 1)
        if isinstance(self.claim, HaarIdentity) and dimension in free and dimension not in found:
            found[dimension] = Integers(smallest_dimension(self.claim.integrand.atoms(MatrixEntry)))
        return found

    def derive(self) -> Callable[[], Expr] | None:
        """Our own closed form of an expectation."""
        claim, conditions = self.claim, self.vocabulary.assumptions
        if isinstance(claim, GaussianIdentity):
            return lambda: expect(claim.integrand, claim.law, conditions)
        if isinstance(claim, HaarIdentity):
            return lambda: claim.group.mean(claim.integrand)
        return None

    def refuted(self) -> Claim:
        """The claim, or its refutation where `at` gives the point."""
        kind, values = self.table.values.get("kind"), self.table.mapping("at")
        if kind is not None and kind not in KINDS_OF_CLAIM:
            self.table.fail(UnknownNameError("kind", str(kind), KINDS_OF_CLAIM), "kind")
        if kind == "refutation" and "at" not in self.table.values:
            self.table.fail('a refutation names its point, such as at = { rho = "1/2" }', "kind")
        if kind not in (None, "refutation") and not isinstance(self.claim, KINDS_OF_CLAIM[kind]):
            received = next(name for name, cls in KINDS_OF_CLAIM.items() if isinstance(self.claim, cls))
            self.table.fail(f"the claim reads as {received}; received {kind}", "kind")
        if "at" not in self.table.values:
            return self.claim
        known = {symbol.name: symbol for symbol in self.claim.free_symbols}
        for name in values:
            if name not in known:
                self.table.fail(UnknownNameError("variable", name, known), "at")
        at = self.under("at", lambda: {known[name]: parse_expression(str(v), {}) for name, v in values.items()})
        return self.under("at", lambda: Refutation(self.claim, at=at))

    def near_misses(self) -> list[Expr | Claim]:
        """Formulas for the stated side, and whole claims."""
        typed = self.table.texts("near_misses")
        return self.under("near_misses", lambda: [self._near_miss(text) for text in typed])

    def _near_miss(self, text: str) -> Expr | Claim:
        if "at" in self.table.values:
            raise StatementError("a refutation has no near-misses: its claim is false already")
        declared = {*self.names, *self.activations}
        if not is_relation(text, declared):
            value = self.reader.expression(text)
            return -value if self._is_lower_bound() else value
        claim = self.reader.read(text)
        if type(claim) is not type(self.claim) or _without_stated(claim) != _without_stated(self.claim):
            # The witnesses look at the other side once, for the claim and all its damaged copies.
            raise StatementError(f"a near-miss changes the stated side alone; received {text}")
        return claim

    def _is_lower_bound(self) -> bool:
        declared = {*self.names, *self.activations}
        return isinstance(self.claim, Bound) and cut(self.table.text("claim"), declared, "a claim").sign[0] == ">"

    def exact_number(self, key: str) -> Expr | None:
        """A positive number, exactly."""
        typed = self.table.number(key)
        return None if typed is None else self.under(key, lambda: parse_expression(typed, {}))

    def points(self) -> int:
        """How many points the claim asks for; all of them where the variables take but a few values."""
        typed = self.table.number("points")
        if typed is not None and not (typed.isascii() and typed.isdigit()):
            self.table.fail(f"a positive integer is due here; received {typed}", "points")
        if typed is not None:
            return int(typed)
        domains = self.domains()
        if not all(isinstance(domain, Integers) and domain.hi != oo for domain in domains.values()):
            return _POINTS
        return max(1, sum(1 for _ in admissible_points(domains, self.vocabulary.assumptions, _POINTS)))


def statement_of(table: ClaimTable) -> Statement:
    """The statement of one table.

    Raises
    ------
    UnsatisfiableError : no value meets the domains and assumptions.
    StatementError : anything else; the message names file, line, table and key.
    """
    check_keys(table)
    if not table.name.isidentifier():
        table.fail("the name of a claim is made of letters, digits and underscores, as in [relu_dual]")
    read = _Table(table)
    claim = read.refuted()
    keys, cited = _sources(table)
    words = [table.text("prose").strip() or table.text("claim").strip(), *(f"Source: {text}" for text in cited)]
    return read.under(
        "claim",
        lambda: Statement(
            claim=claim,
            domains=read.domains(),
            derive=read.derive(),
            resolution=read.exact_number("resolution"),
            near_misses=read.near_misses(),
            assumptions=read.vocabulary.assumptions,
            points=read.points(),
            missing_witness=table.text("missing_witness"),
            identifier=table.name,
            prose="\n\n".join(words),
            topics=tuple(table.texts("topics")),
            sources=tuple(keys),
            status=_status(table),
        ),
    )


def _without_stated(claim: Claim) -> dict[str, Any]:
    """The fields of a claim but for its stated side."""
    stated = claim.stated_side
    return {f.name: value for f in fields(claim) if (value := getattr(claim, f.name)) is not stated}


def _sources(table: ClaimTable) -> tuple[list[str], list[str]]:
    """Keys of the bibliography, and free texts, which hold spaces."""
    given = table.texts("source")
    keys = [text for text in given if " " not in text.strip()]
    known = known_keys() if keys else frozenset()
    for key in keys:
        if key not in known:
            hint = "a source is a key of the bibliography, or words"
            table.fail(f"{UnknownNameError('source key', key, known)}; {hint}", "source")
    return keys, [text.strip() for text in given if " " in text.strip()]


def _status(table: ClaimTable) -> Status | None:
    typed = table.text("status")
    known = [status.value for status in Status]
    if typed and typed not in known:
        table.fail(UnknownNameError("status", typed, known), "status")
    return Status(typed) if typed else None

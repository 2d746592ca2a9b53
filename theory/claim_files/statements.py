"""The statement of one table of a claim file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from sympy import Expr, Symbol, oo

from theory.bibliography import known_keys
from theory.claim import Claim
from theory.claim_files.expressions import smallest_dimension
from theory.claim_files.forms import form_of
from theory.claim_files.relations import cut, is_relation
from theory.claim_files.table_reader import TableReader
from theory.claim_files.tables import ClaimTable, check_keys
from theory.claim_files.width_form import WidthForm
from theory.claims import (
    Bound,
    DepthAsymptotic,
    Distribution,
    Existence,
    FixedPoint,
    Flow,
    GaussianIdentity,
    HaarIdentity,
    Identity,
    Invariance,
    Refutation,
    Sequence,
    WidthLimit,
)
from theory.domains import Integers, Interval
from theory.errors import StatementError, UnknownNameError
from theory.gaussian.expectation import expect
from theory.haar.entries import MatrixEntry
from theory.parsing import parse_expression
from theory.points import admissible_points
from theory.statement import Statement, Status
from theory.symbols import n as dimension
from theory.symbols import rho

__all__ = ["statement_of", "words_of"]

KINDS_OF_CLAIM: dict[str, type[Claim]] = {
    "identity": Identity,
    "gaussian": GaussianIdentity,
    "haar": HaarIdentity,
    "bound": Bound,
    "sequence": Sequence,
    "fixed_point": FixedPoint,
    "depth": DepthAsymptotic,
    "width": WidthLimit,
    "flow": Flow,
    "invariance": Invariance,
    "law": Distribution,
    "existence": Existence,
    "refutation": Refutation,
}
_POINTS = 8
_MOST_POINTS = 1_000


class _Table:
    """The statement of a table, one key after the other; whatever goes wrong names its place."""

    def __init__(self, table: ClaimTable) -> None:
        self.table = table
        self.read = TableReader(table)
        self.under, self.names, self.reader = self.read.under, self.read.names, self.read.reader
        self.form = form_of(self.read)
        self.plain = self.under("claim", self._claim)
        self.claim = self._wrapped()

    def _claim(self) -> Claim:
        texts = self.table.claims()
        if not any(texts):
            raise StatementError('the claim is missing, such as claim = "E[Z^2] = 1"')
        claim = self.reader.read(texts[0]) if self.form is None else self.form.claim(texts)
        if "n" not in self.names and dimension in claim.free_symbols and not isinstance(claim, HaarIdentity):
            raise StatementError('n has no domain; add domains = { n = "integers >= 1" }')
        return claim

    def _wrapped(self) -> Claim:
        """The claim, its refutation where `at` gives the point, or the claim that a witness exists."""
        kind, values = self.table.values.get("kind"), self.table.values
        if kind is not None and kind not in KINDS_OF_CLAIM:
            self.table.fail(UnknownNameError("kind", str(kind), KINDS_OF_CLAIM), "kind")
        for name, key, example in (("refutation", "at", "its point"), ("existence", "witness", "its witness")):
            if kind == name and key not in values:
                self.table.fail(f'the claim of this kind names {example}, such as {key} = {{ rho = "1/2" }}', "kind")
        if kind not in (None, "refutation", "existence") and not isinstance(self.plain, KINDS_OF_CLAIM[kind]):
            received = next(name for name, cls in KINDS_OF_CLAIM.items() if isinstance(self.plain, cls))
            self.table.fail(f"the claim reads as {received}; received {kind}", "kind")
        if "at" in values and "witness" in values:
            self.table.fail("a claim has the point of a refutation or the witness of an existence, not both", "witness")
        if "at" in values:
            return self.under("at", lambda: Refutation(self.plain, at=self._values("at", {})))
        if "witness" in values:
            return self.under("witness", lambda: Existence(self.plain, self._values("witness", self.names)))
        return self.plain

    def _values(self, key: str, names: dict[str, Symbol]) -> dict[Symbol, Expr]:
        """Values of free symbols of the claim."""
        known = {symbol.name: symbol for symbol in self.plain.free_symbols}
        for name in self.table.mapping(key):
            if name not in known:
                self.table.fail(UnknownNameError("variable", name, known), key)
        return {known[name]: parse_expression(str(text), names) for name, text in self.table.mapping(key).items()}

    def domains(self) -> dict[Symbol, Any]:
        """The declared domains, and those that go without saying."""
        found = dict(self.read.vocabulary.domains)
        free = self.claim.free_symbols
        if rho in free and rho not in found:
            found[rho] = Interval(-1, 1)
        if isinstance(self.claim, HaarIdentity) and dimension in free and dimension not in found:
            found[dimension] = Integers(smallest_dimension(self.claim.integrand.atoms(MatrixEntry)))
        if isinstance(self.plain, Flow) and self.plain.time in free and self.plain.time not in found:
            found[self.plain.time] = Interval(0, 2)
        return found

    def derive(self) -> Callable[[], Expr] | None:
        """Our own closed form of an expectation."""
        claim, conditions = self.claim, self.read.vocabulary.assumptions
        if isinstance(claim, GaussianIdentity):
            return lambda: expect(claim.integrand, claim.law, conditions)
        if isinstance(claim, HaarIdentity):
            return lambda: claim.group.mean(claim.integrand)
        if isinstance(claim, WidthLimit) and isinstance(self.form, WidthForm):
            return self.form.derive(claim)
        return None

    def near_misses(self) -> list[Expr | Claim]:
        """Formulas for the stated side, and whole claims."""
        typed = self.table.texts("near_misses")
        return self.under("near_misses", lambda: [self._near_miss(text) for text in typed])

    def _near_miss(self, text: str) -> Expr | Claim:
        if "at" in self.table.values or "witness" in self.table.values:
            raise StatementError("a claim at a point given has no near-misses of its own")
        if self.form is not None:
            near = self.form.near_miss(text.replace("->", "~ "))
        elif is_relation(text, {*self.names, *self.read.activations}):
            near = self.reader.read(text)
        else:
            value = self.reader.expression(text)
            return -value if self._is_lower_bound() else value
        if isinstance(near, Claim) and (type(near) is not type(self.claim) or _given(near) != _given(self.claim)):
            # The witnesses look at the other side once, for the claim and all its damaged copies.
            raise StatementError(f"a near-miss changes the stated side alone; received {text}")
        return near

    def _is_lower_bound(self) -> bool:
        declared = {*self.names, *self.read.activations}
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
        if typed is not None and int(typed) > _MOST_POINTS:
            self.table.fail(f"at most {_MOST_POINTS} points are looked at; received {typed}", "points")
        if typed is not None:
            return int(typed)
        domains = self.domains()
        if not all(isinstance(domain, Integers) and domain.hi != oo for domain in domains.values()):
            return _POINTS
        return max(1, sum(1 for _ in admissible_points(domains, self.read.vocabulary.assumptions, _POINTS)))


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
    keys, cited = _sources(table)
    words = [
        table.text("prose").strip() or "; ".join(table.texts("claim")).strip(),
        *(f"Source: {text}" for text in cited),
    ]
    return read.under(
        "claim",
        lambda: Statement(
            claim=read.claim,
            domains=read.domains(),
            derive=read.derive(),
            resolution=read.exact_number("resolution"),
            near_misses=read.near_misses(),
            assumptions=read.read.vocabulary.assumptions,
            points=read.points(),
            missing_witness=table.text("missing_witness"),
            identifier=table.name,
            prose="\n\n".join(words),
            topics=tuple(table.texts("topics")),
            sources=tuple(keys),
            status=_status(table),
        ),
    )


_STATED: dict[type[Claim], tuple[str, ...]] = {
    DepthAsymptotic: ("exponent", "constant", "log_coefficient"),
    Distribution: ("law",),
    FixedPoint: ("value", "multiplier"),
    Flow: ("solution",),
    Invariance: ("manifold",),
}


def _given(claim: Claim) -> dict[str, Any]:
    """The fields of a claim but for what it states."""
    stated = _STATED.get(type(claim))
    if stated is not None:
        return {f.name: getattr(claim, f.name) for f in fields(claim) if f.name not in stated}
    return {f.name: value for f in fields(claim) if (value := getattr(claim, f.name)) is not claim.stated_side}


def words_of(table: ClaimTable) -> str:
    """The claim as it was typed."""
    return "; ".join(table.texts("claim")).strip()


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

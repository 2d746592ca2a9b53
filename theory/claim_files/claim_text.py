"""A claim typed as text: an equation, an inequality, an expectation, a sequence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Integer, Symbol

from theory.activations import Activation
from theory.claim import Claim
from theory.claim_files.expressions import SideReader, side_tokens
from theory.claim_files.quantities import Means
from theory.claim_files.relations import Span, cut
from theory.claims import Bound, GaussianIdentity, HaarIdentity, Identity, Sequence
from theory.errors import ParseError, StatementError, UnsupportedError
from theory.grammar import is_linear
from theory.haar.group import KINDS, Haar
from theory.parsing import parse_expression

__all__ = ["ClaimReader", "read_group"]

_LATEST = 20  # of the first index: polynomials of a degree beyond are not written out
_GROUP = re.compile(r"\s*([A-Za-z]\w*)\s*\(\s*(.+?)\s*\)\s*$")


def read_group(text: str, names: Mapping[str, Symbol]) -> Haar:
    """The random matrix typed as `O(n)`, `U(3)`, `Sp(n)`, `S(n)` or `S0(n)`.

    Examples
    --------
    >>> read_group("Sp(3)", {})
    Haar('Sp', 3)
    """
    found = _GROUP.match(text)
    if found is None or found[1] not in KINDS:
        known = ", ".join(f"{kind}(n)" for kind in KINDS)
        raise StatementError(f"a group is one of {known}; received {text!r}")
    return Haar(found[1], parse_expression(found[2], names))


@dataclass(frozen=True)
class ClaimReader:
    """Reads claims over declared symbols.

    Parameters
    ----------
    names : the symbols by name.
    activations : by name.
    groups : the random matrices by letter.
    index : the index of a sequence and its first value.
    """

    names: Mapping[str, Symbol]
    activations: Mapping[str, Activation]
    groups: Mapping[str, Haar]
    index: tuple[Symbol, Expr] | None = None

    def read(self, text: str) -> Claim:
        """The claim of a text.

        Raises
        ------
        ParseError, StatementError : it is not a claim, or a tautology.
        """
        declared = {*self.names, *self.activations}
        relation = cut(text, declared, "a claim")
        means = Means(self.activations)
        reader = SideReader(text, self.names, means, self.groups)
        left, right = reader.read(relation.left), reader.read(relation.right)
        _check_stand_ins(means, left, right)
        if means.haar:
            return self._haar(relation.sign, left, right, means)
        if relation.sign != "=":
            return _bound(relation.sign, _written(left, means), _written(right, means))
        if _written(left, means) == _written(right, means):
            raise StatementError(f"both sides read {_written(left, means)}; a tautology is no claim")
        if self.index is not None:
            index, start = self.index
            return Sequence(index, _written(left, means), _written(right, means), start)
        return _equation(left, right, means)

    def expression(self, text: str) -> Expr:
        """A formula in the place of the stated side."""
        return self._written(text, [side_tokens(text, {*self.names, *self.activations})])[0]

    def sides(self, text: str, what: str = "a claim", signs: tuple[str, ...] = ("=",)) -> tuple[Expr, Expr]:
        """The formulas on both sides of one of the signs.

        Raises
        ------
        ParseError, StatementError : there is no such sign, or a side is no formula.
        """
        relation = cut(text, {*self.names, *self.activations}, what, signs)
        left, right = self._written(text, [relation.left, relation.right])
        return left, right

    def integrand(self, text: str, span: Span) -> Expr:
        """A part of a text as a formula in the Gaussian variables U and V, or Z."""
        return SideReader(text, self.names, Means(self.activations), {}).integrand(span)

    def _written(self, text: str, spans: list[Span]) -> list[Expr]:
        means = Means(self.activations)
        reader = SideReader(text, self.names, means, self.groups)
        values = [reader.read(span) for span in spans]
        _check_stand_ins(means, *values)
        if means.haar:
            raise StatementError("a mean over a random matrix stands in a claim E[...] = ... only, typed as a whole")
        return [_written(value, means) for value in values]

    def _haar(self, sign: str, left: Expr, right: Expr, means: Means) -> Claim:
        dummies = set(means.haar)
        for side, stated in ((left, right), (right, left)):
            groups = [group for dummy, (_, group) in means.haar.items() if dummy in side.free_symbols]
            alone = not means.gaussian and not stated.free_symbols & dummies and self.index is None
            if sign == "=" and alone and groups and is_linear(side, dummies) and all(g == groups[0] for g in groups):
                integrand = side.xreplace({dummy: integrand for dummy, (integrand, _) in means.haar.items()})
                return HaarIdentity(integrand, groups[0], stated)
        raise UnsupportedError(
            "a mean over a random matrix stands on one side of an equation, alone or in a linear combination"
        )


def _equation(left: Expr, right: Expr, means: Means) -> Claim:
    """An expectation if one side is linear in means over the same law, a plain identity otherwise."""
    dummies = set(means.gaussian)
    for side, stated in ((left, right), (right, left)):
        laws = [node.law for dummy, node in means.gaussian.items() if dummy in side.free_symbols]
        if laws and not stated.free_symbols & dummies and is_linear(side, dummies) and len(set(laws)) == 1:
            integrand = side.xreplace({dummy: node.integrand for dummy, node in means.gaussian.items()})
            return GaussianIdentity(integrand, laws[0], stated)
    return Identity(_written(left, means), _written(right, means))


def _bound(sign: str, left: Expr, right: Expr) -> Bound:
    """The right side as typed is the stated one, also of a lower bound: that one is checked with both sides negated."""
    if sign in (">", ">="):
        left, right = -left, -right
    return Bound(left, right, strict=sign in ("<", ">"))


def _written(side: Expr, means: Means) -> Expr:
    return side.xreplace(means.gaussian)


def _check_stand_ins(means: Means, *sides: Expr) -> None:
    for side in sides:
        for mark in means.marks:
            if mark in side.free_symbols:
                raise ParseError(f"{mark.name} is an activation; write {mark.name}(...), or dual({mark.name}, rho)")


def index_of(name: str, start: str) -> tuple[Symbol, Expr]:
    """The index of a sequence, a non-negative integer, and its first value."""
    first = parse_expression(start, {})
    if not isinstance(first, Integer) or not 0 <= first <= _LATEST:
        raise StatementError(f"a sequence starts at an integer from 0 to {_LATEST}; received {start}")
    return Symbol(name, integer=True, nonnegative=True), first

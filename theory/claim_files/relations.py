"""A typed relation cut into its sides: equations, inequalities, the endpoints of an interval."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from sympy import Expr

from theory.errors import ParseError
from theory.grammar import Symbols, Token, check_text, fail, match_brackets, tokenize
from theory.parsing import Functions, parse_expression

__all__ = ["MARK", "RELATIONS", "TENDS", "Relation", "Span", "cut", "is_relation", "parse_masked", "parse_span"]

MARK = "\u2c98"  # starts the names that stand for a bracket; no formula of ours holds the letter
RELATIONS = ("=", "<", "<=", ">", ">=")
TENDS = "~"  # an asymptotic relation, typed "~" or "->"
_MARKS = f"[]={TENDS}"


class Span(NamedTuple):
    """A part of a text, by its first and last token."""

    tokens: list[Token]
    start: int
    end: int


class Relation(NamedTuple):
    """Two sides and the sign between them."""

    left: Span
    sign: str
    right: Span


def cut(text: str, names: Collection[str], what: str, signs: Collection[str] = RELATIONS) -> Relation:
    """The two sides of a text that holds one relation outside its brackets.

    Raises
    ------
    ParseError : there is none, or more than one.
    """
    tokens = tokenize(check_text(text, what), names, _MARKS)
    places = _relations(tokens, text)
    if len(places) != 1 or tokens[places[0]].text not in signs:
        place = tokens[places[-1]].start if places else len(text)
        fail(f"{what} has a single {' or '.join(signs)} outside brackets", text, place)
    middle = tokens[places[0]]
    left = Span(tokens[: places[0]], 0, middle.start)
    return Relation(left, middle.text, Span(tokens[places[0] + 1 :], middle.start + len(middle.text), len(text)))


def is_relation(text: str, names: Collection[str]) -> bool:
    """Is there a sign of relation outside brackets?"""
    return bool(_relations(tokenize(text, names, _MARKS), text))


def _relations(tokens: list[Token], text: str) -> list[int]:
    inside = {i for a, b in match_brackets(tokens, text).items() for i in range(a, b)}
    return [i for i, token in enumerate(tokens) if token.text in (*RELATIONS, TENDS) and i not in inside]


def parse_span(text: str, start: int, end: int, names: Symbols, functions: Functions | None = None) -> Expr:
    """The expression typed between two places; errors point into the whole text.

    Raises
    ------
    ParseError : it is not a formula.
    """
    return parse_masked(text, " " * start + text[start:end], names, functions)


def parse_masked(text: str, masked: str, names: Symbols, functions: Functions | None = None) -> Expr:
    """The expression of a text in which some parts were replaced, place by place, by names that stand for them."""
    try:
        if not masked.strip():
            fail("a formula is due here", text, len(masked))
        return parse_expression(masked, names, functions=functions)
    except ParseError as error:
        if error.position is None:
            raise
        # Names that stand for a bracket are ours, and none of the reader's business.
        fail(re.sub(rf"(, )?{MARK}\d+", "", error.reason), text, error.position)

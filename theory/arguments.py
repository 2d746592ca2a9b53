"""Arguments of public functions, read once at the border: whole numbers, lists, and members of a catalogue."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping
from operator import index
from typing import Any

from theory.errors import DomainError, UnknownNameError

__all__ = ["items", "known_name", "text", "whole"]


def whole(name: str, value: Any, least: int = 1, most: int | None = 2**53) -> int:
    """`value` as an integer from `least` to `most`; `name` stands in the message.

    Raises
    ------
    DomainError
        for anything else: truth values, fractions and texts are no counts.

    Examples
    --------
    >>> from sympy import Integer
    >>> whole("width", Integer(7))
    7
    """
    try:
        number = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        bound = f"at least {least}" if most is None or number is None or number < least else f"at most {most}"
        raise DomainError(f"{name} must be an integer, {bound}; received {reprlib.repr(value)}")
    return number


def items(name: str, values: Any) -> tuple[Any, ...]:
    """A list, tuple, set or other iterable as a tuple; `name` stands in the message.

    Raises
    ------
    DomainError
        for a single value, and for texts and mappings, whose members are hardly what was meant.

    Examples
    --------
    >>> items("sources", ["cho2009kernel"])
    ('cho2009kernel',)
    """
    if isinstance(values, str | bytes | Mapping | type) or not isinstance(values, Iterable):
        raise DomainError(f"{name}: a list or tuple is needed; received {reprlib.repr(values)}")
    return tuple(values)


def text(name: str, value: Any) -> str:
    """`value` if it is a text with a visible character; `name` stands in the message.

    Raises
    ------
    DomainError
        for anything else.

    Examples
    --------
    >>> text("the letter of a matrix", "Q")
    'Q'
    """
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise DomainError(f"{name} is a text; received {reprlib.repr(value)}")
    return value


def known_name(kind: str, name: Any, known: Iterable[str]) -> str:
    """`name` if it is one of the known ones; `kind` says in the message what they are.

    Raises
    ------
    UnknownNameError
        for another name, and for what is no text; suggests the nearest.

    Examples
    --------
    >>> known_name("group", "U", ["O", "U"])
    'U'
    """
    if not isinstance(name, str) or name not in known:
        raise UnknownNameError(kind, name, known)
    return name

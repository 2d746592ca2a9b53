"""The exceptions a caller can react to.

Every message states the rule, the value received and what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "DivergenceError",
    "DomainError",
    "OrderingError",
    "ParseError",
    "PrecisionError",
    "StatementError",
    "TheoryError",
    "UnknownNameError",
    "UnsupportedError",
]


class TheoryError(ValueError):
    """Base class of the errors raised by the packages `theory` and `numerics`."""


class ParseError(TheoryError):
    """Text that is not a formula; `position` is the 0-based place in `text`."""

    def __init__(self, message: str, text: str = "", position: int | None = None) -> None:
        self.reason, self.text, self.position = message, text, position
        if position is None:
            super().__init__(message)
            return
        start = max(0, position - 30)
        excerpt = text[start : position + 30].replace("\n", " ")
        pointer = " " * (position - start) + "^"
        super().__init__(f"{message} (at position {position})\n  {excerpt}\n  {pointer}")


class DomainError(TheoryError):
    """A value outside the set it must lie in: a correlation beyond 1, a negative variance."""


class DivergenceError(TheoryError):
    """An expectation that does not exist; `condition` is the inequality that fails or is undecided."""

    def __init__(self, message: str, condition: object = None) -> None:
        self.condition = condition
        super().__init__(message)


class OrderingError(TheoryError):
    """Symbolic breakpoints whose order the assumptions do not settle."""


class PrecisionError(TheoryError):
    """The digits asked for are not reached by any rigorous route."""


class UnsupportedError(TheoryError):
    """A request outside what the rules cover, with the reason."""


class StatementError(TheoryError):
    """A statement that is not well formed."""


class UnknownNameError(TheoryError, KeyError):
    """A name that is not in a catalogue; the message suggests the nearest ones."""

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) if isinstance(name, str) else []
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(names[:12])}"
        self.message = f"unknown {kind} {name!r}; {hint}"
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message

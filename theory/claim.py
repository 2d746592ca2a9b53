"""The base class of the claims: an assertion as inert data.

A claim stores its sides apart and never as a sympy relation, because relations evaluate on construction:
`Eq(x + x, 2*x)` is `True` at once and the statement is gone.  A claim does not check itself; it names what
would have to be checked, its free symbols, and the side that was typed from the source (`stated`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import sympy as sp
from sympy import Expr, Float, Integer, Symbol
from sympy.logic.boolalg import Boolean

from theory.errors import StatementError, UnsupportedError

__all__ = ["Claim", "Printer", "equation_list", "show", "side", "symbols_of"]

Printer = Callable[[Any], str]


def side(where: str, value: Any) -> Expr:
    """The value as an exact expression; `where` names the place in the error."""
    if isinstance(value, bool) or (isinstance(value, Boolean) and not isinstance(value, Expr)):
        raise StatementError(
            f"{where} is an expression, not a relation or truth value; received {value!r}; "
            "pass the two sides separately, not Eq(...) or a comparison"
        )
    if isinstance(value, int):
        return Integer(value)
    if not isinstance(value, Expr):
        raise StatementError(f"{where} is a sympy expression; received {value!r} of type {type(value).__name__}")
    if value.has(Float, sp.nan, sp.zoo):
        raise StatementError(f"{where} is exact and defined; received {value}; write Rational(1, 10) for 0.1")
    return value


def symbols_of(value: Any) -> set[Any]:
    """Free symbols of an expression, a container, or any object that has `free_symbols`."""
    if isinstance(value, tuple):
        return set().union(*map(symbols_of, value))
    return set(getattr(value, "free_symbols", ()))


def show(value: Any, printer: Printer) -> str:
    """LaTeX of an expression or of an inert object."""
    if isinstance(value, Expr):
        return printer(value)
    if hasattr(value, "_repr_latex_"):
        return value._repr_latex_().strip("$").removeprefix(r"\displaystyle").strip()
    from theory.latex import escape

    return rf"\text{{{escape(str(value))}}}"


def equation_list(pairs: Iterable[tuple[Any, Any]], printer: Printer, left: str = "{}") -> str:
    """LaTeX of a list of equations; `left` decorates the left sides."""
    return r",\quad ".join(f"{left.format(show(a, printer))} = {show(b, printer)}" for a, b in pairs)


@dataclass(frozen=True)
class Claim:
    """Base class of the claims.

    Subclasses name their expression fields (`_sides`), the field that damaged copies replace (`_stated`),
    the fields holding bound symbols (`_bound`), those no bound symbol may appear in (`_closed`), and those
    given as mappings of symbols (`_mappings`, stored as tuples of pairs).
    """

    _sides: ClassVar[tuple[str, ...]] = ()
    _stated: ClassVar[str | None] = None
    _bound: ClassVar[tuple[str, ...]] = ()
    _closed: ClassVar[tuple[str, ...]] = ()
    _mappings: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        kind = type(self).__name__
        for name in self._sides:
            value = getattr(self, name)
            if value is not None or getattr(type(self), name, ...) is not None:  # None only where it is the default
                object.__setattr__(self, name, side(f"{kind}: {name}", value))
        for name in self._mappings:
            pairs = getattr(self, name)
            given = tuple(
                pairs.items() if isinstance(pairs, Mapping) else pairs if isinstance(pairs, list | tuple) else [None]
            )
            if not all(isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], Symbol) for pair in given):
                raise StatementError(f"{kind}: {name} maps symbols to expressions; received {pairs!r}")
            checked = tuple((key, side(f"{kind}: {name}[{key}]", value)) for key, value in given)
            object.__setattr__(self, name, checked)
        for name in self._bound:
            if not isinstance(getattr(self, name), Symbol):
                raise StatementError(f"{kind}: {name} is a symbol; received {getattr(self, name)!r}")
        for name in self._closed:
            value = getattr(self, name)
            values = tuple(v for _, v in value) if name in self._mappings else value
            if inside := self.bound_symbols & symbols_of(values):
                raise StatementError(f"{kind}: {name} may not contain {inside}, which the claim binds")
        self._check(kind)

    def _check(self, kind: str) -> None:
        """Raise StatementError on what only this kind forbids."""

    @property
    def bound_symbols(self) -> set[Any]:
        """Symbols the claim quantifies itself; they need no domain."""
        return {getattr(self, name) for name in self._bound}

    @property
    def free_symbols(self) -> set[Any]:
        """Symbols that need a domain."""
        values = tuple(getattr(self, name) for name in self.__dataclass_fields__)
        return symbols_of(values) - self.bound_symbols

    @property
    def pinned(self) -> dict[Any, Expr]:
        """Values of free symbols that the claim itself fixes: a witness, the point of a refutation."""
        return {}

    def sides(self) -> tuple[Expr, ...]:
        """The expressions of the claim, in the order of its arguments."""
        return tuple(getattr(self, name) for name in self._sides if getattr(self, name) is not None)

    @property
    def stated_side(self) -> Expr | None:
        """The side typed from the source, or None if the kind has no such single side."""
        return getattr(self, self._stated) if self._stated else None

    def replace_stated(self, expr: Expr) -> Self:
        """Copy with the stated side replaced: a damaged copy of the claim."""
        if self._stated is None:
            kind = type(self).__name__
            raise UnsupportedError(f"{kind} has no single stated side; give the damaged copy as a whole claim")
        return replace(self, **{self._stated: expr})

    def latex(self, printer: Printer = sp.latex) -> str:
        """The claim as LaTeX mathematics without delimiters; `printer` prints the expressions."""
        raise NotImplementedError

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

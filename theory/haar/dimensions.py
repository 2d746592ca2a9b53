"""The dimension of a group: a symbol, an expression or a positive integer."""

from __future__ import annotations

import operator
from typing import SupportsIndex

from sympy import Expr, Integer, S, Symbol, true
from sympy.core.relational import Ge
from sympy.logic.boolalg import Boolean

from theory.errors import DomainError

__all__ = ["Dimension", "at_least", "checked_dimension"]

Dimension = Expr | SupportsIndex


def checked_dimension(n: object, name: str = "n") -> int | Expr:
    """A Python integer for a number, the expression itself for a symbolic dimension.

    Raises
    ------
    DomainError
        For floats, fractions, zero, negative numbers and expressions known not to be positive integers.

    >>> checked_dimension(Integer(3)), checked_dimension(Symbol("m"))
    (3, m)
    """
    remedy = f"pass a positive integer or a sympy expression for {name}"
    if isinstance(n, Expr) and not n.is_number:
        if n.is_integer is False or n.is_nonpositive:
            raise DomainError(f"a dimension is a positive integer; {n} is not, by its assumptions; {remedy}")
        return n
    if isinstance(n, bool) or (isinstance(n, Expr) and not isinstance(n, Integer)):
        raise DomainError(f"a dimension is a positive integer; received {n!r}; {remedy}")
    try:
        size = int(n) if isinstance(n, Integer) else operator.index(n)  # type: ignore[arg-type]
    except TypeError:
        raise DomainError(f"a dimension is a positive integer; received {n!r}; {remedy}") from None
    if size < 1:
        raise DomainError(f"a dimension is a positive integer; received {size}; {remedy}")
    return size


def at_least(n: int | Expr, bound: int | Expr) -> Boolean:
    """The condition `n >= bound`, true at once where the assumptions settle it."""
    if bound == 1 and isinstance(n, Symbol) and n.is_integer and n.is_positive:
        return true
    return Ge(S(n), S(bound))

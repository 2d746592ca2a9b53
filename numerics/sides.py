"""Sides of a claim as numbers: a real ball, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flint import arb
from sympy import AccumBounds, Expr, MatrixSymbol, Trace, nan, oo, zoo
from sympy.matrices import MatrixBase

from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import DomainError

__all__ = ["NotRealError", "UndefinedError", "at_point", "number_at", "real_ball"]


class NotRealError(DomainError):
    """A side with a certified imaginary part: it equals no expectation."""


class UndefinedError(DomainError):
    """A side without a finite value at an admissible point."""


def at_point(e: Expr, point: Mapping[Any, Any]) -> Expr:
    """An expression at a point; where the point has values of matrices, traces of words in them are numbers.

    Examples
    --------
    >>> from sympy import ImmutableMatrix
    >>> C = MatrixSymbol("C", 2, 2)
    >>> at_point(Trace(C**2), {C: ImmutableMatrix([[1, 2], [2, 0]])})
    9
    """
    matrices = {k: v for k, v in point.items() if isinstance(k, MatrixSymbol)}
    numbers = {k: v for k, v in point.items() if k not in matrices}
    if matrices:
        e = e.xreplace({t: Trace(t.arg.xreplace(matrices).subs(numbers).doit()).doit() for t in e.atoms(Trace)})
    return e.subs(numbers)


def number_at(e: Expr, point: Mapping[Any, Any]) -> Expr:
    """An expression at a point, with the entries and determinants of matrices worked out."""
    matrices = {k: v for k, v in point.items() if isinstance(v, MatrixBase)}
    number = at_point(e, point)
    return number.xreplace(matrices).doit() if matrices else number


def real_ball(side: Expr, digits: int) -> arb:
    """Ball around a side, with its imaginary part looked at as well.

    Raises
    ------
    NotRealError, UndefinedError
        if the side is certified not to be real, or has no finite value.

    Examples
    --------
    >>> from sympy import Integer, log
    >>> real_ball(log(Integer(-1)), 10)
    Traceback (most recent call last):
    ...
    numerics.sides.NotRealError: a side is a real number; I*pi has the imaginary part 3.1415926536
    """
    if side.has(nan, zoo, oo, -oo, AccumBounds):
        raise UndefinedError("the stated side is undefined there; leave the point out of the domain")
    value = enclose(side, digits)
    with workprec(int(digits * 3.33) + 40):
        imaginary = ball_function(side)((), False).imag
    if imaginary.is_finite() and not imaginary.contains(0):
        shown = imaginary.str(11, radius=False)
        raise NotRealError(f"a side is a real number; {side} has the imaginary part {shown}")
    return value

"""Sides of a claim as numbers: a real ball, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flint import acb, arb, fmpq
from sympy import AccumBounds, Expr, MatrixSymbol, Pow, Rational, Symbol, Trace, nan, oo, sin, zoo
from sympy.matrices import MatrixBase

from theory.balls import BallFunction, ball_function, workprec
from theory.enclosure import enclose
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation

__all__ = ["NotRealError", "UndefinedError", "at_point", "number_at", "quick_ball", "real_ball"]


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


def quick_ball(side: Expr, point: Mapping[Any, Any], digits: int) -> arb | None:
    """Ball around a side at a point of rational numbers; None where that takes more than one evaluation.

    Nothing is substituted: sympy proves the sign of every logarithm that it builds, which costs more than the value.

    Examples
    --------
    >>> from sympy import log
    >>> t = Symbol("t")
    >>> quick_ball(log(1 - t), {t: Rational(1, 2)}, 10).str(10, radius=False), quick_ball(log(t), {t: Rational(0)}, 10)
    ('-0.6931471806', None)
    """
    if not all(isinstance(s, Symbol) and isinstance(value, Rational) for s, value in point.items()):
        return None
    if not side.free_symbols <= point.keys() or _may_have_removed_pole(side):
        return None
    bits = int(digits * 3.33) + 60
    function = _built(side, tuple(point), bits)
    if function is None:
        return None
    with workprec(bits):
        try:
            value = function([acb(fmpq(int(value.p), int(value.q))) for value in point.values()], False)
        except (UnsupportedError, ZeroDivisionError):
            return None
    real, settled = value.real, value.is_finite() and value.imag.contains(0)
    return real if settled and real.rad() <= abs(real.mid()) * arb(10) ** -digits else None


@lru_cache(maxsize=256)
def _built(side: Expr, symbols: tuple[Symbol, ...], bits: int) -> BallFunction | None:
    """The side as a function of its symbols, if it is one: a search asks for the same one at every point."""
    with workprec(bits):
        try:
            return ball_function(side, symbols)
        except (UnsupportedError, ZeroDivisionError):
            return None


def _may_have_removed_pole(side: Expr) -> bool:
    """Balls of `sin(x)/x` have a value at 0, where the side has none."""
    return side.has(sin) and any(power.exp.could_extract_minus_sign() for power in side.atoms(Pow))


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
    if side.has(GaussianExpectation) and side.is_extended_real:
        return value  # what an integral costs is not spent twice
    with workprec(int(digits * 3.33) + 40):
        imaginary = ball_function(side)((), False).imag
    if imaginary.is_finite() and not imaginary.contains(0):
        shown = imaginary.str(11, radius=False)
        raise NotRealError(f"a side is a real number; {side} has the imaginary part {shown}")
    return value

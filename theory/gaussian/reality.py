"""Is a function real on the whole line?  A complex value is a witness against it."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Pow, Rational, S, Symbol, acos, acosh, asin, atanh, im, log, sign

from theory.errors import TheoryError
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import Pieces, split

__all__ = ["find_complex_value"]

_PARTIAL = (log, asin, acos, acosh, atanh)


def find_complex_value(pieces: Pieces, x: Symbol) -> Expr | None:
    """A point at which a piece, inside its interval, is not a finite real number; None if none is found."""
    for i, part in enumerate(pieces.parts):
        if part.is_extended_real or part.free_symbols - {x}:
            continue
        guards = list(_guards(part, x))
        if not guards:
            continue
        left, right = pieces.interval(i)
        for point in (*_points(left, right), *_negative_points(guards, x)):
            if not left < point < right:
                continue
            value = part.subs(x, point).evalf(20)
            if value.is_number and (not value.is_finite or abs(im(value)) > Rational(1, 10**12)):
                return point
    return None


def _guards(part: Expr, x: Symbol) -> Iterator[Expr]:
    """Expressions that must not be negative: arguments of roots, logarithms and inverse functions."""
    for p in part.atoms(Pow):
        if p.base.has_free(x) and not p.exp.is_integer:
            yield p.base
    for f in part.atoms(*_PARTIAL):
        if f.has_free(x):
            g = f.args[0]
            yield from (g,) if isinstance(f, log) else (g - 1,) if isinstance(f, acosh) else (1 - g, 1 + g)


def _negative_points(guards: list[Expr], x: Symbol) -> Iterator[Expr]:
    """A point in every interval on which a guard is negative, where its zeros are known."""
    for g in guards:
        try:
            signs = split(sign(g), x, Ordering())
        except TheoryError:
            continue
        for i, s in enumerate(signs.parts):
            if s == -1:
                yield _points(*signs.interval(i))[0]


def _points(left: Expr, right: Expr) -> list[Expr]:
    steps = [Rational(1, 3), Rational(7, 5), S(4), S(30), S(1000)]
    if left is S.NegativeInfinity and right is S.Infinity:
        return [side * s for s in steps for side in (-1, 1)]
    if left is S.NegativeInfinity:
        return [right - s for s in steps]
    if right is S.Infinity:
        return [left + s for s in steps]
    return [left + (right - left) * Rational(k, 7) for k in range(1, 7)]

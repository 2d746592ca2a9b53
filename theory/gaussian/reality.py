"""Is a function real on the whole line?  A complex value is a witness against it."""

from __future__ import annotations

from sympy import Expr, Pow, Rational, S, Symbol, acos, acosh, asin, atanh, im, log

from theory.gaussian.pieces import Pieces

__all__ = ["find_complex_value"]

_PARTIAL = (log, asin, acos, acosh, atanh)


def find_complex_value(pieces: Pieces, x: Symbol) -> Expr | None:
    """A point at which a piece, inside its interval, is not a finite real number; None if none is found."""
    for i, part in enumerate(pieces.parts):
        if part.is_extended_real or not _partly_defined(part, x):
            continue
        if part.free_symbols - {x}:
            continue
        for point in _points(*pieces.interval(i)):
            value = part.subs(x, point).evalf(20)
            if value.is_number and (not value.is_finite or abs(im(value)) > Rational(1, 10**12)):
                return point
    return None


def _partly_defined(part: Expr, x: Symbol) -> bool:
    powers = (p for p in part.atoms(Pow) if p.base.has_free(x))
    return any(f.has_free(x) for f in part.atoms(*_PARTIAL)) or any(not p.exp.is_integer for p in powers)


def _points(left: Expr, right: Expr) -> list[Expr]:
    steps = [Rational(1, 3), Rational(7, 5), S(4), S(30)]
    if left is S.NegativeInfinity and right is S.Infinity:
        return [sign * s for s in steps for sign in (-1, 1)]
    if left is S.NegativeInfinity:
        return [right - s for s in steps]
    if right is S.Infinity:
        return [left + s for s in steps]
    return [left + (right - left) * Rational(k, 7) for k in range(1, 7)]

"""Intervals of test values read off the inequalities of a parameter."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, Integer, Max, Min, Rational, Symbol
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from theory.domains import Interval
from theory.errors import StatementError
from theory.symbols import rho

__all__ = ["UnsatisfiableError", "parameter_intervals"]

_WIDTH = 3  # of an interval of test values without numeric bound
_DISTANCE = Rational(1, 20)


class UnsatisfiableError(StatementError):
    """Domains and assumptions that no value meets: what is claimed on them says nothing."""


def parameter_intervals(symbols: Iterable[Symbol], conditions: Iterable[Relational]) -> dict[Symbol, Interval]:
    """An interval of test values per parameter, as wide as its numeric bounds allow.

    It keeps a small distance from an excluded zero: a scale that vanishes is out of reach of every quadrature.

    Raises
    ------
    UnsatisfiableError : no value meets the bounds.

    Examples
    --------
    >>> a = Symbol("a", real=True)
    >>> parameter_intervals([a], [a > 0, a <= 2])
    {a: Interval(lo=1/20, hi=2, left_open=False, right_open=False)}
    """
    known = list(conditions)
    return {s: _interval(s, [b for c in known if (b := _bound(c, s)) is not None]) for s in symbols}


def _interval(s: Symbol, bounds: list[tuple[Expr, bool, bool]]) -> Interval:
    lows = [(value, strict) for value, lower, strict in bounds if lower]
    highs = [(value, strict) for value, lower, strict in bounds if not lower]
    if s == rho:
        lows, highs = [*lows, (Integer(-1), False)], [*highs, (Integer(1), False)]
    if s.is_nonnegative:
        lows.append((Integer(0), bool(s.is_positive)))
    if s.is_nonpositive:
        highs.append((Integer(0), bool(s.is_negative)))
    low, low_open = max(lows) if lows else (Min(-_WIDTH, min(highs)[0] - _WIDTH) if highs else Integer(-_WIDTH), False)
    high, high_open = min((v, not strict) for v, strict in highs) if highs else (Max(_WIDTH, low + _WIDTH), True)
    high_open = not high_open
    if low == 0 and low_open:
        low, low_open = Min(_DISTANCE, high / 20), False
    if high == 0 and high_open:
        high, high_open = Max(-_DISTANCE, low / 20), False
    domain = Interval(low, high, left_open=low_open, right_open=high_open)
    if domain.is_empty():
        raise UnsatisfiableError(f"no value of {s} satisfies the inequalities given for it")
    return domain


def _bound(condition: Relational, s: Symbol) -> tuple[Expr, bool, bool] | None:
    """(number, is it a lower bound, strict) if the condition bounds the symbol by a number."""
    if not isinstance(condition, Lt | Le | Gt | Ge):
        return None
    left, right = condition.lhs, condition.rhs
    strict = isinstance(condition, Lt | Gt)
    below = isinstance(condition, Lt | Le)
    if left == s and right.is_number:
        return right, not below, strict
    if right == s and left.is_number:
        return left, below, strict
    return None

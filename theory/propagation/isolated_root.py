r"""The only root of an equation in an interval, as a number known to any number of digits."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import acb, arb, ctx, fmpq
from sympy import AtomicExpr, Dummy, Expr, Rational, Symbol

from theory.balls import ball_function, workprec
from theory.enclosure import evaluate
from theory.errors import DomainError, PrecisionError
from theory.gaussian.expectation import GaussianExpectation

__all__ = ["IsolatedRoot", "ball_at"]

_GUARD = 70  # bits: the last cell is next to the root, and an expectation keeps 40 for itself
_MAX_STEPS = 400


class IsolatedRoot(AtomicExpr):
    r"""The root of $g(t) = 0$ in the open interval (low, high), on which g changes sign exactly once.

    That the root is the only one is the caller's proof; that there is one is checked here by the signs of g at the
    ends.  It evaluates to any precision by quadratic interval refinement with certified signs.

    Parameters
    ----------
    equation : g, an expression in `t` whose other parts are numbers.
    t : the unknown.
    low, high : rational numbers.

    Raises
    ------
    DomainError
        if the signs at the ends agree.

    Examples
    --------
    >>> from sympy import Symbol, cos
    >>> t = Symbol("t")
    >>> root = IsolatedRoot(cos(t) - t, t, 0, 1)
    >>> root.evalf(20)
    0.73908513321516064166
    """

    # An atom: rules that rewrite expressions leave the equation inside alone.
    __slots__ = ("equation", "high", "low", "unknown")

    is_number = True
    is_real = True
    is_commutative = True

    def __new__(cls, equation: Expr, t: Symbol, low: Any, high: Any) -> IsolatedRoot:
        if equation.free_symbols != {t}:
            raise DomainError(f"the equation of an isolated root has the one unknown {t}; received {equation}")
        root = super().__new__(cls)
        root.equation, root.unknown = equation.xreplace({t: _UNKNOWN}), _UNKNOWN
        root.low, root.high = Rational(low), Rational(high)
        ends = (root._value(Fraction(int(e.p), int(e.q)), 60) for e in (root.low, root.high))
        if not next(ends) * next(ends) < 0:
            raise DomainError(f"{equation} has one sign at {low} and {high}; an isolated root needs a change of sign")
        return root

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.equation, self.low, self.high)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.equation, self.unknown, self.low, self.high)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (IsolatedRoot, self.__getnewargs__())

    @property
    def free_symbols(self) -> set[Any]:
        """None: the unknown is bound."""
        return set()

    def _eval_is_positive(self) -> bool | None:
        return self._side(positive=True)

    def _eval_is_negative(self) -> bool | None:
        return self._side(positive=False)

    def _eval_is_zero(self) -> bool | None:
        return False if self.low >= 0 or self.high <= 0 else None

    def _side(self, *, positive: bool) -> bool | None:
        if self.low >= 0:
            return positive
        return not positive if self.high <= 0 else None

    def _eval_derivative(self, s: Symbol) -> Expr:
        return Rational(0)

    def _eval_evalf(self, prec: int) -> Expr:
        return evaluate(self, prec)

    def _enclose(self) -> arb:
        """Ball at the current precision."""
        low, high = _refined(self, 32 * -(-ctx.prec // 32))
        return _ball(low).union(_ball(high))

    def _sympystr(self, printer: Any) -> str:
        return f"IsolatedRoot({self.evalf(15)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = printer._print(self.evalf(15))
        return rf"{body}^{{{exp}}}" if exp else body

    def _value(self, point: Fraction, bits: int) -> arb:
        """A ball of g at the point whose sign is certain."""
        limit = 8 * bits + 4000
        while bits <= limit:
            with workprec(bits):
                value = ball_at(self.equation, self.unknown, Rational(point.numerator, point.denominator))
                if value.is_finite() and not value.contains(0):
                    return value
            bits *= 2
        raise PrecisionError(
            f"the sign of {self.equation} at {self.unknown} = {point} was not reached with {limit} bits"
        )


_UNKNOWN = Dummy("_root", real=True)


def ball_at(e: Expr, t: Symbol, point: Rational) -> arb:
    """Ball of an expression at a rational point, at the current precision."""
    if e.has(GaussianExpectation):
        return ball_function(e.subs(t, point))((), False).real
    return _compiled(e, t, ctx.prec)([acb(fmpq(int(point.p), int(point.q)))], False).real


@lru_cache(maxsize=64)
def _compiled(e: Expr, t: Symbol, prec: int) -> Any:
    return ball_function(e, [t])


def _log2(number: Fraction) -> int:
    return number.numerator.bit_length() - number.denominator.bit_length()


def _ball(point: Fraction) -> arb:
    return arb(fmpq(point.numerator, point.denominator))


@lru_cache(maxsize=256)
def _refined(root: IsolatedRoot, bits: int) -> tuple[Fraction, Fraction]:
    """Interval around the root of relative width 2^-bits: each step cuts it to a cell next to the secant."""
    low, high = (
        _refined(root, 32 * (bits // 64))
        if bits > 320
        else (Fraction(int(e.p), int(e.q)) for e in (root.low, root.high))
    )
    at_low, at_high = root._value(low, 60), root._value(high, 60)
    cells = 4
    for _ in range(_MAX_STEPS):
        width = high - low
        nearest = min(abs(low), abs(high)) if low * high > 0 else Fraction(0)
        if width * 2**bits <= nearest:
            return low, high
        if nearest:
            cells = max(2, min(cells, (4 * width * 2**bits / nearest).__ceil__()))
        place = _place(at_low, at_high, cells)
        step = width / cells
        work = min(bits, max(0, -_log2(step))) + cells.bit_length() + _GUARD
        left, right = (low, at_low), (high, at_high)
        for point in (_rounded(low + i * step, step) for i in (place, place + 1) if 0 < i < cells):
            value = root._value(point, work)
            if (value > 0) == (at_low > 0):
                left = (point, value) if point > left[0] else left
            else:
                right = (point, value) if point < right[0] else right
        found = right[0] - left[0] <= 2 * step
        (low, at_low), (high, at_high) = left, right
        cells = cells * cells if found else max(2, 1 << (cells.bit_length() // 2))
    raise PrecisionError(f"{bits} bits of the root of {root.equation} were not reached")


def _place(at_low: arb, at_high: arb, cells: int) -> int:
    """Cell of the secant's zero."""
    share = (at_low / (at_low - at_high)).mid() * cells
    place = int(share.floor().mid().unique_fmpz() or 0)
    return min(max(place, 0), cells - 1)


def _rounded(point: Fraction, step: Fraction) -> Fraction:
    """A dyadic number within a sixteenth of a step."""
    shift = max(0, (step.denominator // max(step.numerator, 1)).bit_length() + 6)
    return Fraction((point.numerator << shift) // point.denominator, 1 << shift)

r"""The only root of an equation in an interval, as a number known to any number of digits."""

from __future__ import annotations

import math
from collections import OrderedDict
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from flint import acb, arb, ctx, fmpq
from sympy import AtomicExpr, Dummy, Expr, Rational, Symbol

from theory.balls import ball_function, workprec
from theory.enclosure import evaluate
from theory.errors import DomainError, PrecisionError
from theory.gaussian.expectation import GaussianExpectation

__all__ = ["IsolatedRoot", "ball_at"]

_GUARD = 70  # bits: the last cell is next to the root, and an expectation keeps 40 for itself
_MAX_STEPS = 400
_KEPT = 256
_LEAST_GAIN = 12  # bits to which the slope must be known to be of use
_START_BITS = 60


class IsolatedRoot(AtomicExpr):
    r"""The root of $g(t) = 0$ in the open interval (low, high), on which g changes sign exactly once.

    That the root is the only one is the caller's proof; that there is one is checked here by the signs of g at the
    ends.  It evaluates to any precision by quadratic interval refinement with certified signs; where the curvature is
    bounded the last digits take one value of g, by the mean value theorem.

    Parameters
    ----------
    equation : g, an expression in `t` whose other parts are numbers.
    t : the unknown.
    low, high : rational numbers.
    zero : a zero of g above `high`, if one is known up to which no derivative from the second on is negative.

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
    __slots__ = ("equation", "high", "low", "unknown", "zero")

    is_number = True
    is_real = True
    is_commutative = True

    def __new__(cls, equation: Expr, t: Symbol, low: Any, high: Any, zero: Rational | None = None) -> IsolatedRoot:
        if equation.free_symbols != {t}:
            raise DomainError(f"the equation of an isolated root has the one unknown {t}; received {equation}")
        root = super().__new__(cls)
        root.equation, root.unknown = equation.xreplace({t: _UNKNOWN}), _UNKNOWN
        root.low, root.high, root.zero = Rational(low), Rational(high), zero
        places = [Fraction(int(e.p), int(e.q)) for e in (root.low, root.high)]
        ends = (root._value(place, root._bits(place)) for place in places)
        if not next(ends) * next(ends) < 0:
            raise DomainError(f"{equation} has one sign at {low} and {high}; an isolated root needs a change of sign")
        return root

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.equation, self.low, self.high)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.equation, self.unknown, self.low, self.high, self.zero)

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
        low, high = _refined(self, 8 * -(-ctx.prec // 8))
        return _ball(low).union(_ball(high))

    def _sympystr(self, printer: Any) -> str:
        return f"IsolatedRoot({self.evalf(15)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = printer._print(self.evalf(15))
        return rf"{body}^{{{exp}}}" if exp else body

    def _bits(self, place: Fraction) -> int:
        """A precision at which the sign should show: next to the known zero values are small."""
        distance = Fraction(1) if self.zero is None else Fraction(int(self.zero.p), int(self.zero.q)) - place
        return _START_BITS + 2 * max(0, -_log2(distance))

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


class _Bracket(NamedTuple):
    """An interval around the root, the values at its ends where they were found, and a ball of the slopes on it."""

    low: Fraction
    high: Fraction
    at_low: arb | None = None
    at_high: arb | None = None
    slope: arb | None = None

    @property
    def width(self) -> Fraction:
        """Its length."""
        return self.high - self.low

    def is_narrow(self, bits: int) -> bool:
        """Is the relative width at most 2^-bits?"""
        return self.width * 2**bits <= self.nearest

    @property
    def nearest(self) -> Fraction:
        """Smallest size of a number inside."""
        return min(abs(self.low), abs(self.high)) if self.low * self.high > 0 else Fraction(0)


_brackets: OrderedDict[IsolatedRoot, _Bracket] = OrderedDict()


def _refined(root: IsolatedRoot, bits: int) -> tuple[Fraction, Fraction]:
    """Interval around the root of relative width 2^-bits, from the narrowest one known."""
    bracket = _brackets.get(root)
    if bracket is None:
        bracket = _Bracket(*(Fraction(int(e.p), int(e.q)) for e in (root.low, root.high)))
    cells = 4
    for _ in range(_MAX_STEPS):
        if bracket.is_narrow(bits):
            break
        if bracket.slope is None:
            bracket = _with_values(root, bracket)
        tangent = _by_slope(root, bracket, bits)
        if tangent is not None:
            bracket = tangent
            continue
        bracket = _with_values(root, bracket)
        # One step by the slope cubes the width.
        aim = bits // 3 + _LEAST_GAIN if root.zero is not None else bits
        aim = bits if bracket.is_narrow(aim) else aim
        if bracket.nearest:
            cells = max(2, min(cells, (4 * bracket.width * 2**aim / bracket.nearest).__ceil__()))
        cell = _cell(root, bracket, bits, cells)
        found = cell.width <= 2 * bracket.width / cells
        bracket = cell
        cells = cells * cells if found else max(2, 1 << (cells.bit_length() // 2))
    else:
        raise PrecisionError(f"{bits} bits of the root of {root.equation} were not reached")
    _brackets[root] = bracket
    _brackets.move_to_end(root)
    while len(_brackets) > _KEPT:
        _brackets.popitem(last=False)
    return bracket.low, bracket.high


def _with_values(root: IsolatedRoot, bracket: _Bracket) -> _Bracket:
    """The bracket with certain signs at its ends."""
    if bracket.at_low is not None and bracket.at_high is not None:
        return bracket
    if bracket.low == root.low and bracket.high == root.high:
        bits = [root._bits(bracket.low), root._bits(bracket.high)]
    else:
        bits = [max(0, -_log2(bracket.width)) + _GUARD] * 2
    return bracket._replace(at_low=root._value(bracket.low, bits[0]), at_high=root._value(bracket.high, bits[1]))


def _cell(root: IsolatedRoot, bracket: _Bracket, bits: int, cells: int) -> _Bracket:
    """The part of the bracket next to the zero of the secant, where the signs allow it."""
    low, high, at_low, at_high, _ = bracket
    if at_low is None or at_high is None:
        raise PrecisionError(f"the signs of {root.equation} at {low} and {high} are not known")
    place = _place(at_low, at_high, cells)
    step = bracket.width / cells
    # The next secant takes the values to a further square of the cells, the last one takes their signs.
    spare = 0 if step * 2**bits <= bracket.nearest else cells.bit_length()
    work = min(bits, max(0, -_log2(step))) + spare + _GUARD
    left, right = (low, at_low), (high, at_high)
    for point in (_rounded(low + i * step, step) for i in (place, place + 1) if 0 < i < cells):
        value = root._value(point, work)
        if bool(value > 0) == bool(at_low > 0):
            left = (point, value) if point > left[0] else left
        else:
            right = (point, value) if point < right[0] else right
    return _Bracket(left[0], right[0], left[1], right[1])


def _by_slope(root: IsolatedRoot, bracket: _Bracket, bits: int) -> _Bracket | None:
    r"""The root from one value: $m - g(m)/s$, s any slope on the bracket, within w sup|g''| of that of the secant.

    With a zero z of g above the bracket, $0 = g(z) \ge g(h) + c (z - h) + g''(h) (z - h)^2/2$, c the secant's slope.
    None while the bracket is so wide that one value does not do.
    """
    if root.zero is None or not bracket.nearest:
        return None
    low, high, scale = bracket.low, bracket.high, max(0, -_log2(bracket.nearest))
    width = -_log2(bracket.width)
    with workprec(bits + scale + _GUARD):
        start, slope = (low + high) / 2, bracket.slope
        if slope is None:
            start, slope = _secant(root, bracket)
        gain = _magnitude(slope) - _magnitude(slope.rad())
        # The zero of the secant is off by a share 2^-gain of the bracket already.
        reached = width + (gain if bracket.slope is not None else 2 * gain)
        if gain < _LEAST_GAIN or (bracket.slope is None and reached < bits + scale):
            return None
    goal = min(bits + scale, reached) + 4
    middle = min(max(_cut(start, goal), low), high)
    with workprec(goal + _GUARD - 20):
        value = ball_at(root.equation, root.unknown, Rational(middle.numerator, middle.denominator))
        image = _ball(middle) - value / slope
        if not image.is_finite():
            return None
        ends = _exactly(image.lower()), _exactly(image.upper())
    inner = _Bracket(
        max(low, _cut(ends[0], goal + 8)),
        min(high, _cut(ends[1], goal + 8) + Fraction(1, 1 << (goal + 8))),
        slope=slope,
    )
    return inner if 0 < 4 * inner.width < bracket.width else None


def _secant(root: IsolatedRoot, bracket: _Bracket) -> tuple[Fraction, arb]:
    """Zero of the secant, and a ball of all slopes on the bracket: the secant has one of them."""
    low, high, at_low, at_high, _ = bracket
    if at_low is None or at_high is None or root.zero is None:
        return low, arb(0)
    width = _ball(bracket.width)
    secant = (at_high - at_low) / width
    beyond = _ball(Fraction(int(root.zero.p), int(root.zero.q)) - high)
    spread = 2 * (-at_high - secant * beyond) / beyond**2 * width
    zero = (_ball(low) - at_low / secant).mid() if not secant.contains(0) else _ball(low)
    return _exactly(zero), secant + arb(0, spread.abs_upper())


def _magnitude(value: arb) -> int:
    """Binary order of magnitude; very small for zero."""
    size = abs(value.mid())
    return math.floor(float(size.log()) / math.log(2)) if size > 0 else -(1 << 30)


def _exactly(value: arb) -> Fraction:
    """The number of a ball without radius."""
    mantissa, exponent = (int(part) for part in value.mid().man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def _cut(value: Fraction, bits: int) -> Fraction:
    """The value cut downwards to so many binary places."""
    return Fraction((value * 2**bits).__floor__(), 1 << bits)


def _place(at_low: arb, at_high: arb, cells: int) -> int:
    """Cell of the secant's zero."""
    share = (at_low / (at_low - at_high)).mid() * cells
    place = int(share.floor().mid().unique_fmpz() or 0)
    return min(max(place, 0), cells - 1)


def _rounded(point: Fraction, step: Fraction) -> Fraction:
    """A dyadic number within a sixteenth of a step."""
    shift = max(0, (step.denominator // max(step.numerator, 1)).bit_length() + 6)
    return Fraction((point.numerator << shift) // point.denominator, 1 << shift)

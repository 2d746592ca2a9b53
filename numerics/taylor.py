"""Solutions of ordinary differential equations in ball arithmetic, by Taylor steps with rigorous remainders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add, mul

import flint
from flint import acb, arb, arb_series
from sympy import Add, Expr, Integer, Mul, Pow, Symbol, atan, cos, cosh, erf, exp, log, sin, sinh, tan, tanh

from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import PrecisionError, UnsupportedError

__all__ = ["SeriesFunction", "series_function", "solve"]

SeriesFunction = Callable[[list[arb_series], int], arb_series]

_GUARDS = (8, 25, 70)
_HALVINGS = 16
_STEPS = 1000
_GROWTH = 1.2


def solve(
    equations: Mapping[Symbol, Expr], time: Symbol, start: Callable[[int], Mapping[Symbol, arb]], end: Expr, digits: int
) -> dict[Symbol, arb]:
    """State at `time = end` of `dx/dt = equations[x]` with `x = start[x]` at `time = 0`, as balls.

    Every step proves with Picard's operator that the solution stays in a box, and bounds the Taylor remainder there.
    Balls grow faster than solutions drift apart, so the precision is raised until the digits are reached.

    Parameters
    ----------
    equations : right sides, in the states and the time and no other symbol.
    start : the initial state to a number of digits.
    end : where the solution is wanted, a number that is not negative.

    Raises
    ------
    PrecisionError
        if the solution leaves every box (a pole), or the digits are not reached.
    UnsupportedError
        for a function without series.

    Examples
    --------
    >>> x, t = Symbol("x"), Symbol("t")
    >>> solve({x: -x}, t, lambda digits: {x: arb(1)}, Integer(1), 15)[x].str(14, radius=False)
    '0.36787944117144'
    """
    for guard in _GUARDS:
        fine = digits + guard
        with workprec(int(3.33 * fine) + 40):
            found = _followed(equations, time, start(fine), enclose(end, fine), fine)
        if found is not None and all(v.rad() <= arb(10) ** -digits * (1 + abs(v.mid())) for v in found.values()):
            return found
    raise PrecisionError(f"{digits} digits of the solution at {time} = {end} are not reached")


def _followed(
    equations: Mapping[Symbol, Expr], time: Symbol, start: Mapping[Symbol, arb], end: arb, digits: int
) -> dict[Symbol, arb] | None:
    states, rates = [*equations, time], [*equations.values(), Integer(1)]
    box = [ball_function(rate, states) for rate in rates]
    series = [series_function(rate, states) for rate in rates]
    x = [*(start[s] for s in equations), arb(0)]
    order, left, step = digits // 2 + 10, end, end
    tolerance = arb(10) ** -digits
    for _ in range(_STEPS):
        if not left > 0:
            return dict(zip(equations, x[:-1], strict=True))
        step = left if left < step else step
        x, step = _step(series, box, x, step, tolerance, order)
        if any(v.rad() > 1e-3 * (1 + abs(v.mid())) for v in x):
            return None  # the balls have blown up: more digits
        if step < end / 2**_HALVINGS:
            raise PrecisionError(f"the steps shrink to nothing before {time} = {end.str(8)}: the solution has a pole")
        left = left - step if step < left else arb(0)
        step = (_GROWTH * step).mid()
    raise PrecisionError(f"the solution is not followed to {end.str(8, radius=False)} in {_STEPS} steps")


def _step(
    rates: Sequence[SeriesFunction],
    box: Sequence[Callable[..., acb]],
    x: list[arb],
    step: arb,
    tolerance: arb,
    order: int,
) -> tuple[list[arb], arb]:
    """One step, halved until the box is proved and the remainder is below the tolerance."""
    coefficients: list[list[arb]] | None = None
    for _ in range(_HALVINGS):
        around = _box(box, x, step)
        if around is not None:
            if coefficients is None:
                coefficients = _coefficients(rates, x, order)
            last = [c[order] for c in _coefficients(rates, around, order)]
            power = step**order
            remainders = [c * power for c in last]
            if all(r.is_finite() and r.rad() <= tolerance * (1 + abs(r.mid())) for r in remainders):
                return [_value(c, step) + r for c, r in zip(coefficients, remainders, strict=True)], step
        step = (step / 2).mid()
    raise PrecisionError(f"no step from {[v.str(8, radius=False) for v in x]} is proved; the solution has a pole there")


def _box(box: Sequence[Callable[..., acb]], x: list[arb], step: arb) -> list[arb] | None:
    """A box that holds the solution from x during the step: Picard's operator maps it into itself."""
    during = arb(0).union(step)
    rates = [f([acb(v) for v in x], False).real for f in box]
    if not all(r.is_finite() for r in rates):
        return None
    guess = [v + during * r for v, r in zip(x, rates, strict=True)]
    for _ in range(3):
        wide = [arb(g.mid(), (g.rad() + step * abs(r).upper() / 4) * 2) for g, r in zip(guess, rates, strict=True)]
        wide = [arb(w.mid(), w.rad() + step * arb(2) ** -40) for w in wide]
        found = [f([acb(v) for v in wide], False).real for f in box]
        if not all(r.is_finite() for r in found):
            return None
        image = [v + during * r for v, r in zip(x, found, strict=True)]
        if all(w.contains(i) for w, i in zip(wide, image, strict=True)):
            return image
        guess = image
    return None


def _value(coefficients: list[arb], step: arb) -> arb:
    total = arb(0)
    for c in reversed(coefficients[:-1]):
        total = total * step + c
    return total


def _coefficients(rates: Sequence[SeriesFunction], x: list[arb], order: int) -> list[list[arb]]:
    """Taylor coefficients 0 .. order of the solution through x: Picard iteration on series gains one each time."""
    before = flint.ctx.cap
    flint.ctx.cap = order + 1
    try:
        series = [arb_series([v], order + 1) for v in x]
        for known in range(1, order + 1):
            flint.ctx.cap = known + 1
            inner = [arb_series(s.coeffs(), known) for s in series]
            slopes = [rate(inner, known) for rate in rates]
            series = [
                arb_series([v, *(c / (k + 1) for k, c in enumerate(_padded(s, known)))], known + 1)
                for v, s in zip(x, slopes, strict=True)
            ]
        return [_padded(s, order + 1) for s in series]
    finally:
        flint.ctx.cap = before


def _padded(series: arb_series, length: int) -> list[arb]:
    found = list(series.coeffs())[:length]
    return [*found, *[arb(0)] * (length - len(found))]


def series_function(e: Expr, states: Sequence[Symbol]) -> SeriesFunction:
    """An expression as a function of truncated power series of the states and of their length.

    Raises
    ------
    UnsupportedError
        for a function without series, by name.
    """
    if e in states:
        place = list(states).index(e)
        return lambda series, length: series[place]
    if not e.free_symbols:
        number = ball_function(e)
        return lambda series, length: arb_series([number((), False).real], length)
    parts = [series_function(a, states) for a in e.args]
    if isinstance(e, Add):
        return lambda series, length: _fold(add, parts, series, length)
    if isinstance(e, Mul):
        return lambda series, length: _fold(mul, parts, series, length)
    if isinstance(e, Pow):
        return _power(e.exp, *parts)
    rule = _RULES.get(e.func)
    if rule is None:
        raise UnsupportedError(f"no Taylor series for the function {e.func.__name__} in {e}")
    return lambda series, length: rule(parts[0](series, length))


def _fold(
    combine: Callable[..., arb_series], parts: list[SeriesFunction], series: list[arb_series], length: int
) -> arb_series:
    return reduce(combine, (part(series, length) for part in parts))


def _power(power: Expr, base: SeriesFunction, exponent: SeriesFunction) -> SeriesFunction:
    if not (power.is_Rational and power.q <= 2):
        return lambda series, length: (base(series, length).log() * exponent(series, length)).exp()
    count, root, inverse = abs(int(power.p)), power.q == 2, power < 0

    def value(series: list[arb_series], length: int) -> arb_series:
        factor = base(series, length)
        product = reduce(mul, [factor.sqrt() if root else factor] * count)
        return 1 / product if inverse else product

    return value


def _tanh(s: arb_series) -> arb_series:
    return 1 - 2 / ((2 * s).exp() + 1)


_RULES: dict[type, Callable[[arb_series], arb_series]] = {
    exp: lambda s: s.exp(),
    log: lambda s: s.log(),
    sin: lambda s: s.sin(),
    cos: lambda s: s.cos(),
    tan: lambda s: s.tan(),
    atan: lambda s: s.atan(),
    erf: lambda s: s.erf(),
    sinh: lambda s: (s.exp() - (-s).exp()) / 2,
    cosh: lambda s: (s.exp() + (-s).exp()) / 2,
    tanh: _tanh,
}

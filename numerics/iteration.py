"""Iteration of maps in ball arithmetic: orbits with rigorous radii, and isolated fixed points."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from flint import acb, arb
from sympy import Expr, Symbol

from theory.balls import BallFunction, ball_function, workprec
from theory.enclosure import enclose
from theory.errors import PrecisionError

__all__ = ["FixedPointBall", "fixed_points", "orbit"]

_BITS = 256
_NEWTON = 60
_RADIUS = arb(2) ** -100
_RELATIVE = 1e-25


class FixedPointBall(NamedTuple):
    """A ball with exactly one fixed point in it, and the slope of the map over the ball."""

    value: arb
    slope: arb


def orbit(map: Expr, variable: Symbol, start: Expr, readout: Expr, indices: Sequence[int]) -> list[arb]:
    """`readout(x_l)` at the given indices of the orbit, as balls.

    The precision is doubled until every radius is below 1e-25 of its value.

    Raises
    ------
    PrecisionError
        if the radii grow too fast (a chaotic map), or the readout vanishes.

    Examples
    --------
    >>> from sympy import Integer
    >>> x = Symbol("x")
    >>> orbit(x / (1 + x), x, Integer(1), x, [9])[0].str(10, radius=False)
    '0.1000000000'
    """
    bits = _BITS
    while bits <= 8 * _BITS:
        with workprec(bits):
            step, slope = ball_function(map, [variable]), ball_function(map.diff(variable), [variable])
            reading = ball_function(readout, [variable])
            values = _iterate(step, slope, reading, enclose(start, int(bits * 0.3)), indices)
        if values is not None:
            return values
        bits *= 2
    raise PrecisionError(f"the orbit of {map} from {start} is not followed to {max(indices)} steps in {8 * _BITS} bits")


def _iterate(
    step: BallFunction, slope: BallFunction, reading: BallFunction, start: arb, indices: Sequence[int]
) -> list[arb] | None:
    """The orbit in mean value form: a map written with cancelling terms would blow up the radius otherwise."""
    wanted, values, x = set(indices), {}, start
    for index in range(max(indices) + 1):
        if index in wanted:
            value = reading([acb(x)], False).real
            if not value.is_finite() or not value.rad() <= _RELATIVE * abs(value.mid()):
                return None
            values[index] = value
        centre = x.mid()
        change = 0 if x == centre else slope([acb(x)], False).real * (x - centre)
        x = step([acb(centre)], False).real + change
        if not x.is_finite():
            return None
    return [values[i] for i in indices]


def fixed_points(
    map: Expr, variable: Symbol, starts: Sequence[float], generator: random.Random
) -> list[FixedPointBall]:
    """Fixed points found by Newton's method from several starts, each proved to be one by Newton's method for balls.

    Fixed points of slope one, and those where the map is not differentiable, are not found.

    >>> x = Symbol("x")
    >>> [p.value.str(8, radius=False) for p in fixed_points(x**2 / 3 - 1, x, [-0.4, 3.7], random.Random(0))]
    ['-0.79128785', '3.7912878']
    """
    found: list[FixedPointBall] = []
    with workprec(_BITS):
        step, slope = ball_function(map, [variable]), ball_function(map.diff(variable), [variable])
        points = [arb(s) for s in starts] + [arb(s + generator.uniform(-0.5, 0.5)) for s in starts]
        for point in points:
            x = _newton(step, slope, point)
            ball = None if x is None else _isolated(step, slope, x)
            if ball is not None and not any(ball.value.overlaps(other.value) for other in found):
                found.append(ball)
    return sorted(found, key=lambda p: float(p.value.mid()))


def _newton(step: BallFunction, slope: BallFunction, x: arb) -> arb | None:
    for _ in range(_NEWTON):
        value, rate = step([acb(x)], False).real, slope([acb(x)], False).real
        if not (value.is_finite() and rate.is_finite()) or (rate - 1).contains(0):
            return None
        change = ((value - x) / (rate - 1)).mid()
        x = (x - change).mid()
        if abs(change) <= arb(2) ** -200 * (1 + abs(x)):
            return x
    return None


def _isolated(step: BallFunction, slope: BallFunction, x: arb) -> FixedPointBall | None:
    """The Newton image of a small ball lies inside it: it holds exactly one fixed point."""
    ball = arb(x, _RADIUS)
    rate = slope([acb(ball)], False).real
    value = step([acb(x)], False).real
    if not (rate.is_finite() and value.is_finite()) or (rate - 1).contains(0):
        return None
    image = x - (value - x) / (rate - 1)
    return FixedPointBall(image, rate) if ball.contains_interior(image) else None

r"""Upper bounds of $E_K f^2$ for every variance K from one table of suprema and the proved growth of f."""

from __future__ import annotations

import math
from typing import NamedTuple

from flint import acb, arb
from sympy import Expr, Symbol

from theory.balls import BallFunction, ball_function, workprec
from theory.errors import PrecisionError, TheoryError
from theory.gaussian.growth import Growth, growth
from theory.gaussian.pieces import Pieces
from theory.hermite.removable import resolved

__all__ = ["SquareBound"]

_STEP, _NARROWEST = 0.05, 1e-4
_REACH = 1e6
_LARGEST = 1e150
_LOG_LARGEST = 600.0
_SLACK = 1 + 1e-9
_GENTLE = 0.01
_BITS = 80


class _Box(NamedTuple):
    lower: float
    upper: float
    top: float


Line = tuple[float, float]


class SquareBound:
    """Suprema of |f| on boxes that cover [-reach, reach], and its growth beyond.

    `far` holds, for the left and the right, (A, B) of factors of f with |factor| <= A + B|x| where |x| >= 1: they
    bound f where balls of its parts do not, and make its growth polynomial.
    """

    def __init__(
        self, pieces: Pieces, x: Symbol, far: tuple[tuple[Line, ...] | None, tuple[Line, ...] | None] = (None, None)
    ) -> None:
        outer = _outer(pieces.parts[0], x, -1, far[0]).plus(_outer(pieces.parts[-1], x, 1, far[1]))
        self.tail: Growth = outer.power(2)
        with workprec(_BITS):
            functions = [_evaluator(part, x) for part in pieces.parts]
            cuts = [float(ball_function(b)((), False).real.mid()) for b in pieces.breaks]
            self.boxes = list(_boxes(functions, cuts, far))
        self.reach = min(-self.boxes[0].lower, self.boxes[-1].upper)

    def at(self, variance: float) -> arb:
        """Bound of the mean square at a variance.

        Raises
        ------
        PrecisionError
            if the growth is not proved to be integrable from the table.
        """
        sd = math.sqrt(variance)
        total = 0.0
        for lower, upper, top in self.boxes:
            near = 0.0 if lower <= 0 <= upper else min(abs(lower), abs(upper)) / sd
            share = math.erfc(near / math.sqrt(2)) / 2 if near else 1.0
            width = (upper - lower) / sd * math.exp(-near * near / 2) / math.sqrt(2 * math.pi)
            total += top * top * min(share, width)
        rest = 1 - 2 * self.tail.c * variance
        edge, rate = self.reach / sd, self.tail.b * sd
        exponent = self.tail.log_a + rate * edge - rest * edge**2 / 2
        if rest <= 0 or rest * edge <= rate or exponent > _LOG_LARGEST:
            raise PrecisionError("the growth of the function is too fast for this variance")
        total += math.exp(exponent) / (rest * edge - rate)
        return arb(total * _SLACK + 1e-300)


def _evaluator(part: Expr, x: Symbol) -> BallFunction:
    return ball_function(resolved(part, x), [x])


def _outer(part: Expr, x: Symbol, side: int, lines: tuple[Line, ...] | None) -> Growth:
    if lines is None:
        return growth(part, x, side)
    # A + B t <= (A + B) t for t >= 1, and t^p <= (p/(e b))^p e^(b t).
    p, size = len(lines), math.prod(a + b for a, b in lines)
    return Growth(math.log(size + 1e-300) + p * math.log(p / (math.e * _GENTLE)) + 1e-9, _GENTLE, 0.0)


def _product(lines: tuple[Line, ...] | None, place: float) -> float:
    return math.inf if lines is None else math.prod(a + b * place for a, b in lines) * _SLACK


def _boxes(
    functions: list[BallFunction], cuts: list[float], far: tuple[tuple[Line, ...] | None, tuple[Line, ...] | None]
) -> list[_Box]:
    """Boxes from the origin outward, as far as the function stays moderate."""
    sides = []
    for sign, lines in zip((-1, 1), far, strict=True):
        found, place = [], 0.0
        last = max([1.0, *(abs(c) for c in cuts)])
        while place < _REACH:
            step = _STEP * place if place > 1 else max(_NARROWEST, min(2 * _STEP * place, _STEP))
            lower, upper = sorted((sign * place, sign * (place + step)))
            top = max(
                _top(f, lower, upper)
                for i, f in enumerate(functions)
                if (i == 0 or cuts[i - 1] <= upper + 1e-6) and (i == len(cuts) or cuts[i] >= lower - 1e-6)
            )
            if place > last:
                top = min(top, _product(lines, place + step))
            if not top < _LARGEST:
                break
            found.append(_Box(lower, upper, top))
            place += step
        if place < 1 or any(abs(c) > place for c in cuts):
            raise PrecisionError("the function has no finite bound near the origin")
        sides.append(found)
    return [*reversed(sides[0]), *sides[1]]


def _top(f: BallFunction, lower: float, upper: float, depth: int = 3) -> float:
    middle, half = (lower + upper) / 2, (upper - lower) / 2 * 1.0001
    try:
        value = f([acb(arb(middle, half))], False)
    except (TheoryError, ZeroDivisionError):
        return math.inf
    if value.is_finite():
        return float(abs(value).abs_upper()) * _SLACK
    if depth == 0:
        return math.inf
    return max(_top(f, lower, middle, depth - 1), _top(f, middle, upper, depth - 1))

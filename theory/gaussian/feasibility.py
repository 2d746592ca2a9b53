"""One point at which symbolic inequalities hold: the sign of a factor on a connected domain is its sign there."""

from __future__ import annotations

import random
from collections.abc import Sequence

from flint import acb
from sympy import Expr, Symbol

from theory.balls import BallFunction, ball_function

__all__ = ["admissible_point"]

_PLAIN_STARTS = 100
_STARTS = 300
_SWEEPS = 40


def admissible_point(symbols: Sequence[Symbol], positive: Sequence[Expr]) -> dict[Symbol, float] | None:
    """Values of the symbols, of the sign they declare, at which every expression of `positive` is positive.

    Random starts are pushed along the gradient of what they violate, which reaches narrow domains as well as wide
    ones; None if none of them arrives.

    Examples
    --------
    >>> from sympy.abc import a, b
    >>> point = admissible_point([a, b], [a - 20, b - a, a + 1 - b])
    >>> 20 < point[a] < point[b] < point[a] + 1
    True
    """
    values = [ball_function(e, symbols) for e in positive]
    slopes: list[list[BallFunction]] = []
    rng = random.Random(20)
    for start in range(_STARTS):
        point = [_start(s, rng) for s in symbols]
        # Wide domains are hit at once; the gradients are needed for the narrow ones.
        for _ in range(_SWEEPS if start >= _PLAIN_STARTS else 1):
            violated = [i for i, f in enumerate(values) if not _at(f, point) > 0]
            if not violated:
                return dict(zip(symbols, point, strict=True))
            if start >= _PLAIN_STARTS:
                slopes = slopes or [[ball_function(e.diff(s), symbols) for s in symbols] for e in positive]
                for i in violated:
                    _push(values[i], slopes[i], symbols, point, rng)
    return None


def _start(s: Symbol, rng: random.Random) -> float:
    size = 10 ** rng.uniform(-1.5, 0.7)
    positive = s.is_nonnegative or (not s.is_nonpositive and rng.random() < 0.5)
    return size if positive else -size


def _push(
    f: BallFunction,
    slopes: list[BallFunction],
    symbols: Sequence[Symbol],
    point: list[float],
    rng: random.Random,
) -> None:
    """A Newton step along the gradient, a little too far; declared signs are kept."""
    gradient = [_at(g, point) for g in slopes]
    square = sum(g * g for g in gradient)
    if not 1e-30 < square < 1e30:
        return
    step = (rng.uniform(1, 2) * abs(_at(f, point)) + 10 ** rng.uniform(-9, 0)) / square
    for i, (s, g) in enumerate(zip(symbols, gradient, strict=True)):
        moved = point[i] + step * g
        kept = moved > 0 if s.is_nonnegative else moved < 0 if s.is_nonpositive else True
        point[i] = moved if kept else point[i] / 2


def _at(f: BallFunction, point: list[float]) -> float:
    return float(f([acb(v) for v in point], False).real.mid())

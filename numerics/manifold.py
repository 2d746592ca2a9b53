"""Points of a manifold given by equations, as balls that are proved to hold one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence

from flint import acb, arb, arb_mat
from sympy import Expr, Rational, Symbol

from theory.balls import ball_function, workprec
from theory.enclosure import enclose
from theory.errors import TheoryError, UnsupportedError

__all__ = ["manifold_point"]

_NEWTON = 40
_TRIES = 16


def manifold_point(
    equations: Sequence[Expr],
    start: Mapping[Symbol, Expr],
    digits: int,
    admissible: Callable[[dict[Symbol, Expr]], bool] = lambda place: True,
) -> dict[Symbol, arb]:
    """A common zero of the equations near a start: as many coordinates as equations move, the others stay.

    Newton's method finds it, Krawczyk's test proves that the balls hold exactly one; where it fails the start is moved.
    The same arguments with more digits give the same point.  `admissible` says which points are wanted.

    Raises
    ------
    UnsupportedError
        if no such point is found.

    Examples
    --------
    >>> a, b = Symbol("a"), Symbol("b")
    >>> from sympy import Integer
    >>> manifold_point([a**2 - b**2 - 3], {a: Integer(2), b: Integer(5)}, 15)[a].str(5, radius=False)
    '5.2915'
    """
    states = list(start)
    generator = random.Random("manifold")
    choices = list(itertools.combinations(states, len(equations)))
    with workprec(int(3.33 * digits) + 40):
        for turn in range(_TRIES):
            moved = {s: v + Rational(generator.randint(-40, 40), 100) * min(turn, 2) for s, v in start.items()}
            balls = {s: enclose(v, digits + 10) for s, v in moved.items()}
            try:
                found = _newton(equations, states, choices[turn % len(choices)], balls, digits)
            except (TheoryError, ZeroDivisionError):
                continue
            if found is not None and admissible({s: _rational(v) for s, v in found.items()}):
                return found
    raise UnsupportedError(f"no point of {list(equations)} is found near {dict(start)}")


def _rational(value: arb) -> Rational:
    return Rational(value.mid().str(15, radius=False))


def _newton(
    equations: Sequence[Expr], states: list[Symbol], moving: Sequence[Symbol], x: dict[Symbol, arb], digits: int
) -> dict[Symbol, arb] | None:
    values = [ball_function(e, states) for e in equations]
    slopes = [[ball_function(e.diff(s), states) for s in moving] for e in equations]

    def at(place: Mapping[Symbol, arb]) -> tuple[arb_mat, arb_mat]:
        balls = [acb(place[s]) for s in states]
        residual = arb_mat([[f(balls, False).real] for f in values])
        return residual, arb_mat([[f(balls, False).real for f in row] for row in slopes])

    for _ in range(_NEWTON):
        residual, jacobian = at(x)
        change = jacobian.solve(residual)
        x = x | {s: (x[s] - change[i, 0]).mid() for i, s in enumerate(moving)}
    radius = arb(10) ** -(digits + 2)
    wide = x | {s: arb(x[s].mid(), radius * (1 + abs(x[s].mid()))) for s in moving}
    residual, _ = at(x)
    _, jacobian = at(wide)
    change = jacobian.solve(residual)
    image = {s: x[s] - change[i, 0] for i, s in enumerate(moving)}
    return x | image if all(wide[s].contains_interior(image[s]) for s in moving) else None

r"""Common zeros of two equations in two unknowns, isolated in rectangles, as numbers known to any number of digits."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from flint import acb, arb, ctx, fmpq
from sympy import AtomicExpr, Expr, Rational, Symbol

from theory.balls import BallFunction, ball_function, workprec
from theory.enclosure import evaluate
from theory.errors import PrecisionError

__all__ = ["PairCoordinate", "Rectangle", "isolated_pairs"]

_BITS = 100
_SMALLEST = Rational(1, 2**30)  # of a side, relative to the whole
_MOST_PARTS = 20_000
_NEWTON_STEPS = 60


class Rectangle(NamedTuple):
    """Open rectangle with rational corners."""

    left: Rational
    right: Rational
    bottom: Rational
    top: Rational

    @classmethod
    def of(cls, sides: list[tuple[Rational, Rational]]) -> Rectangle:
        """From two intervals."""
        return cls(*sides[0], *sides[1])

    def balls(self) -> tuple[arb, arb]:
        """The two intervals as balls."""
        return _hull(self.left, self.right), _hull(self.bottom, self.top)

    def ends(self) -> tuple[tuple[arb, arb], tuple[arb, arb]]:
        """The ends of the two intervals."""
        return (_ball(self.left), _ball(self.right)), (_ball(self.bottom), _ball(self.top))

    def halves(self, whole: Rectangle) -> tuple[Rectangle, Rectangle]:
        """Two parts, cut across the side that is longer relative to the whole."""
        width, height = self.right - self.left, self.top - self.bottom
        share = Rational(61, 128)  # off the middle, where solutions are less likely to sit exactly
        if width / (whole.right - whole.left) >= height / (whole.top - whole.bottom):
            cut = self.left + share * width
            return self._replace(right=cut), self._replace(left=cut)
        cut = self.bottom + share * height
        return self._replace(top=cut), self._replace(bottom=cut)


class PairCoordinate(AtomicExpr):
    r"""One coordinate of the only common zero of two equations in a rectangle.

    That the zero exists and is the only one is proved by `isolated_pairs`, which makes these numbers.
    """

    __slots__ = ("equations", "index", "rectangle", "unknowns")

    is_number = True
    is_real = True
    is_commutative = True

    def __new__(
        cls, equations: tuple[Expr, Expr], unknowns: tuple[Symbol, Symbol], rectangle: Rectangle, index: int
    ) -> PairCoordinate:
        number = super().__new__(cls)
        number.equations, number.unknowns = equations, unknowns
        number.rectangle, number.index = rectangle, index
        return number

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.equations, self.unknowns, self.rectangle, self.index)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self._hashable_content()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (PairCoordinate, self.__getnewargs__())

    @property
    def free_symbols(self) -> set[Any]:
        """None: the unknowns are bound."""
        return set()

    def _eval_is_positive(self) -> bool | None:
        return self._side(1)

    def _eval_is_negative(self) -> bool | None:
        return self._side(-1)

    def _eval_is_zero(self) -> bool | None:
        return None if self._side(1) is None else False

    def _side(self, sign: int) -> bool | None:
        low, high = self.rectangle[2 * self.index : 2 * self.index + 2]
        if low >= 0:
            return sign > 0
        return sign < 0 if high <= 0 else None

    def _eval_derivative(self, s: Symbol) -> Expr:
        return Rational(0)

    def _eval_evalf(self, prec: int) -> Expr:
        return evaluate(self, prec)

    def _enclose(self) -> arb:
        bits = 64 * -(-ctx.prec // 64)
        return _refined(self.equations, self.unknowns, self.rectangle, bits)[self.index]

    def _sympystr(self, printer: Any) -> str:
        return f"PairCoordinate({self.evalf(15)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = printer._print(self.evalf(15))
        return rf"{body}^{{{exp}}}" if exp else body


def isolated_pairs(
    equations: tuple[Expr, Expr], unknowns: tuple[Symbol, ...], box: Rectangle
) -> list[tuple[PairCoordinate, PairCoordinate]]:
    r"""All common zeros in an open rectangle, by increasing first coordinate.

    Raises
    ------
    PrecisionError
        if a part of the rectangle is not decided: a multiple zero, a curve of zeros, or a zero on the edge.

    Examples
    --------
    >>> from sympy import symbols
    >>> a, b = symbols("a b", real=True)
    >>> whole = Rectangle(*map(Rational, (0, 2, 0, 2)))
    >>> [(s.evalf(10), t.evalf(10)) for s, t in isolated_pairs((a*b - 1, a**2 + b**2 - 3), (a, b), whole)]
    [(0.6180339888, 1.618033989), (1.618033989, 0.6180339888)]
    """
    a, b = unknowns
    with workprec(_BITS):
        system = _System(equations, (a, b))
        found: list[Rectangle] = []
        parts = [box]
        for _ in range(_MOST_PARTS):
            if not parts:
                break
            part = parts.pop()
            verdict = system.verdict(part)
            if verdict == "one":
                found.append(part)
            elif verdict == "open":
                if (part.right - part.left) / (box.right - box.left) < _SMALLEST:
                    raise _undecided(equations, part)
                parts += part.halves(box)
        else:
            raise _undecided(equations, parts[-1])
    found.sort()
    return [(PairCoordinate(equations, (a, b), r, 0), PairCoordinate(equations, (a, b), r, 1)) for r in found]


def _undecided(equations: tuple[Expr, Expr], part: Rectangle) -> PrecisionError:
    corner = f"({float(part.left):.8g}, {float(part.bottom):.8g})"
    return PrecisionError(
        f"the common zeros of {equations} near {corner} are not told apart; choose a rectangle with none on its edge"
    )


class _System:
    """The equations and their derivatives as functions on balls, at the precision at which they are built."""

    def __init__(self, equations: tuple[Expr, Expr], unknowns: tuple[Symbol, Symbol]) -> None:
        self.values: list[BallFunction] = [ball_function(e, unknowns) for e in equations]
        self.slopes: list[BallFunction] = [ball_function(e.diff(s), unknowns) for e in equations for s in unknowns]

    def verdict(self, part: Rectangle) -> str:
        """Does the rectangle hold no zero ("none"), exactly one ("one"), or is it "open"?"""
        sides = part.balls()
        if any(_excludes(f(_complex(sides), False)) for f in self.values):
            return "none"
        slopes = [g(_complex(sides), False).real for g in self.slopes]
        if not all(s.is_finite() for s in slopes):
            return "open"
        middle = tuple(arb(s.mid()) for s in sides)
        here = [f(_complex(middle), False).real for f in self.values]
        shifts = [s - m for s, m in zip(sides, middle, strict=True)]
        for i in (0, 1):
            if _excludes(acb(here[i] + slopes[2 * i] * shifts[0] + slopes[2 * i + 1] * shifts[1])):
                return "none"
        image = _newton(middle, here, slopes)
        if image is None:
            return "open"
        if all(low < moved and moved < high for moved, (low, high) in zip(image, part.ends(), strict=True)):
            return "one"
        return "none" if any(not s.overlaps(m) for s, m in zip(sides, image, strict=True)) else "open"

    def step(self, sides: tuple[arb, arb]) -> tuple[arb, arb] | None:
        """Newton's image of two balls."""
        middle = tuple(arb(s.mid()) for s in sides)
        here = [f(_complex(middle), False).real for f in self.values]
        return _newton(middle, here, [g(_complex(sides), False).real for g in self.slopes])


def _newton(middle: tuple[arb, ...], here: list[arb], slopes: list[arb]) -> tuple[arb, arb] | None:
    a, b, c, d = slopes
    determinant = a * d - b * c
    if not determinant.is_finite() or determinant.contains(0):
        return None
    return (
        middle[0] - (d * here[0] - b * here[1]) / determinant,
        middle[1] - (a * here[1] - c * here[0]) / determinant,
    )


@lru_cache(maxsize=128)
def _refined(
    equations: tuple[Expr, Expr], unknowns: tuple[Symbol, Symbol], rectangle: Rectangle, bits: int
) -> tuple[arb, arb]:
    """Balls of radius about 2^-bits around the zero: Newton's image of a ball that holds it holds it."""
    with workprec(2 * bits + 60):
        system = _System(equations, unknowns)
        sides = rectangle.balls()
        for _ in range(_NEWTON_STEPS):
            image = system.step(sides)
            if image is None:
                break
            if all(_is_narrow(s, bits) for s in image):
                return image
            sides = (sides[0].intersection(image[0]), sides[1].intersection(image[1]))
    raise PrecisionError(f"{bits} bits of the common zero of {equations} were not reached")


def _is_narrow(value: arb, bits: int) -> bool:
    return bool(value.rad() <= (abs(value.mid()) + arb(2) ** -bits) * arb(2) ** -bits)


def _excludes(value: acb) -> bool:
    return value.is_finite() and not value.real.contains(0)


def _complex(sides: tuple[arb, ...]) -> list[acb]:
    return [acb(s) for s in sides]


def _hull(low: Rational, high: Rational) -> arb:
    return _ball(low).union(_ball(high))


def _ball(value: Rational) -> arb:
    return arb(fmpq(int(value.p), int(value.q)))

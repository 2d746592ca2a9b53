"""Splitter: a function of one real variable as smooth pieces between ordered breakpoints.

`Max`, `Min`, `Abs`, `sign`, `Heaviside` and `Piecewise` switch where their argument changes sign.  The rules work
from the inside out: split the arguments, then cut every interval at the zeros of the argument on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key, reduce

from sympy import (
    Abs,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Poly,
    Rational,
    S,
    Symbol,
    expand,
    log,
    real_roots,
    sign,
    solveset,
)
from sympy.core.relational import Relational
from sympy.functions import asinh, atan, erf, exp, sinh, tanh
from sympy.logic.boolalg import And, Boolean, Not, Or, to_nnf
from sympy.sets import FiniteSet

from theory.errors import DomainError, UnsupportedError
from theory.gaussian.ordering import Ordering

__all__ = ["SWITCHES", "Pieces", "as_piecewise", "split"]

SWITCHES = (Max, Min, Abs, sign, Heaviside, Piecewise)


@dataclass(frozen=True)
class Pieces:
    """Smooth expressions `parts[0], ..., parts[m]` on the intervals cut by `breaks[0] < ... < breaks[m-1]`."""

    breaks: tuple[Expr, ...]
    parts: tuple[Expr, ...]

    def interval(self, i: int) -> tuple[Expr, Expr]:
        """The open interval on which part `i` lives."""
        left = self.breaks[i - 1] if i else S.NegativeInfinity
        right = self.breaks[i] if i < len(self.breaks) else S.Infinity
        return left, right

    def merged(self) -> Pieces:
        """The same function without breakpoints at which nothing changes."""
        breaks: list[Expr] = []
        parts = [self.parts[0]]
        for b, part in zip(self.breaks, self.parts[1:], strict=True):
            if expand(part - parts[-1]) != 0:
                breaks.append(b)
                parts.append(part)
        return Pieces(tuple(breaks), tuple(parts))


def as_piecewise(pieces: Pieces, x: Symbol) -> Expr:
    """The function as one expression."""
    if not pieces.breaks:
        return pieces.parts[0]
    branches = [(part, x < b) for part, b in zip(pieces.parts, pieces.breaks, strict=False)]
    return Piecewise(*branches, (pieces.parts[-1], True))


def split(e: Expr, x: Symbol, ordering: Ordering | None = None) -> Pieces:
    """The pieces of `e` as a function of `x`.

    Raises
    ------
    OrderingError
        if the assumptions do not order symbolic breakpoints.
    UnsupportedError
        if the zeros of an argument cannot be found in closed form.
    """
    return _Splitter(x, ordering or Ordering()).split(e).merged()


class _Splitter:
    def __init__(self, x: Symbol, ordering: Ordering) -> None:
        self.x, self.ordering = x, ordering

    def split(self, e: Expr) -> Pieces:
        if not e.has_free(self.x) or not e.has(*SWITCHES):
            return Pieces((), (e,))
        if isinstance(e, Piecewise):
            return self._piecewise(e)
        if isinstance(e, Max | Min):
            pieces = [self.split(a) for a in e.args]
            return reduce(lambda f, g: self._extreme(f, g, isinstance(e, Max)), pieces)
        aligned = self._align([self.split(a) for a in e.args])
        if isinstance(e, Abs | sign | Heaviside):
            return self._by_sign(aligned, e)
        return Pieces(aligned[0].breaks, tuple(e.func(*parts) for parts in self._columns(aligned)))

    @staticmethod
    def _columns(aligned: Sequence[Pieces]) -> list[tuple[Expr, ...]]:
        return list(zip(*(p.parts for p in aligned), strict=True))

    def _align(self, pieces: Sequence[Pieces]) -> list[Pieces]:
        """The same functions cut at the union of their breakpoints."""
        breaks = self._ordered([b for p in pieces for b in p.breaks])
        return [self._refine(p, breaks) for p in pieces]

    def _ordered(self, breaks: Sequence[Expr]) -> tuple[Expr, ...]:
        distinct = list(dict.fromkeys(breaks))
        distinct.sort(key=cmp_to_key(self.ordering.compare))
        kept: list[Expr] = []
        for b in distinct:
            if not kept or self.ordering.compare(kept[-1], b) != 0:
                kept.append(b)
        return tuple(kept)

    def _refine(self, pieces: Pieces, breaks: tuple[Expr, ...]) -> Pieces:
        parts, place = [pieces.parts[0]], 0
        for b in breaks:
            while place < len(pieces.breaks) and self.ordering.compare(pieces.breaks[place], b) <= 0:
                place += 1
            parts.append(pieces.parts[place])
        return Pieces(breaks, tuple(parts))

    def _cut(self, aligned: Sequence[Pieces], arguments: Callable[[tuple[Expr, ...]], list[Expr]]) -> list[Pieces]:
        """Cut further at the zeros of the switch arguments inside each interval."""
        inner: list[Expr] = list(aligned[0].breaks)
        for i, parts in enumerate(self._columns(aligned)):
            left, right = aligned[0].interval(i)
            for g in arguments(parts):
                inner.extend(z for z in self._zeros(g) if self._inside(z, left, right))
        breaks = self._ordered(inner)
        return [self._refine(p, breaks) for p in aligned]

    def _inside(self, z: Expr, left: Expr, right: Expr) -> bool:
        above = left is S.NegativeInfinity or self.ordering.compare(left, z) < 0
        return above and (right is S.Infinity or self.ordering.compare(z, right) < 0)

    def _extreme(self, f: Pieces, g: Pieces, largest: bool) -> Pieces:
        f, g = self._cut(self._align([f, g]), lambda parts: [parts[0] - parts[1]])
        parts = []
        for i, (a, b) in enumerate(self._columns([f, g])):
            first = self._sign_on(a - b, *f.interval(i)) >= 0
            parts.append(a if first == largest else b)
        return Pieces(f.breaks, tuple(parts))

    def _by_sign(self, aligned: Sequence[Pieces], e: Expr) -> Pieces:
        aligned = self._cut(aligned, lambda parts: [parts[0]])
        parts = []
        for i, column in enumerate(self._columns(aligned)):
            s = self._sign_on(column[0], *aligned[0].interval(i))
            if isinstance(e, Abs):
                parts.append(s * column[0])
            elif isinstance(e, sign):
                parts.append(S(s))
            else:
                parts.append(Heaviside(S(s), *column[1:]))
        return Pieces(aligned[0].breaks, tuple(parts))

    def _piecewise(self, e: Piecewise) -> Pieces:
        conditions = [to_nnf(condition, simplify=False) for _, condition in e.args]
        values = [self.split(value) for value, _ in e.args]
        differences = list(dict.fromkeys(d for condition in conditions for d in _differences(condition)))
        switches = [self.split(d) for d in differences]
        aligned = self._align([*values, *switches])
        count = len(values)
        aligned = self._cut(aligned, lambda parts: list(parts[count:]))
        parts = []
        for i, column in enumerate(self._columns(aligned)):
            interval = aligned[0].interval(i)
            signs = {d: self._sign_on(g, *interval) for d, g in zip(differences, column[count:], strict=True)}
            chosen = next((v for v, c in zip(column, conditions, strict=False) if _holds(c, signs)), None)
            if chosen is None:
                raise DomainError(f"{e} has no value on the interval {interval}; add a final branch (value, True)")
            parts.append(chosen)
        return Pieces(aligned[0].breaks, tuple(parts))

    def _zeros(self, g: Expr) -> list[Expr]:
        """All real zeros of a smooth function, or an error: none may be missed."""
        x = self.x
        g = expand(g)
        if not g.has_free(x) or g.is_positive or g.is_negative:
            return []
        if g.is_polynomial(x):
            return self._polynomial_zeros(Poly(g, x))
        factors = [f for f in g.factor().as_ordered_factors() if f.has_free(x)]
        if len(factors) > 1:
            return [z for f in factors for z in self._zeros(f)]
        base, _ = g.as_base_exp()
        if base != g:
            return self._zeros(base)
        if isinstance(g, exp):
            return []
        if isinstance(g, tanh | sinh | erf | atan | asinh):
            return self._zeros(g.args[0])
        rest, moving = g.as_independent(x, as_Add=True)
        scale, core = moving.as_independent(x, as_Add=False)
        if isinstance(core, exp) and not g.free_symbols - {x}:
            level = -rest / scale
            return self._zeros(core.exp - log(level)) if self.ordering.sign(level) > 0 else []
        if not g.free_symbols - {x}:
            found = solveset(g, x, S.Reals)
            if isinstance(found, FiniteSet):
                return list(found)
            if found is S.EmptySet:
                return []
        raise UnsupportedError(f"the zeros of {g} in {x} are not found in closed form; write the pieces out")

    def _polynomial_zeros(self, poly: Poly) -> list[Expr]:
        if poly.degree() == 0:
            return []
        if poly.degree() == 1:
            slope, offset = poly.all_coeffs()
            self.ordering.sign(slope, "needed to find where {} vanishes", poly.as_expr())
            return [expand(-offset / slope)]
        if poly.domain.is_ZZ or poly.domain.is_QQ:
            return list(dict.fromkeys(real_roots(poly)))
        if poly.domain.is_EX and all(c.is_algebraic for c in poly.all_coeffs()):
            poly = Poly(poly.as_expr(), self.x, extension=True)
        _, factors = poly.factor_list()
        if len(factors) > 1 or factors[0][1] > 1:
            return [z for factor, _ in factors for z in self._polynomial_zeros(factor)]
        if poly.degree() == 2:
            a, b, c = poly.all_coeffs()
            discriminant = expand(b**2 - 4 * a * c)
            s = self.ordering.sign(discriminant, "needed to find where {} vanishes", poly.as_expr())
            root = discriminant ** Rational(1, 2)
            return [] if s < 0 else [(-b - t * root) / (2 * a) for t in ((1, -1) if s else (0,))]
        raise UnsupportedError(f"the zeros of {poly.as_expr()} are not found in closed form; write the pieces out")

    def _sign_on(self, g: Expr, left: Expr, right: Expr) -> int:
        """Sign of a smooth function on an open interval free of its zeros; 0 if it vanishes identically."""
        g = expand(g)
        if not g.has_free(self.x):
            return self.ordering.sign(g)
        if g.is_polynomial(self.x) and Poly(g, self.x).degree() == 1:
            slope, offset = Poly(g, self.x).all_coeffs()
            s = self.ordering.sign(slope)
            zero = expand(-offset / slope)
            if right is not S.Infinity and self.ordering.compare(right, zero) <= 0:
                return -s
            return s
        return self.ordering.sign(g.subs(self.x, _interior(left, right)))


def _interior(left: Expr, right: Expr) -> Expr:
    if left is S.NegativeInfinity and right is S.Infinity:
        return S.Zero
    if left is S.NegativeInfinity:
        return right - 1
    return left + 1 if right is S.Infinity else (left + right) / 2


def _differences(condition: Boolean) -> list[Expr]:
    if isinstance(condition, Relational):
        return [condition.lhs - condition.rhs]
    if isinstance(condition, And | Or | Not):
        return [d for c in condition.args for d in _differences(c)]
    if condition in (S.true, S.false):
        return []
    raise UnsupportedError(f"a condition is an inequality in the variable; received {condition}")


def _holds(condition: Boolean, signs: dict[Expr, int]) -> bool:
    if isinstance(condition, And):
        return all(_holds(c, signs) for c in condition.args)
    if isinstance(condition, Or):
        return any(_holds(c, signs) for c in condition.args)
    if isinstance(condition, Not):
        return not _holds(condition.args[0], signs)
    if isinstance(condition, Relational):
        s = signs[condition.lhs - condition.rhs]
        return bool(condition.func(S(s), S.Zero))
    return condition is S.true

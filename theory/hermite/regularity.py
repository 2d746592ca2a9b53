"""Where the pieces of a function fail to be analytic on the real line, found before distributions are formed.

A point mass is read off one-sided values, so every singular point must be a kink at which the pieces behave as
smooth functions or as non-integer powers; anything else is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy import Expr, S, Symbol

from theory.errors import DivergenceError, UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import Pieces, split
from theory.hermite.differential import DifferentialSystem, Monomial, differential_system

__all__ = ["demand_integrable", "regular_pieces"]


def regular_pieces(pieces: Pieces, x: Symbol, ordering: Ordering) -> tuple[Pieces, DifferentialSystem]:
    """The pieces cut also where a power of a rational function vanishes, with their differential system.

    Raises
    ------
    UnsupportedError
        if a piece has a pole or a logarithm at a point of its closed interval.
    """
    system = differential_system(pieces.parts, x)
    breaks, owners = list(pieces.breaks), list(range(len(pieces.parts)))
    for i in reversed(range(len(pieces.parts))):
        inner = _Piece(system, i, pieces.interval(i), ordering).cuts()
        breaks[i:i] = inner
        owners[i:i] = [i] * len(inner)
    vectors = tuple(system.vectors[i] for i in owners)
    cut = Pieces(tuple(breaks), tuple(pieces.parts[i] for i in owners))
    return cut, DifferentialSystem(x, system.basis, system.matrix, vectors)


def demand_integrable(system: DifferentialSystem, q: Expr, ordering: Ordering) -> None:
    """Refuse a function that outgrows the Gaussian law of variance q.

    Raises
    ------
    DivergenceError
        if an exponential of the first or last piece is not integrable against the law.
    """
    for place, side in ((0, -1), (-1, 1)):
        for i in _reachable(system, system.vectors[place]):
            for exponent in _growth(system.basis[i]):
                _demand_below(exponent, system.variable, side, q, ordering)


def _growth(m: Monomial) -> list[Expr]:
    squares = [node.args[0] ** 2 for node, _ in m.primitives if isinstance(node, sp.erfi)]
    return [m.exponent + s for s in squares] or [m.exponent]


def _demand_below(exponent: Expr, x: Symbol, side: int, q: Expr, ordering: Ordering) -> None:
    exponent = sp.expand(exponent)
    if not exponent.is_polynomial(x):
        raise UnsupportedError(f"the growth of exp({exponent}) is not settled; its exponent is not a polynomial")
    poly = sp.Poly(exponent, x)
    if poly.degree() < 2:
        return
    lead = poly.LC() * side ** poly.degree()
    room = 1 - 2 * q * lead if poly.degree() == 2 else -lead
    if ordering.sign_or_none(sp.expand(room)) in (0, -1):
        raise DivergenceError(f"exp({exponent}) is not integrable against N(0, {q})", room > 0)


def _reachable(system: DifferentialSystem, vector: Iterable[int]) -> list[int]:
    found = list(vector)
    for i in found:
        found += [j for j in system.matrix[i] if j not in found]
    return found


class _Piece:
    def __init__(self, system: DifferentialSystem, i: int, interval: tuple[Expr, Expr], ordering: Ordering) -> None:
        self.system, self.vector, self.x = system, system.vectors[i], system.variable
        self.interval, self.ordering = interval, ordering
        self.members = [system.basis[j] for j in _reachable(system, self.vector)]
        self.rows = [system.matrix[j] for j in _reachable(system, self.vector)]

    def cuts(self) -> list[Expr]:
        """Zeros of the bases of powers inside the interval; everything else must be regular."""
        bases = {base for m in self.members for base, _ in m.roots}
        branch = self._zeros(sp.fraction(sp.together(base))[0] for base in bases)
        if branch and any(m.primitives for m in self.members):
            raise UnsupportedError(f"a primitive has a branch point at {self.x} = {branch[0]}")
        for b in branch:
            self._demand_fractional(b)
        poles = self._zeros(_denominator(c) for row in self.rows for c in row.values())
        poles += self._zeros(_denominator(g) for g in self._arguments())
        for b in poles:
            if not self._among(b, branch):
                raise UnsupportedError(f"the function is singular at {self.x} = {b}, where no rule forms its masses")
        for b in self._zeros(_denominator(c) for c in self.vector.values()):
            self._demand_removable(b, branch)
        return [b for b in branch if not self._is_end(b)]

    def _demand_fractional(self, b: Expr) -> None:
        """An integer power in disguise, such as sqrt(x**4), would carry masses."""
        for m in self.members:
            orders = [(power, self._multiplicity(base, b)) for base, power in m.roots]
            total = sp.Add(*(power * order for power, order in orders))
            if any(order for _, order in orders) and (not total.is_Rational or total.is_Integer):
                raise UnsupportedError(
                    f"{m.as_expr()} behaves as a power {total} at {self.x} = {b}; use Abs to split it"
                )

    def _multiplicity(self, base: Expr, b: Expr) -> int:
        poly, order = sp.fraction(sp.together(base))[0], 0
        while self.ordering.sign_or_none(sp.expand(poly.subs(self.x, b))) == 0:
            poly, order = poly.diff(self.x), order + 1
        return order

    def _arguments(self) -> list[Expr]:
        found: list[Expr] = []
        for m in self.members:
            found += [m.exponent, m.phase, *(base for base, _ in m.roots), *(node.args[0] for node, _ in m.primitives)]
        return found

    def _among(self, b: Expr, points: list[Expr]) -> bool:
        return any(self.ordering.compare(b, p) == 0 for p in points)

    def _is_end(self, b: Expr) -> bool:
        return self._among(b, [e for e in self.interval if e.is_finite is not False])

    def _zeros(self, polynomials: Iterable[Expr]) -> list[Expr]:
        """Real zeros in the closed interval, in order."""
        x = self.x
        found: list[Expr] = []
        for p in dict.fromkeys(polynomials):
            if not p.has_free(x):
                continue
            for factor, _ in sp.factor_list(p, x)[1]:
                found += split(sp.sign(factor), x, self.ordering).breaks
        left, right = self.interval
        kept: list[Expr] = []
        for b in found:
            above = left is S.NegativeInfinity or self.ordering.compare(left, b) <= 0
            below = right is S.Infinity or self.ordering.compare(b, right) <= 0
            if above and below and not self._among(b, kept):
                kept.append(b)
        return sorted(kept, key=lambda b: sum(self.ordering.compare(b, c) for c in kept))

    def _demand_removable(self, b: Expr, branch: list[Expr]) -> None:
        x = self.x
        if self._among(b, branch) or self._is_end(b):
            raise UnsupportedError(f"the piece on {self.interval} has a pole at its end {x} = {b}")
        below = sp.lcm_list([_denominator(c) for c in self.vector.values()])
        top = sp.Add(*(sp.cancel(c * below) * self.system.basis[i].as_expr() for i, c in self.vector.items()))
        while sp.expand(below.subs(x, b)) == 0:
            if self.ordering.sign_or_none(sp.expand(top.subs(x, b))) != 0:
                raise UnsupportedError(f"the function has a pole at {x} = {b}, so its expectations do not exist")
            top, below = top.diff(x), below.diff(x)


def _denominator(c: Expr) -> Expr:
    return sp.fraction(sp.together(c))[1]

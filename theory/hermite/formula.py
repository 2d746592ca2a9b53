r"""Closed formula in k for $C_k = E[\varphi(sZ) He_k(Z)]$: which rule covers which part of a function.

Atoms first; then sums of atoms, powers of $x^2 + a$ and trigonometric terms over x; then the same for a derivative,
since $C_k[\varphi] = s\,C_{k-1}[\varphi']$ for continuous $\varphi$.
"""

from __future__ import annotations

from functools import reduce

from sympy import Add, Expr, Mul, Pow, S, Symbol, asinh, atan, expand, log

from theory.gaussian.atoms import Atoms, NotInClass, smooth_atoms
from theory.gaussian.expectation import expect_with_values
from theory.gaussian.law import Gaussian
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import Pieces
from theory.gaussian.separation import jump_atoms
from theory.hermite.algebraic import read_units
from theory.hermite.poles import divided_solution
from theory.hermite.polynomials import hermite_polynomial
from theory.hermite.rules import atoms_solution, rescaled
from theory.hermite.solution import Solution

__all__ = ["solve_pieces"]

_MAX_DERIVATIVES = 3
_PRIMITIVES = (atan, asinh, log)  # their derivatives are algebraic


def solve_pieces(pieces: Pieces, x: Symbol, scale: Expr, ordering: Ordering) -> tuple[Solution, Atoms]:
    """The sequence of a function given by its pieces, and the atoms that are in it.

    Raises
    ------
    NotInClass
        with the term that no rule covers.
    """
    try:
        atoms = rescaled(jump_atoms(pieces, x), scale)
        return atoms_solution(atoms, ordering), atoms
    except NotInClass as error:
        if not _has_more(pieces, x):
            raise error from None
    rules = _Rules(x, scale, ordering)
    rest = rules.read(pieces.parts[0], 0)
    changes = [expand(b - a) for a, b in zip(pieces.parts, pieces.parts[1:], strict=False)]
    jumps = jump_atoms(Pieces(pieces.breaks, _running(changes)), x)
    atoms = rescaled(rules.atoms + jumps, scale)
    return rest + atoms_solution(atoms, ordering), atoms


def _running(changes: list[Expr]) -> tuple[Expr, ...]:
    total: list[Expr] = [S.Zero]
    for change in changes:
        total.append(expand(total[-1] + change))
    return tuple(total)


def _has_more(pieces: Pieces, x: Symbol) -> bool:
    """Is there a term that only the rules beyond the atoms could cover?"""
    return any(not _is_atomic(t, x) for p in pieces.parts for t in Add.make_args(expand(p)))


def _is_atomic(term: Expr, x: Symbol) -> bool:
    try:
        smooth_atoms(term, (x,))
    except NotInClass:
        return False
    return True


class _Rules:
    """Sorts the terms of a smooth function; the atoms found on the way are collected in `atoms`."""

    def __init__(self, x: Symbol, scale: Expr, ordering: Ordering) -> None:
        self.x, self.scale, self.ordering = x, scale, ordering
        self.atoms = Atoms((x,))

    def read(self, e: Expr, depth: int) -> Solution:
        """The sequence of the terms that are not atoms."""
        others = [t for t in Add.make_args(expand(e)) if not self._take(t)]
        divided = [t for t in others if _is_atomic(expand(t * self.x), self.x)]
        total = self._divided(divided) if divided else Solution(S.Zero)
        for t in others:
            if t not in divided:
                total = total + self._term(t, depth)
        return total

    def _take(self, term: Expr) -> bool:
        try:
            self.atoms = self.atoms + smooth_atoms(term, (self.x,))
        except NotInClass:
            return False
        return True

    def _divided(self, terms: list[Expr]) -> Solution:
        top = smooth_atoms(expand(Add(*terms) * self.x), (self.x,))
        solution, left = divided_solution(top, self.scale)
        self.atoms = self.atoms + left
        return solution

    def _term(self, e: Expr, depth: int) -> Solution:
        """Powers of a quadratic, directly or after derivatives."""
        try:
            units, polynomial = read_units(e, self.x, self.ordering)
        except NotInClass as error:
            if depth == _MAX_DERIVATIVES or not _is_primitive(e, self.x):
                raise error from None
            try:
                return self._by_derivative(e, depth)
            except NotInClass:
                raise error from None
        self.atoms = self.atoms + smooth_atoms(polynomial, (self.x,))
        return reduce(lambda a, b: a + b, (u.solution(self.scale) for u in units), Solution(S.Zero))

    def _by_derivative(self, e: Expr, depth: int) -> Solution:
        inner = _Rules(self.x, self.scale, self.ordering)
        slope = inner.read(e.diff(self.x), depth + 1)
        if any(exponent.coeff(self.x, 2) != 0 for exponent, _, _ in inner.atoms):
            raise NotInClass("a derivative with a Gaussian factor")
        slope = slope + atoms_solution(rescaled(inner.atoms, self.scale), self.ordering)
        return slope.shifted(1, self.scale, lambda k: self._mean(e, k))

    def _mean(self, e: Expr, k: int) -> Expr:
        mirrored = e.subs(self.x, -self.x)
        if expand(mirrored - (-1) ** (k + 1) * e) == 0:
            return S.Zero
        inside = e.subs(self.x, self.scale * self.x) * hermite_polynomial(k, self.x)
        relations = [f > 0 if strict else f >= 0 for f, strict in self.ordering.facts]
        return expect_with_values(inside, Gaussian(self.x), relations, self.ordering.values)


def _is_primitive(e: Expr, x: Symbol) -> bool:
    """Is the function, by its structure, analytic on the real line and algebraic after derivatives?

    A jump, as of atan(1/x), would be lost in the derivative.
    """
    if not e.has_free(x) or e == x:
        return True
    if isinstance(e, Pow):
        whole = e.exp.is_Integer and e.exp.is_nonnegative
        return (e.base.is_positive or whole) and all(_is_primitive(a, x) for a in e.args)
    if isinstance(e, log) and not e.args[0].is_positive:
        return False
    return isinstance(e, (Add, Mul, *_PRIMITIVES)) and all(_is_primitive(a, x) for a in e.args)

r"""Hermite coefficients of a sum of atoms, $C_k = E[f(Z) He_k(Z)]$ in closed form in k.

A Gaussian-exponential factor tilts the law to $X \sim N(\mu, v)$, under which

$$ E[P(X) He_k(X)] = \sum_j \frac{v^j}{j!} E[P^{(j)}(X)]\, k(k-1)\cdots(k-j+1)\, He_{k-j}^{[1-v]}(\mu). $$

Oscillating factors come in conjugate pairs, each merged into one real term.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

from sympy import Expr, I, Poly, S, Symbol, expand, pi
from sympy import re as real_part

from theory.gaussian.atoms import Atoms, HalfSpace, NotInClass
from theory.gaussian.closed_form import closed_form
from theory.gaussian.law import Gaussian
from theory.gaussian.ordering import Ordering
from theory.hermite.half_spaces import (
    add_exponential_half_space,
    add_half_space,
    add_tilted_half_space,
    product_solution,
)
from theory.hermite.polynomials import hermite_he, hermite_polynomial
from theory.hermite.solution import Collector, K, Solution
from theory.hermite.tilt import Polynomial, Tilt, polar, real_and_imaginary, turned

__all__ = ["atoms_solution", "rescaled"]


def rescaled(atoms: Atoms, scale: Expr) -> Atoms:
    """The atoms of f(scale * z) from those of f(x)."""
    (x,) = atoms.variables
    return Atoms(
        atoms.variables,
        {
            (
                expand(exponent.subs(x, scale * x)),
                tuple(HalfSpace((h.weights[0] * scale,), h.offset, h.noise) for h in halves),
            ): {(m,): c * scale**m for (m,), c in polynomial.items()}
            for exponent, halves, polynomial in atoms
        },
    )


def atoms_solution(atoms: Atoms, ordering: Ordering) -> Solution:
    """The sequence C_k of a sum of atoms in one standard normal variable.

    Raises
    ------
    NotInClass
        for more than two half-spaces in one atom, and for a half-space with a complex exponent the rules do not cover.
    """
    (x,) = atoms.variables
    products = [Atoms(atoms.variables, {(e, halves): p}) for e, halves, p in atoms if len(halves) == 2]
    single = reduce(lambda a, b: a - b, products, atoms)
    collector = Collector()
    for group in _one_of_each_pair([_Group.read(x, *parts) for parts in single]):
        group.add_to(collector, ordering)
    total = collector.solution(lambda k: _value(single, k, ordering))
    return reduce(lambda a, b: a + b, (_product(p, ordering) for p in products), total)


def _product(atoms: Atoms, ordering: Ordering) -> Solution:
    ((exponent, halves, polynomial),) = atoms
    if exponent != 0:
        raise NotInClass("a product of two half-spaces and an exponential in one term")
    p = {m: c for (m,), c in polynomial.items()}
    return product_solution(p, (halves[0], halves[1]), lambda k: _value(atoms, k, ordering))


def _value(atoms: Atoms, k: int, ordering: Ordering) -> Expr:
    """C_k at an integer, by the half-space calculus."""
    (x,) = atoms.variables
    poly = Poly(hermite_polynomial(k, x), x)
    weight = Atoms(atoms.variables, {(S.Zero, ()): {(int(m),): c for (m,), c in poly.terms()}})
    return closed_form(weight * atoms, Gaussian(x), ordering).value


class _Group(NamedTuple):
    """P(x) exp(alpha x^2 + beta x) times half-spaces."""

    alpha: Expr
    beta: Expr
    halves: tuple[HalfSpace, ...]
    polynomial: Polynomial

    @classmethod
    def read(
        cls, x: Symbol, exponent: Expr, halves: tuple[HalfSpace, ...], polynomial: dict[tuple[int, ...], Expr]
    ) -> _Group:
        poly = Poly(exponent, x)
        alpha, beta = (expand(poly.coeff_monomial(x**m)) for m in (2, 1))
        return cls(alpha, beta, halves, {m: c for (m,), c in polynomial.items()})

    @property
    def is_complex(self) -> bool:
        """Does the factor oscillate?"""
        return self.alpha.has(I) or self.beta.has(I)

    def conjugate_key(self) -> tuple[Expr, Expr, tuple[HalfSpace, ...]]:
        """Exponent and half-spaces of the other half of a real function."""
        return expand(self.alpha.conjugate()), expand(self.beta.conjugate()), self.halves

    def add_to(self, collector: Collector, ordering: Ordering) -> None:
        """The contribution of the group, together with its conjugate."""
        p = {m: 2 * c for m, c in self.polynomial.items()} if self.is_complex else self.polynomial
        if len(self.halves) > 1:
            raise NotInClass("a product of more than two half-spaces in one term")
        if self.halves and self.alpha != 0:
            if self.is_complex:
                raise NotInClass("a half-space together with an oscillating Gaussian factor")
            add_tilted_half_space(collector, p, Tilt.of(self.alpha, self.beta), self.halves[0])
        elif self.halves and self.beta != 0:
            add_exponential_half_space(collector, p, self.beta, self.halves[0], ordering)
        elif self.halves:
            add_half_space(collector, p, self.halves[0], ordering)
        elif self.is_complex:
            _add_oscillating(collector, p, Tilt.of(self.alpha, self.beta))
        else:
            tilt = Tilt.of(self.alpha, self.beta)
            if ordering.sign_or_none(self.alpha) == 1:
                collector.declare_negative(tilt.rest)
            _add_gaussian(collector, p, tilt)


def _one_of_each_pair(groups: Iterable[_Group]) -> list[_Group]:
    kept: dict[tuple[Expr, Expr, tuple[HalfSpace, ...]], _Group] = {}
    for group in groups:
        if not group.is_complex or group.conjugate_key() not in kept:
            kept[group.alpha, group.beta, group.halves] = group
    return list(kept.values())


def _add_gaussian(collector: Collector, p: Polynomial, tilt: Tilt) -> None:
    terms = tilt.coefficients(p, K)
    for j, a in enumerate(terms):
        if tilt.mean == 0 and tilt.rest == 0:
            collector.add_value(j, a.subs(K, j))
        else:
            collector.add_hermite(tilt.factor * a, -j, tilt.mean, tilt.rest)


def _add_oscillating(collector: Collector, p: Polynomial, tilt: Tilt) -> None:
    """Real part of the terms: powers turn into an angle, and He_n(i y; r) = i^n He_n(y; -r)."""
    size, angle = real_and_imaginary(tilt.factor)
    for j, a in enumerate(tilt.coefficients(p, K)):
        n = K - j
        across, along = real_and_imaginary(tilt.mean)
        if tilt.rest == 0:
            radius, turn = polar(tilt.mean)
            collector.add(radius**n * turned(a * (size + I * angle), turn * n))
        elif across == 0 and not tilt.rest.has(I):
            collector.add_hermite(turned(a * tilt.factor, pi * n / 2), -j, along, -tilt.rest)
        else:
            collector.add(real_part(a * tilt.factor * hermite_he(n, tilt.mean, tilt.rest)))

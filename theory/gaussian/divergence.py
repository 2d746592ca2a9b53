r"""Proof that an expectation is infinite, from the atoms of its integrand.

An exponential factor that outgrows the law is no proof: indicators may confine it to a bounded set, and a
distribution function may vanish where it grows.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Add, Expr, Matrix, Mul, Symbol, expand, re

from theory.gaussian.atoms import HalfSpace, Polynomial

__all__ = ["grows"]

_DIRECTIONS = 64
_TINY = 1e-9

Group = tuple[tuple[HalfSpace, ...], Polynomial]
Direction = tuple[float, ...]


def grows(groups: Sequence[Group], matrix: Sequence[Sequence[Expr]], cov: Any, point: Mapping[Symbol, Any]) -> bool:
    """Is there a direction in which exp(x'Ax/2) times the law does not decay, with its polynomials not cancelling?

    `groups` are the atoms with that exponential, `matrix` is A, and `point` gives values to the parameters.
    """
    a = Matrix(matrix).applyfunc(re).subs(point)
    form = (Matrix(cov.subs(point)).inv() - a).evalf(20)
    directions = [*_directions(form.rows), *_eigenvectors(form)]
    return any(_form(form, d) <= _TINY and _alive(groups, d, point) for d in directions)


def _form(form: Any, d: Direction) -> float:
    return float(sum(form[i, j] * d[i] * d[j] for i in range(len(d)) for j in range(len(d))))


def _directions(size: int) -> list[Direction]:
    if size == 1:
        return [(1.0,), (-1.0,)]
    rng = random.Random(7)
    return [tuple(rng.gauss(0, 1) for _ in range(size)) for _ in range(_DIRECTIONS)]


def _eigenvectors(form: Any) -> list[Direction]:
    """Where a form that is only just semidefinite vanishes."""
    vectors = [v for _, _, space in form.eigenvects() for v in space]
    found = [tuple(float(re(c)) for c in v) for v in vectors]
    return found + [tuple(-c for c in d) for d in found]


def _alive(groups: Sequence[Group], d: Direction, point: Mapping[Symbol, Any]) -> bool:
    """Is the sum of the polynomials whose half-spaces contain the direction different from zero far out?"""
    total: Polynomial = {}
    for halves, polynomial in groups:
        if all(_leans(h, d, point) >= -_TINY for h in halves):
            for powers, coeff in polynomial.items():
                total[powers] = total.get(powers, 0) + coeff
    by_degree: dict[int, list[Expr]] = {}
    for powers, coeff in total.items():
        if expand(coeff) != 0:
            term = Mul(coeff.subs(point), *(c**p for c, p in zip(d, powers, strict=True)))
            by_degree.setdefault(sum(powers), []).append(term)
    return any(abs(complex(Add(*terms).evalf(20))) > _TINY for terms in by_degree.values())


def _leans(h: HalfSpace, d: Direction, point: Mapping[Symbol, Any]) -> float:
    return float(sum(complex(w.subs(point)).real * c for w, c in zip(h.weights, d, strict=True)))

"""Two-point expectations E[f(U) g(V)] in correlation form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Dummy, Expr, Piecewise, Rational, Symbol, sqrt
from sympy.core.relational import Relational

from theory.errors import DomainError, OrderingError
from theory.gaussian.atoms import Atoms
from theory.gaussian.closed_form import closed_form
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.ordering import Ordering

__all__ = ["check_correlation", "correlated_pair", "pair_expectation", "pair_value"]


def pair_expectation(
    f: Expr, g: Expr, x: Symbol, rho: Any, q1: Any, q2: Any, assume: Iterable[Relational] = ()
) -> Expr:
    r"""$E[f(U) g(V)]$ for a centred pair with variances q1, q2 and correlation rho.

    The standard deviations are the internal parameters: radicands are then perfect squares and the result is
    written in the correlation.

    Raises
    ------
    DomainError
        for a correlation outside [-1, 1] or a negative variance.
    """
    rho, q1, q2 = exact(rho), exact(q1), exact(q2)
    check_correlation(rho)
    for q in (q1, q2):
        if q.is_negative:
            raise DomainError(f"a variance is non-negative; received {q}")
    u, v = Dummy("u", real=True), Dummy("v", real=True)
    inner = f.subs(x, u) * g.subs(x, v)
    if q1.is_zero or q2.is_zero:
        return expect(inner, Gaussian([u, v], cov=[[q1, 0], [0, q2]]), assume)
    back: dict[Symbol, Expr] = {}
    a = _root(q1, back)
    b = a if q1 == q2 else _root(q2, back)
    r = _correlation(rho, back)
    if abs(rho) == 1:
        product = (f, g, x, a, rho * b)
        return _fully_correlated(product, q1 < q2, list(assume), back)
    value = expect(inner, Gaussian([u, v], cov=correlated_pair(a, b, r)), assume)
    return _settled(value, back)


def pair_value(
    atoms: Atoms, rho: Expr, q1: Expr, q2: Expr, ordering: Ordering
) -> tuple[Expr, tuple[Relational, ...]]:
    """Expectation of atoms in two variables of the given variances, and the conditions of convergence."""
    back: dict[Symbol, Expr] = {}
    a = _root(q1, back)
    b = a if q1 == q2 else _root(q2, back)
    law = Gaussian(list(atoms.variables), cov=correlated_pair(a, b, _correlation(rho, back)))
    found = closed_form(atoms, law, ordering)
    return found.value.xreplace(back), tuple(c.xreplace(back) > 0 for c in found.conditions)


def check_correlation(rho: Expr) -> None:
    """Refuse a number outside [-1, 1]."""
    if rho.is_number and (not rho.is_extended_real or (abs(rho) - 1).is_positive):
        raise DomainError(f"a correlation lies in [-1, 1]; received {rho}")


def correlated_pair(a: Expr, b: Expr, r: Expr) -> list[list[Expr]]:
    """Covariance of a pair with standard deviations a, b and correlation r."""
    return [[a**2, a * b * r], [a * b * r, b**2]]


def _root(q: Expr, back: dict[Symbol, Expr]) -> Expr:
    """The standard deviation: a rational, or a positive dummy that stands for it."""
    root = sqrt(q)
    if isinstance(root, Rational):
        return root
    dummy = Dummy("s", positive=True)
    back[dummy] = root
    return dummy


def _correlation(rho: Expr, back: dict[Symbol, Expr]) -> Expr:
    if isinstance(rho, Rational):
        return rho
    dummy = Dummy("r", real=True)
    back[dummy] = rho
    return dummy


def _settled(value: Expr, back: dict[Symbol, Expr]) -> Expr:
    if value.has(GaussianExpectation):
        return value.subs(back)
    return value.xreplace(back)


def _fully_correlated(
    pair: tuple[Expr, Expr, Symbol, Expr, Expr], order: Expr, assume: list[Relational], back: dict[Symbol, Expr]
) -> Expr:
    """One variable is left; the order of the two scales decides where the kinks fall."""
    f, g, x, a, b = pair
    z = Dummy("z", real=True)
    product = f.subs(x, a * z) * g.subs(x, b * z)
    try:
        return _settled(expect(product, Gaussian(z), assume), back)
    except OrderingError:
        if not (a.is_Symbol or abs(b).is_Symbol) or a == abs(b):
            raise
        below = expect(product, Gaussian(z), [*assume, a < abs(b)])
        above = expect(product, Gaussian(z), [*assume, a > abs(b)])
        return Piecewise((_settled(below, back), order), (_settled(above, back), True))

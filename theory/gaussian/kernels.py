"""Two-point expectations E[f(U) g(V)] in correlation form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Add, Dummy, Expr, Piecewise, Rational, Symbol, expand, sqrt
from sympy.core.relational import Relational

from theory.errors import DomainError, TheoryError
from theory.gaussian.atoms import Atoms
from theory.gaussian.closed_form import Divergence, closed_form
from theory.gaussian.compact import compact
from theory.gaussian.expectation import GaussianExpectation, expect, expect_with_values
from theory.gaussian.law import Gaussian, exact
from theory.gaussian.ordering import OpenQuestion, Ordering
from theory.gaussian.pieces import Pieces, as_piecewise, split

__all__ = ["PAIR", "check_correlation", "correlated_pair", "cross_dual", "pair_expectation", "pair_value"]

# Bound variables, the same in every call, so that equal expectations are equal expressions.
PAIR = (Dummy("u", real=True), Dummy("v", real=True))
_SINGLE = Dummy("z", real=True)
_MAX_DEPTH = 6


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
    u, v = PAIR
    inner = f.subs(x, u) * g.subs(x, v)
    if q1.is_zero or q2.is_zero:
        return expect(inner, Gaussian([u, v], cov=[[q1, 0], [0, q2]]), assume)
    back: dict[Symbol, Expr] = {}
    a = _root(q1, back)
    b = a if q1 == q2 else _root(q2, back)
    r = _correlation(rho, back)
    if abs(rho) == 1:
        return _fully_correlated(f, g, x, (a, rho * b), list(assume), back)
    try:
        law = Gaussian([u, v], cov=correlated_pair(a, b, r))
        return _settled(expect_with_values(inner, law, assume, _numbers(back)), back)
    except (OpenQuestion, Divergence) as error:
        raise error.renamed(back) from None


def cross_dual(phi: Any, psi: Any, rho: Any, q1: Any = 1, q2: Any = 1) -> Expr:
    r"""$E[\varphi(U)\psi(V)]$ for two activations, the first at variance q1, the second at q2.

    Examples
    --------
    >>> from theory.activations import activation
    >>> from theory.symbols import rho
    >>> cross_dual(activation("sign"), activation("identity"), rho)
    sqrt(2)*rho/sqrt(pi)
    """
    if not (hasattr(psi, "expr") and hasattr(psi, "variable")):
        raise DomainError(f"a cross dual takes two activations; received {psi!r}")
    x = phi.variable
    if any(s.name == x.name for s in psi.parameters):
        raise DomainError(
            f"a parameter of the second activation is named {x.name} like the variable of the first; rename"
        )
    g = psi.expr.xreplace({psi.variable: x})
    assume = (*phi.assumptions, *psi.assumptions)
    return pair_expectation(phi.expr, g, x, rho, q1, q2, assume)


def pair_value(atoms: Atoms, rho: Expr, q1: Expr, q2: Expr, ordering: Ordering) -> tuple[Expr, tuple[Relational, ...]]:
    """Expectation of atoms in two variables of the given variances, and the conditions of convergence."""
    back: dict[Symbol, Expr] = {}
    a = _root(q1, back)
    b = a if q1 == q2 else _root(q2, back)
    law = Gaussian(list(atoms.variables), cov=correlated_pair(a, b, _correlation(rho, back)))
    found = closed_form(atoms, law, ordering.with_values(_numbers(back)))
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


def _numbers(back: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
    return {s: value for s, value in back.items() if value.is_number}


def _settled(value: Expr, back: dict[Symbol, Expr]) -> Expr:
    if value.has(GaussianExpectation):
        return value.subs(back)
    return compact(value.xreplace(back))


def _fully_correlated(
    f: Expr, g: Expr, x: Symbol, scales: tuple[Expr, Expr], assume: list[Relational], back: dict[Symbol, Expr]
) -> Expr:
    """One variable is left; where symbolic scales decide the order of the kinks, the value has cases."""
    z = _SINGLE
    first, second = (_scaled(h, x, s, Ordering(assume)) for h, s in ((f, scales[0]), (g, scales[1])))
    product = first * second
    symbols = scales[0].free_symbols | scales[1].free_symbols

    def value(facts: list[Relational], depth: int) -> Expr:
        try:
            return _settled(expect_with_values(product, Gaussian(z), facts, _numbers(back)), back)
        except OpenQuestion as question:
            gap = question.expression
            if depth == _MAX_DEPTH or not gap.free_symbols & symbols:
                raise question.renamed(back) from None
            below, above = (value([*facts, fact], depth + 1) for fact in (gap < 0, gap > 0))
            return Piecewise((below, _negative(gap, back)), (above, True))
        except Divergence as error:
            raise error.renamed(back) from None

    return value(assume, 0)


def _scaled(f: Expr, x: Symbol, scale: Expr, ordering: Ordering) -> Expr:
    """f(scale * z), with the kinks found before the scale makes them harder to find."""
    try:
        pieces = split(f, x, ordering)
    except TheoryError:
        return f.subs(x, scale * _SINGLE)
    step = -1 if scale.is_negative else 1
    breaks = tuple(b / scale for b in pieces.breaks)[::step]
    parts = tuple(p.subs(x, scale * _SINGLE) for p in pieces.parts)[::step]
    return as_piecewise(Pieces(breaks, parts), _SINGLE)


def _negative(gap: Expr, back: dict[Symbol, Expr]) -> Relational:
    """gap < 0 in the variances: two positive terms are compared by their squares, which have no roots."""
    up: list[Expr] = []
    down: list[Expr] = []
    for term in Add.make_args(expand(gap)):
        (down if term.could_extract_minus_sign() else up).append(term)
    left, right = Add(*up), -Add(*down)
    if left.is_positive and right.is_positive and len(up) == len(down) == 1:
        left, right = left**2, right**2
    return left.xreplace(back) < right.xreplace(back)

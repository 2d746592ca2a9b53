"""Values of a variable at which an expression may turn: roots of what stands inside its functions, and of their slopes.

A narrow peak sits where its argument vanishes or turns, a jump or a kink where a condition changes; no grid finds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise

from mpmath.libmp import NoConvergence
from sympy import Expr, Function, Max, Min, Piecewise, Poly, Pow, Rational, Symbol
from sympy.core.relational import Relational
from sympy.polys.polyerrors import BasePolynomialError

__all__ = ["turning_values"]

_DEGREE = 6
_ROOTS = 40
_FINE = 10**12


def turning_values(e: Expr, variable: Symbol) -> list[Expr]:
    """Rational values next to the turning points, in increasing order, and one between every two neighbours.

    Only inner polynomials with numeric coefficients count, and their slopes; irrational roots are rounded.

    Examples
    --------
    >>> from sympy import exp
    >>> t = Symbol("t", real=True)
    >>> turning_values(exp(-(1000 * t - 637) ** 2) + Max(t, 2), t)
    [637/1000, 2637/2000, 2]
    """
    found: set[Expr] = set()
    for inner in _inner(e):
        if inner.free_symbols == {variable}:
            found.update(_roots(inner, variable))
        if len(found) > _ROOTS:
            break
    roots = sorted(found)
    return sorted({*roots, *((a + b) / 2 for a, b in pairwise(roots))})


def _inner(e: Expr) -> Iterator[Expr]:
    """The polynomials that decide where a part of the expression turns."""
    for node in sorted(e.atoms(Function, Max, Min, Pow, Relational), key=lambda part: part.sort_key()):
        if isinstance(node, Relational):
            yield node.lhs - node.rhs
        elif isinstance(node, Max | Min):
            yield from (a - b for a, b in combinations(node.args, 2))
        elif isinstance(node, Pow):
            yield node.base if node.base.free_symbols else node.exp
        elif not isinstance(node, Piecewise):
            yield from node.args


def _roots(inner: Expr, variable: Symbol) -> Iterator[Expr]:
    try:
        poly = Poly(inner, variable)
        for p in (poly, poly.diff(variable)):
            if 0 < p.degree() <= _DEGREE:
                for root in p.nroots(n=20):
                    if abs(root.as_real_imag()[1]) * _FINE < 1:
                        yield _short(root.as_real_imag()[0])
    except (BasePolynomialError, NoConvergence, NotImplementedError, ValueError):
        return


def _short(value: Expr) -> Expr:
    """A short fraction that agrees to 12 digits after the point, or these digits."""
    short = Rational(Fraction(str(value)).limit_denominator(10**6))
    return short if abs(short - value) * _FINE < 1 else Rational(round(value * _FINE), _FINE)

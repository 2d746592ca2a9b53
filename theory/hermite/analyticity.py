"""Proof that an expression is analytic on a closed interval of the real line, from the structure of the expression."""

from __future__ import annotations

import sympy as sp
from sympy import Expr, S, Symbol

from theory.errors import UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.gaussian.pieces import split

__all__ = ["demand_analytic", "demand_analytic_arguments"]

_ANALYTIC = (
    *(sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.sech, sp.sinc),
    *(sp.erf, sp.erfc, sp.erfi, sp.atan, sp.asinh, sp.Si, sp.Shi, sp.fresnels, sp.fresnelc),
)
_SINGULAR_AT_ZERO = (sp.log, sp.coth, sp.csch)
_SINGULAR_AT_ONE = (sp.asin, sp.acos, sp.atanh, sp.acosh)


def demand_analytic(e: Expr, x: Symbol, interval: tuple[Expr, Expr], ordering: Ordering) -> None:
    """Refuse an expression with a node that may be singular on the closed interval.

    Raises
    ------
    UnsupportedError
        with the node and the point.
    """
    for node in sp.preorder_traversal(e):
        if not isinstance(node, Expr) or not node.has_free(x) or node == x or node.is_Add or node.is_Mul:
            continue
        for g in _critical(node, x):
            _demand_nonzero(g, node, x, interval, ordering)


def demand_analytic_arguments(e: Expr, x: Symbol, ordering: Ordering) -> None:
    """The same on the whole line for the functions in `e` alone, powers outside of them being left to the caller."""
    line = (S.NegativeInfinity, S.Infinity)
    for node in e.atoms(sp.Function):
        if node.has_free(x):
            demand_analytic(node, x, line, ordering)


def _critical(node: Expr, x: Symbol) -> list[Expr]:
    """Expressions whose zeros are the singularities of a node with analytic arguments."""
    if isinstance(node, _ANALYTIC):
        return []
    if isinstance(node, sp.Pow):
        if node.exp.has_free(x):
            return [node.base] if node.base.has_free(x) else []
        return [] if node.exp.is_Integer and node.exp >= 0 else [node.base]
    if isinstance(node, _SINGULAR_AT_ZERO):
        return [node.args[0]]
    if isinstance(node, _SINGULAR_AT_ONE):
        return [1 - node.args[0] ** 2]
    raise UnsupportedError(f"no rule says where {node} is analytic")


def _demand_nonzero(g: Expr, node: Expr, x: Symbol, interval: tuple[Expr, Expr], ordering: Ordering) -> None:
    if not g.has_free(x) or g.is_positive or g.is_negative:
        return
    left, right = interval
    for factor in sp.factor_list(sp.fraction(sp.together(g))[0])[1]:
        for zero in split(sp.sign(factor[0]), x, ordering).breaks if factor[0].has_free(x) else ():
            above = left is S.NegativeInfinity or ordering.compare(left, zero) <= 0
            if above and (right is S.Infinity or ordering.compare(zero, right) <= 0):
                raise UnsupportedError(f"{node} may be singular at {x} = {zero}; no rule gives the law there")

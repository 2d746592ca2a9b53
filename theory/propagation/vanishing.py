"""Proof that a number is zero, where equal expectations may be written in different bound variables."""

from __future__ import annotations

from sympy import Dummy, Expr, Tuple

from theory.gaussian.expectation import GaussianExpectation
from theory.normal_form import is_zero

__all__ = ["vanishes"]

_BOUND = (Dummy("u", real=True), Dummy("v", real=True))


def vanishes(e: Expr) -> bool:
    """True if the normal form reduces the number to zero; False only says that it does not.

    Examples
    --------
    >>> from sympy import sqrt
    >>> vanishes(sqrt(8) - 2 * sqrt(2))
    True
    """
    if e.is_zero:
        return True
    if e.free_symbols:
        return False
    nodes = {node: _renamed(node) for node in e.atoms(GaussianExpectation)}
    return is_zero(e.xreplace(nodes), {})


def _renamed(node: GaussianExpectation) -> GaussianExpectation:
    expr, variables, cov, mean = node.args
    names = dict(zip(variables, _BOUND, strict=False))
    return node.func(expr.xreplace(names), Tuple(*(names[s] for s in variables)), cov, mean)

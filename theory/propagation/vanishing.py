"""Proof that a number is zero, where equal expectations may be written in different bound variables."""

from __future__ import annotations

from sympy import QQ, ComplexRootOf, Dummy, Expr, Poly, PolynomialError, Tuple, together
from sympy.polys.polyerrors import CoercionFailed

from theory.balls import ball_function, workprec
from theory.errors import TheoryError
from theory.gaussian.expectation import GaussianExpectation
from theory.normal_form import is_zero

__all__ = ["quick_sign", "vanishes"]

_BITS = 140  # those of thirty digits

_BOUND = (Dummy("u", real=True), Dummy("v", real=True))


def vanishes(e: Expr) -> bool:
    """True if the normal form reduces the number to zero; False only says that it does not.

    Examples
    --------
    >>> from sympy import sqrt
    >>> vanishes(sqrt(8) - 2 * sqrt(2))
    True
    """
    if e.free_symbols:
        return bool(e.is_zero)
    if quick_sign(e) is not None:
        return False
    nodes = {node: _renamed(node) for node in e.atoms(GaussianExpectation)}
    # What sympy knows comes last: it may compute the minimal polynomial of an algebraic number.
    return _is_zero_in_field(e) or is_zero(e.xreplace(nodes), {}) or bool(e.is_zero)


def _is_zero_in_field(e: Expr) -> bool:
    """Is the number a rational function of one root of an irreducible polynomial, and zero?"""
    roots = e.atoms(ComplexRootOf)
    if len(roots) != 1:
        return False
    root, t = roots.pop(), Dummy("t")
    try:
        numer, denom = (Poly(part, t, domain=QQ) for part in together(e.xreplace({root: t})).as_numer_denom())
    except (PolynomialError, CoercionFailed):
        return False
    modulus = Poly(root.poly.as_expr(t), t, domain=QQ)
    return numer.rem(modulus).is_zero and not denom.rem(modulus).is_zero


def quick_sign(e: Expr) -> int | None:
    """Sign of a real number by one ball: far cheaper than the rules, and nearly every number in question is not zero.

    None where that ball contains zero.
    """
    try:
        with workprec(_BITS):
            value = ball_function(e)((), False)
    except TheoryError:
        return None
    if not value.is_finite() or not value.imag.contains(0) or value.real.contains(0):
        return None
    return 1 if value.real > 0 else -1


def _renamed(node: GaussianExpectation) -> GaussianExpectation:
    expr, variables, cov, mean = node.args
    names = dict(zip(variables, _BOUND, strict=False))
    return node.func(expr.xreplace(names), Tuple(*(names[s] for s in variables)), cov, mean)

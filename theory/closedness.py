"""What counts as a closed form."""

from __future__ import annotations

from sympy import (
    Abs,
    Expr,
    Heaviside,
    Integral,
    LambertW,
    Max,
    Min,
    Piecewise,
    Product,
    RootOf,
    Sum,
    factorial,
    im,
    re,
    sign,
)
from sympy.core.function import AppliedUndef, Derivative, Function, Subs
from sympy.functions.elementary import exponential, hyperbolic, trigonometric
from sympy.functions.special import bessel, error_functions, gamma_functions

from theory.errors import DomainError
from theory.gaussian.expectation import GaussianExpectation
from theory.gaussian.functions import Phi2, RealPart, conditional_score, phi2
from theory.gaussian.orthants import GaussianOrthant
from theory.hermite.confluent import kummer_m, tricomi_u
from theory.hermite.polynomials import hermite_he

__all__ = ["is_closed_form"]

_OPEN = (Sum, Product, Integral, Derivative, Subs, RootOf, AppliedUndef)
_MODULES = (exponential, hyperbolic, trigonometric, bessel, error_functions, gamma_functions)
_GAUSSIAN = (Phi2, GaussianOrthant, phi2, conditional_score, RealPart, hermite_he, kummer_m, tricomi_u)
_NAMED = (Abs, Heaviside, LambertW, Max, Min, Piecewise, sign, re, im, factorial, *_GAUSSIAN)


def is_closed_form(expr: Expr) -> bool:
    """Is the expression finite, in elementary functions, functions named in the DLMF, and Gaussian orthants?

    Sums, integrals, implicit roots, unevaluated expectations and undefined functions are not.

    Raises
    ------
    DomainError
        for what is no sympy expression.

    Examples
    --------
    >>> from sympy import Symbol, Sum, asin, oo
    >>> x, k = Symbol("x"), Symbol("k")
    >>> is_closed_form(asin(x)), is_closed_form(Sum(x**k, (k, 0, oo)))
    (True, False)

    References
    ----------
    dlmf
    """
    if not isinstance(expr, Expr):
        raise DomainError(f"an expression is closed or not; received {expr!r}; read text with parse_expression")
    if expr.has(*_OPEN):
        return False
    named = {f for module in _MODULES for f in vars(module).values() if isinstance(f, type)}
    functions = expr.atoms(Function)
    if not all(isinstance(f, _NAMED) or f.func in named for f in functions):
        return False
    return not expr.has(GaussianExpectation)

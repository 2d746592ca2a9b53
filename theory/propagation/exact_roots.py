r"""Roots in closed form: algebraic equations, and $A + Bt + C e^{\gamma t} = 0$ by Lambert's W."""

from __future__ import annotations

from fractions import Fraction

from sympy import (
    Add,
    AlgebraicNumber,
    CRootOf,
    Expr,
    LambertW,
    Mul,
    Poly,
    PolynomialError,
    Pow,
    Rational,
    Symbol,
    cosh,
    exp,
    expand,
    fraction,
    real_roots,
    sinh,
    sqrt,
    together,
)
from sympy import cos as cosine
from sympy.solvers.solvers import unrad

from theory.enclosure import enclose, sign_of_number
from theory.errors import PrecisionError, TheoryError
from theory.gaussian.expectation import GaussianExpectation
from theory.propagation.isolated_root import IsolatedRoot
from theory.propagation.one_sign import factored
from theory.propagation.vanishing import vanishes

__all__ = ["all_real_roots", "closed_root", "polynomial_roots", "simple_root"]

_LARGEST_DEGREE = 40
_LONGEST = 200  # operations
_FEW_DIGITS, _DIGITS = 12, 30
_LARGEST_DENOMINATOR = 1000


def closed_root(root: IsolatedRoot) -> Expr:
    """The root in closed form where its equation is solvable, otherwise the root itself.

    The candidates include every real root of the equation, so the only one in the isolating interval is the root.

    Examples
    --------
    >>> from sympy import Symbol
    >>> t = Symbol("t")
    >>> closed_root(IsolatedRoot(t**2 + t - 1, t, 0, 1))
    -1/2 + sqrt(5)/2
    """
    equation, t = root.equation, root.unknown
    simple = simple_root(root, equation, t)
    if simple is not None and root.low < simple < root.high:
        return simple
    candidates = all_real_roots(equation, t)
    if not candidates:
        return root
    near = enclose(root, _DIGITS)
    inside = [c for c in candidates if enclose(c, _DIGITS).overlaps(near)]
    return inside[0] if len(inside) == 1 else root


def simple_root(root: Expr, equation: Expr, t: Symbol) -> Rational | None:
    """A rational number with a small denominator that solves the equation and agrees with the number `root`."""
    near = Fraction(0)
    for digits in (_FEW_DIGITS, _DIGITS):  # few tell nearly every other number apart
        man, power = enclose(root, digits).mid().man_exp()
        value = Fraction(int(man)) * Fraction(2) ** int(power)
        near = value.limit_denominator(_LARGEST_DENOMINATOR)
        if abs(near - value) > abs(value) * Fraction(1, 10 ** (digits - 4)):
            return None
    simple = Rational(near.numerator, near.denominator)
    return simple if vanishes(equation.subs(t, simple)) else None


def all_real_roots(equation: Expr, t: Symbol) -> list[Expr] | None:
    """Every real root in closed form, possibly with extraneous numbers; None where the equation is not solvable."""
    if equation.has(GaussianExpectation):
        return None
    try:
        whole = _roots_of_factor(equation, t)
        if whole is not None:
            return whole
        factors = [f for f in Mul.make_args(factored(equation, t)) if f.has(t)]
        found = [_roots_of_factor(f, t) for f in factors] if len(factors) > 1 else [None]
    except (PolynomialError, NotImplementedError, PrecisionError):
        return None
    if not factors or any(roots is None for roots in found):
        return None
    return list(dict.fromkeys(root for roots in found for root in roots or []))


def _roots_of_factor(factor: Expr, t: Symbol) -> list[Expr] | None:
    if isinstance(factor, exp) or (factor.is_Pow and factor.exp.is_negative):
        return []
    equation = factor.base if factor.is_Pow and factor.exp.is_positive else factor
    found = _algebraic(equation, t)
    return found if found is not None else _exponential(equation, t)


def _algebraic(equation: Expr, t: Symbol) -> list[Expr] | None:
    if any(f.has(t) for f in equation.atoms(exp, *_TRANSCENDENTAL)) or not _is_algebraic(equation, t):
        return None
    above = fraction(together(equation))[0]
    if not above.is_polynomial(t):
        if above.atoms(AlgebraicNumber, CRootOf, IsolatedRoot) or above.count_ops() > _LONGEST:
            return None  # the roots of a polynomial of high degree with such coefficients have no closed form
        free = unrad(above, t)
        if free is None or free[1]:
            return None
        above = free[0]
    poly = Poly(expand(above), t)
    if poly.degree() > _LARGEST_DEGREE or poly.degree() < 1:
        return None
    return polynomial_roots(poly)


def polynomial_roots(poly: Poly) -> list[Expr] | None:
    """Every real root of a polynomial with rational coefficients, or of degree at most two; None beyond."""
    if poly.domain.is_ZZ or poly.domain.is_QQ:
        return list(dict.fromkeys(real_roots(poly)))
    return _quadratic(poly)


def _is_algebraic(e: Expr, t: Symbol) -> bool:
    if not e.has(t) or e == t:
        return True
    if isinstance(e, Pow):
        return e.exp.is_Rational and _is_algebraic(e.base, t)
    return (e.is_Add or e.is_Mul) and all(_is_algebraic(a, t) for a in e.args)


def _quadratic(poly: Poly) -> list[Expr] | None:
    if poly.degree() == 1:
        slope, offset = poly.all_coeffs()
        return [-offset / slope]
    if poly.degree() != 2:
        return None
    a, b, c = poly.all_coeffs()
    discriminant = expand(b**2 - 4 * a * c)
    if sign_of_number(discriminant) not in (0, 1):
        return None
    return [(-b + s * sqrt(discriminant)) / (2 * a) for s in (1, -1)]


def _exponential(equation: Expr, t: Symbol) -> list[Expr] | None:
    """Roots of A + B t + C exp(gamma t): t = -A/B - W(u)/gamma with u = (C gamma / B) exp(-gamma A / B)."""
    terms = Add.make_args(expand(equation.rewrite([sinh, cosh, cosine], exp), power_base=False))
    a = b = c = Rational(0)
    gamma: Expr | None = None
    for term in terms:
        factor, moving = term.as_independent(t, as_Add=False)
        if not term.has(t):
            a += term
        elif moving == t:
            b += factor
        elif isinstance(moving, exp) and (rate := expand(moving.exp).coeff(t)) and not rate.has(t):
            if expand(moving.exp - rate * t).has(t) or (gamma is not None and rate != gamma):
                return None
            gamma, c = rate, c + factor * exp(expand(moving.exp - rate * t))
        else:
            return None
    if gamma is None or not b or not gamma.is_real:
        return None
    u = c * gamma / b * exp(-gamma * a / b)
    branches = [LambertW(u)]
    if sign_of_number(u) == -1:
        room = sign_of_number(u + exp(-1))
        if room != 1:
            return [] if room == -1 else None
        branches.append(LambertW(u, -1))
    return [-a / b - w / gamma for w in branches if not w.has(TheoryError)]


_TRANSCENDENTAL: tuple[type, ...] = (sinh, cosh, cosine)

r"""Hermite coefficients of trigonometric polynomials divided by x, by the incomplete gamma function.

$$ \frac{\sin wx}{x} = \int_0^w \cos(tx)\,dt, \qquad
   \int_0^w t^k e^{-s^2t^2/2}\,dt = \frac{w^{k+1}}{k+1} e^{-z} M\big(1, \tfrac{k+3}2, z\big)
   = \frac{2^{(k-1)/2}}{s^{k+1}}\,\gamma\big(\tfrac{k+1}2, z\big), \quad z = \tfrac{s^2w^2}2. $$

Kummer's function M has neither cancellation at large k nor a case for the sign of w.
"""

from __future__ import annotations

from sympy import Expr, I, Poly, Rational, S, exp, expand, pi

from theory.gaussian.atoms import Atoms, NotInClass
from theory.hermite.confluent import kummer_m
from theory.hermite.solution import K, Solution
from theory.hermite.tilt import real_and_imaginary, turned

__all__ = ["divided_solution"]


def divided_solution(atoms: Atoms, scale: Expr) -> tuple[Solution, Atoms]:
    """The sequence of f(x)/x at x = scale * Z: a part with gamma functions, and atoms that are left.

    Raises
    ------
    NotInClass
        if f has exponentials that do not oscillate, half-spaces, or no zero at x = 0.
    """
    (x,) = atoms.variables
    total = Solution(S.Zero)
    value: Expr = S.Zero
    kept: dict = {}
    seen: set[Expr] = set()
    for exponent, halves, polynomial in atoms:
        if halves:
            raise NotInClass("a half-space divided by x")
        kept[exponent, halves] = {(m - 1,): c for (m,), c in polynomial.items() if m}
        c = polynomial.get((0,), S.Zero)
        value += c
        if c == 0 or exponent == 0 or expand(exponent.conjugate()) in seen:
            continue
        seen.add(exponent)
        total = total + Solution(_integral(_frequency(exponent, x), c, scale))
    if expand(value) != 0:
        raise NotInClass("a pole at 0")
    return total, Atoms(atoms.variables, kept)


def _frequency(exponent: Expr, x: Expr) -> Expr:
    poly = Poly(exponent, x)
    real, w = real_and_imaginary(poly.coeff_monomial(x))
    if poly.degree() > 1 or real != 0:
        raise NotInClass("an exponential that does not oscillate, divided by x")
    return w


def _integral(w: Expr, c: Expr, scale: Expr) -> Expr:
    # The conjugate exponent adds the conjugate value.
    phase = turned(2 * c * I, pi * K / 2)
    z = (scale * w) ** 2 / 2
    return phase * scale**K * w ** (K + 1) / (K + 1) * exp(-z) * kummer_m(S.One, K / 2 + Rational(3, 2), z)

"""Expectation of a function times a polynomial of high degree, through the Hermite coefficients of the function.

The polynomial cancels almost everything; in the Hermite basis the cancellation is done exactly, before any integral.
"""

from __future__ import annotations

import math

import sympy as sp
from flint import arb

from theory.balls import ball_function, workprec
from theory.errors import PrecisionError
from theory.gaussian.law import Gaussian
from theory.hermite.accuracy import log_missing
from theory.hermite.profile import Profile
from theory.hermite.sequence import coefficient_balls

__all__ = ["LEAST_DEGREE", "polynomial_factor", "weighted_mean"]

LEAST_DEGREE = 6
_LOG_TEN = math.log(10)
_ATTEMPTS = 5


def polynomial_factor(integrand: sp.Expr, x: sp.Symbol) -> tuple[sp.Poly, sp.Expr] | None:
    """Polynomial and remaining factor of a product, if the degree is high enough to matter."""
    factors = sp.Mul.make_args(integrand)
    inside = [f for f in factors if x in f.free_symbols and f.is_polynomial(x)]
    rest = sp.Mul(*(f for f in factors if f not in inside))
    if not inside or x not in rest.free_symbols:
        return None
    polynomial = sp.Poly(sp.Mul(*inside), x)
    return (polynomial, rest) if polynomial.degree() >= LEAST_DEGREE else None


def weighted_mean(polynomial: sp.Poly, rest: sp.Expr, law: Gaussian, digits: int) -> arb:
    r"""Ball around $E[P(X) f(X)] = \sum_j a_j \sqrt{j!}\,c_j$ for $P(m + sz) = \sum_j a_j He_j(z)$."""
    (x,), mean, sd = law.variables, law.mean[0], sp.sqrt(law.cov[0, 0])
    shifted = sp.Poly(polynomial.as_expr().subs(x, mean + sd * x), x)
    top = shifted.degree()
    profile = Profile(rest, x, mean, sd)
    log_tolerance = -(digits + 2) * _LOG_TEN
    for _ in range(_ATTEMPTS):
        balls, _method = coefficient_balls(profile, top, log_tolerance)
        with workprec(int(-1.45 * log_tolerance) + 60 + 8 * top):
            weights = _hermite_basis([ball_function(c)((), False).real for c in shifted.all_coeffs()])
            root, total = arb(1), arb(0)
            for j, (weight, ball) in enumerate(zip(weights, balls, strict=True)):
                root *= arb(max(j, 1)).sqrt()
                total += weight * root * ball
        missing = log_missing(total, digits)
        if missing <= 0:
            return total
        log_tolerance -= missing + 2
    raise PrecisionError(f"{digits} digits of the expectation of {polynomial.as_expr() * rest} were not reached")


def _hermite_basis(coefficients: list[arb]) -> list[arb]:
    """Coefficients in He_0, He_1, ... of a polynomial given from the highest power down, by Horner's rule."""
    found: list[arb] = []
    for coefficient in coefficients:
        # z He_j = He_(j+1) + j He_(j-1)
        times = [arb(0)] * (len(found) + 1)
        for j, value in enumerate(found):
            times[j + 1] += value
            if j:
                times[j - 1] += j * value
        times[0] += coefficient
        found = times
    return found

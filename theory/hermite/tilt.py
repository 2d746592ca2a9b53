r"""Gaussian law under an exponential factor, and expectations of polynomials under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sympy import Add, Expr, I, Integer, S, atan2, cancel, cos, exp, expand, factorial, pi, sin, sqrt

from theory.hermite.solution import falling

__all__ = ["Polynomial", "Tilt", "derivative", "polar", "real_and_imaginary", "turned"]

Polynomial = Mapping[int, Expr]  # power -> coefficient


class Tilt(NamedTuple):
    r"""$E[e^{\alpha Z^2 + \beta Z} F(Z)] = \text{factor} \cdot E[F(X)]$, $X \sim N(\text{mean}, \text{variance})$."""

    factor: Expr
    mean: Expr
    variance: Expr

    @classmethod
    def of(cls, alpha: Expr, beta: Expr) -> Tilt:
        """The tilt of a standard normal variable."""
        variance = cancel(1 / (1 - 2 * alpha))
        mean = expand(beta * variance) if alpha.is_zero else beta * variance
        return cls(sqrt(variance) * exp(expand(beta * mean / 2)), mean, variance)

    @property
    def rest(self) -> Expr:
        """Variance of the Hermite polynomials that are E[He_k(X)]."""
        return cancel(1 - self.variance)

    def coefficients(self, p: Polynomial, n: Expr) -> list[Expr]:
        r"""Coefficients $a_j$ in $E[P(X) He_n(X)] = \sum_j a_j\, He_{n-j}^{[1-v]}(\mu)$ without the factor."""
        found, order = [], 0
        while p:
            mean = Add(*(c * _moment(m, self.mean, self.variance) for m, c in p.items()))
            found.append(expand(mean) * self.variance**order / factorial(order) * falling(n, order))
            p, order = derivative(p), order + 1
        return found


def _moment(m: int, mean: Expr, variance: Expr) -> Expr:
    terms = (
        factorial(m) / (factorial(j) * factorial(m - 2 * j) * Integer(2) ** j) * variance**j * mean ** (m - 2 * j)
        for j in range(m // 2 + 1)
    )
    return Add(*terms)


def derivative(p: Polynomial) -> dict[int, Expr]:
    """The derivative of a polynomial."""
    return {m - 1: m * c for m, c in p.items() if m}


def real_and_imaginary(e: Expr) -> tuple[Expr, Expr]:
    """The two parts of an expression in real symbols."""
    e = expand(e)
    if not e.has(I):
        return e, S.Zero
    imaginary = e.coeff(I)
    real = expand(e - I * imaginary)
    if real.has(I) or imaginary.has(I):
        return e.as_real_imag()
    return real, imaginary


def polar(e: Expr) -> tuple[Expr, Expr]:
    """Radius and angle; a real number has angle zero and may be negative."""
    a, b = real_and_imaginary(e)
    if b == 0:
        return a, S.Zero
    if a == 0:
        return b, pi / 2
    return sqrt(a**2 + b**2), atan2(b, a)


def turned(e: Expr, angle: Expr) -> Expr:
    """Real part of e exp(i angle)."""
    a, b = real_and_imaginary(e)
    angle = expand(angle)
    return a * cos(angle) - b * sin(angle)

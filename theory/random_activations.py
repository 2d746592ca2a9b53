"""Random activations: exact members of the class with closed forms, for attacks on universal claims."""

from __future__ import annotations

import random

from sympy import Add, Expr, Max, Rational, Symbol, cos, erf, exp, sin

__all__ = ["random_expression"]


def random_expression(rng: random.Random, x: Symbol, smooth: bool | None = None) -> Expr:
    """Sum of two random terms in `x` with small rational coefficients.

    The terms are polynomials, `erf`, trigonometric and Gaussian bumps and, unless `smooth`, rectifiers with a
    random kink; with `smooth=False` at least one term has a kink.

    Examples
    --------
    >>> from sympy.abc import x
    >>> random_expression(random.Random(0), x) == random_expression(random.Random(0), x)
    True
    """

    def number() -> Rational:
        return Rational(rng.choice([-1, 1]) * rng.randint(1, 12), rng.randint(1, 6))

    def scale() -> Rational:
        return Rational(rng.randint(1, 8), 4)

    smooth_terms = [
        lambda: number() * x**3 + number() * x,
        lambda: number() * x**2 + number(),
        lambda: number() * erf(scale() * x),
        lambda: number() * sin(scale() * x) + number() * cos(scale() * x),
        lambda: (number() + number() * x) * exp(-(x**2) / 2),
    ]
    kinked_terms = [lambda: number() * Max(x - number() / 4, 0), lambda: number() * Max(x, 0) ** 2]
    terms = smooth_terms if smooth else smooth_terms + kinked_terms
    return Add(rng.choice(terms)(), rng.choice(kinked_terms if smooth is False else terms)())

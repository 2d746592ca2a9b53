"""Removable poles: what is left of f(x)/x beside the part with gamma functions."""

from __future__ import annotations

import pytest
from sympy import Add, N, Rational, S, Symbol, cos, exp, sin

from theory.gaussian.atoms import smooth_atoms
from theory.hermite.poles import divided_solution

x = Symbol("x", real=True)
POINTS = (Rational(-7, 5), Rational(1, 3), Rational(9, 4))


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (sin(x) + x**2 * cos(x), x * cos(x)),
        (x * cos(x) - sin(2 * x), cos(x)),
        (x + x**3 * sin(x), 1 + x**2 * sin(x)),
    ],
    ids=str,
)
def test_powers_lose_one_degree(f, left):
    _, atoms = divided_solution(smooth_atoms(f, (x,)), S.One)
    found = Add(*(c * x**m * exp(exponent) for exponent, _, polynomial in atoms for (m,), c in polynomial.items()))
    for point in POINTS:
        assert abs(N((found - left).subs(x, point), 30)) < 1e-25

"""Derivatives of orthant probabilities against differences of their values."""

from __future__ import annotations

import pytest
from sympy import N, Rational, symbols

from theory.gaussian.orthants import GaussianOrthant

H = symbols("h1:4", real=True)
R = symbols("r12 r13 r23", real=True)
PLACE = dict(zip((*H, *R), map(Rational, ("1/7", "1/5", "-1/3", "1/4", "1/3", "1/2")), strict=True))
STEP = Rational(1, 10**9)


@pytest.mark.parametrize("s", [H[0], H[2], R[0]], ids=str)
def test_derivative_is_the_slope(s):
    orthant = GaussianOrthant(*H, *R)
    up, down = (N(orthant.subs(PLACE | {s: PLACE[s] + sign * STEP}), 40) for sign in (1, -1))
    assert abs(N(orthant.diff(s).subs(PLACE), 20) - (up - down) / (2 * STEP)) < 1e-15

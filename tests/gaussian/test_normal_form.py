"""The normal form: what it reduces to zero is zero, and near misses are not reduced."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Piecewise,
    Rational,
    S,
    Symbol,
    acos,
    asin,
    cosh,
    erf,
    erfc,
    exp,
    pi,
    sin,
    sinh,
    sqrt,
    symbols,
    tanh,
)  # fmt: skip

from theory.gaussian.functions import Phi2, conditional_score
from theory.normal_form import is_zero, proves_zero

r, s = symbols("r s", real=True)
q = Symbol("q", positive=True)
POINT = {r: Rational(1, 3), s: Rational(2, 5), q: Rational(3, 2)}

ZEROS = [
    (r + s) ** 3 - r**3 - 3 * r**2 * s - 3 * r * s**2 - s**3,
    acos(r) + asin(r) - pi / 2,
    sqrt(1 - r**2) - sqrt(1 - r) * sqrt(1 + r),
    sqrt(q**2 * (1 - r**2)) - q * sqrt(1 - r**2),
    exp(2 * r) - exp(r) ** 2,
    exp(r / 2) ** 2 - exp(r),
    cosh(r) ** 2 - sinh(r) ** 2 - 1,
    tanh(r) - sinh(r) / cosh(r),
    erf(-r) + erf(r),
    erfc(r) + erf(r) - 1,
    erf(conditional_score(r, s, r)) - erf((r - r * s) / sqrt(1 - r**2)),
    Phi2(r, s, r) - Phi2(s, r, r),
    1 / (1 + sqrt(q)) - (1 - sqrt(q)) / (1 - q),
    sqrt(8) * r - 2 * sqrt(2) * r,
    sin(-r) + sin(r),
]


@pytest.mark.parametrize("e", ZEROS)
def test_zeros_are_recognised(e):
    assert is_zero(e, POINT)


@pytest.mark.parametrize("e", ZEROS)
@pytest.mark.parametrize("damage", [Rational(1, 10**12), r * 10**-6, exp(-(q**2))])
def test_near_misses_are_not(e, damage):
    assert not is_zero(e + damage, POINT)


@pytest.mark.parametrize("e", [sqrt(r**2) - r, sqrt((r - s) ** 2) - (s - r), asin(r) - r, erf(r) - erf(2 * r) / 2])
def test_what_is_not_an_identity_is_left(e):
    assert not is_zero(e, POINT)


@settings(deadline=None, max_examples=20, derandomize=True)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6))
def test_random_expansions(k):
    f = k[0] * asin(r) + k[1] * sqrt(1 - r**2) * q + k[2] * exp(-r * q)
    g = k[3] + k[4] * r * asin(r) + k[5] * sqrt(1 - r**2)
    assert is_zero((f * g).expand() - f * g, POINT)
    assert not is_zero((f * g).expand() - f * g + asin(r) ** 5 / 10**9, POINT)


def test_a_derivative_and_one_exact_point_are_a_proof():
    e = 2 * asin(sqrt((1 + r) / 2)) - asin(r) - pi / 2
    assert proves_zero(e, POINT, {r: [Rational(0)]}) is not None
    assert proves_zero(e + Rational(1, 10**9), POINT, {r: [Rational(0)]}) is None


def test_pieces_with_conditions_are_generators():
    pieces = Piecewise((asin(r), r > q), (S.Zero, True))
    others = Piecewise((asin(r), r > q), (q, r > 0), (S.Zero, True))
    assert is_zero(((q + 1) * (pieces + r)).expand() - (q + 1) * pieces - q * r - r, POINT)
    assert not is_zero(pieces - others, POINT)
    assert not is_zero(pieces - Piecewise((asin(r), r > 1), (S.Zero, True)), POINT)

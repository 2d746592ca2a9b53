"""Equality of hypergeometric terms: proved where true, never where false at a single index."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, binomial, exp, factorial, gamma, pi, sqrt
from sympy.abc import k

from theory.hypergeometric import equal_terms

a = Symbol("a", positive=True)
TRUE = [
    (factorial(2 * k), 2 ** (2 * k) * factorial(k) * gamma(k + Rational(1, 2)) / sqrt(pi), 0),
    (binomial(2 * k, k), factorial(2 * k) / factorial(k) ** 2, 0),
    ((2 * a**2 / (1 + 2 * a**2)) ** k, 2**k * a ** (2 * k) * (1 + 2 * a**2) ** (-k), 0),
    (1 / gamma(Rational(3, 2) - k), (-1) ** (k + 1) * gamma(k - Rational(1, 2)) / pi, 0),
    (exp(2 * k + 1), exp(1) * exp(1) ** (2 * k), 0),
    (sqrt(factorial(k + 1)), sqrt(k + 1) * sqrt(factorial(k)), 0),
]


@pytest.mark.parametrize(("first", "second", "start"), TRUE)
def test_true_identities_are_proved(first, second, start):
    assert equal_terms(first, second, k, start)
    assert equal_terms(second, first, k, start)


@pytest.mark.parametrize(("first", "second", "start"), TRUE)
@pytest.mark.parametrize("damage", [-1, 2, (-1) ** k, 1 + 1 / (k + 1), Rational(3, 2) ** k, sqrt(k + 2)], ids=str)
def test_damaged_identities_are_not(first, second, start, damage):
    assert not equal_terms(first, damage * second, k, start)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (k * factorial(k), factorial(k + 1) - factorial(k)),  # true, but a sum is not a term
        (k * factorial(k), 0 * k),
        (factorial(k) * k, factorial(k) * k * 2),
        (k**2, k),  # equal at 0 and 1 only
        (sqrt(k**2), -k),
        (gamma(k / 2), gamma(k / 2) * (1 + k)),
        ((-2) ** (k / 2), 2 ** (k / 2)),
    ],
)
def test_what_is_not_proved(first, second):
    assert not equal_terms(first, second, k, 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, -1, 2]))
def test_a_proof_agrees_with_the_values(shift, other, power, scale, sign):
    """Whatever is proved has equal values at many indices."""
    first = factorial(k + 3 + shift) ** power * Rational(scale) ** k
    second = factorial(k + 3 + other) ** power * (sign * Rational(scale)) ** k
    if shift < other:
        for step in range(shift, other):
            first *= (k + 4 + step) ** power
    proved = equal_terms(first, second, k, 0)
    equal = all(first.subs(k, i) == second.subs(k, i) for i in range(8))
    assert proved == equal or (equal and not proved)
    assert not (proved and not equal)

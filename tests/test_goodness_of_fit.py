"""Empirical against stated distribution functions, and extrapolation along ladders."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.extrapolation import richardson
from numerics.goodness_of_fit import goodness_of_fit
from numerics.statistics import Interval, Outcome
from theory.errors import DomainError


def test_true_laws_hold_and_damaged_ones_fail():
    draws = np.random.default_rng(0).standard_exponential(60_000)
    true = lambda x: -np.expm1(-x)  # noqa: E731 - the stated function
    assert goodness_of_fit(draws, true, 0.05).outcome is Outcome.HOLDS
    for wrong in (lambda x: -np.expm1(-1.2 * x), lambda x: -np.expm1(-(x**1.2)), lambda x: x / (1 + x)):
        fit = goodness_of_fit(draws, wrong, 0.05)
        assert fit.outcome is Outcome.FAILS
        assert fit.distance > fit.band


def test_a_small_difference_is_undecided_not_green():
    draws = np.random.default_rng(0).random(2000)
    assert goodness_of_fit(draws, lambda x: x, 0.01).outcome is Outcome.UNDECIDED
    assert goodness_of_fit([], lambda x: x, 0.01).outcome is Outcome.UNDECIDED


def test_false_alarms_at_the_declared_level():
    generator, alarms = np.random.default_rng(7), 0
    for _ in range(400):
        fit = goodness_of_fit(generator.random(200), lambda x: x, 0.5, alpha=0.05, anytime=False)
        alarms += fit.outcome is Outcome.FAILS
    assert 0 < alarms <= 0.05 * 400 + 14


def test_an_envelope_allows_a_bias():
    draws = np.random.default_rng(2).random(200_000) ** 1.02
    assert goodness_of_fit(draws, lambda x: x, 0.05, alpha=0.01, anytime=False).outcome is Outcome.FAILS
    assert goodness_of_fit(draws, lambda x: x, 0.05, alpha=0.01, envelope=0.02).outcome is Outcome.HOLDS


@pytest.mark.parametrize("cdf", [lambda x: 1 - x, lambda x: 2 * x, lambda x: x - 0.5])
def test_what_is_no_distribution_function_is_refused(cdf):
    with pytest.raises(DomainError):
        goodness_of_fit(np.random.default_rng(0).random(100), cdf, 0.1)


def test_richardson_finds_the_limit_and_its_error():
    widths = (16, 32, 64, 128)
    values = [np.pi + 2 / n + 7 / n**2 + 5 / n**3 for n in widths]
    found = richardson(widths, values)
    assert abs(found.limit - np.pi) < found.error < 0.01
    wrong = richardson(widths, values, exponents=(0.5, 1.5))
    assert abs(wrong.limit - np.pi) < wrong.error
    noisy = richardson(widths, [Interval(v - 1e-3, v + 1e-3) for v in values])
    assert noisy.noise > 1e-3
    assert noisy.error > found.error


@pytest.mark.parametrize(("widths", "exponents"), [((16, 32), (1, 2)), ((32, 16, 64), (1, 2)), ((16, 32, 64), (2, 1))])
def test_ladders_that_cannot_be_extrapolated(widths, exponents):
    with pytest.raises(DomainError):
        richardson(widths, [1.0] * len(widths), exponents)

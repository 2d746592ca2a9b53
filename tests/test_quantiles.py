"""Confidence sequences for proportions, quantiles and distribution functions: coverage, and what they refute."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.quantiles import distribution_band, proportion_interval, quantile_interval
from theory.errors import DomainError


@pytest.mark.parametrize("p", [0.02, 0.5, 0.9])
def test_a_proportion_is_missed_rarely_at_any_look(p):
    generator, alpha, runs = np.random.default_rng(3), 0.05, 300
    looks = np.unique(np.geomspace(1, 1000, 40).astype(int))
    missed = tight = 0
    for _ in range(runs):
        sums = np.cumsum(generator.random(1000) < p)
        intervals = [proportion_interval(int(sums[n - 1]), int(n), alpha) for n in looks]
        missed += any(not i.lower <= p <= i.upper for i in intervals)
        tight += intervals[-1].half_width < 0.1
    assert missed / runs <= alpha + 3 * math.sqrt(alpha / runs)
    assert tight == runs


def test_a_wrong_proportion_is_excluded():
    interval = proportion_interval(5_000, 10_000, 1e-9)
    assert 0.4 < interval.lower < 0.5 < interval.upper < 0.6
    assert proportion_interval(0, 1000, 1e-3).lower == 0.0
    assert proportion_interval(0, 1000, 1e-3).upper < 0.02
    assert proportion_interval(1000, 1000, 1e-3).upper == 1.0


@pytest.mark.parametrize("law", ["standard_cauchy", "standard_exponential"])
def test_a_quantile_is_missed_rarely_at_any_look(law):
    true = {"standard_cauchy": 1.0, "standard_exponential": math.log(4)}[law]
    generator, alpha, runs, missed = np.random.default_rng(5), 0.05, 200, 0
    for _ in range(runs):
        draws = getattr(generator, law)(600)
        looks = (20, 50, 100, 200, 400, 600)
        missed += any(
            not i.lower <= true <= i.upper for i in (quantile_interval(draws[:n], 0.75, alpha) for n in looks)
        )
    assert missed / runs <= alpha + 3 * math.sqrt(alpha / runs)
    wide = quantile_interval(getattr(generator, law)(20_000), 0.75, 1e-6)
    assert not wide.lower <= true * 1.2 <= wide.upper


def test_quantile_of_a_law_with_atoms_and_of_few_draws():
    generator = np.random.default_rng(1)
    interval = quantile_interval(generator.integers(0, 3, 5000), 0.5)
    assert interval.lower <= 1 <= interval.upper
    assert quantile_interval([1.0], 0.5).half_width == math.inf
    assert quantile_interval([], 0.5).upper == math.inf


def test_band_shrinks_and_costs_more_at_every_size():
    assert distribution_band(0) == 1.0
    assert distribution_band(10**6, 1e-9) < 0.01
    assert distribution_band(10**4, 1e-3, anytime=False) < distribution_band(10**4, 1e-3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: proportion_interval(5, 3),
        lambda: proportion_interval(-1, 3),
        lambda: proportion_interval(1, 3, alpha=0.0),
        lambda: quantile_interval([1.0, 2.0], 1.0),
        lambda: quantile_interval([1.0, math.nan], 0.5),
        lambda: distribution_band(-1),
    ],
)
def test_wrong_arguments(call):
    with pytest.raises(DomainError):
        call()

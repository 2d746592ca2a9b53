"""The two-sample test: its level under equal laws, its power against planted differences, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.loops.energy import energy_permutations
from numerics.two_sample import energy_test
from theory.errors import DomainError


def draws(number: int, size: int = 400, heavy: bool = False) -> np.ndarray:
    generator = np.random.default_rng(number)
    cloud = generator.standard_normal((size, 4)) @ np.array(
        [[1, 0.9, 0, 0], [0, 0.4, 1, 0], [0, 0, 1, 0], [0, 0, 0, 2.0]]
    )
    return np.exp(3 * cloud) if heavy else cloud


@pytest.mark.parametrize("heavy", [False, True])
def test_level(heavy):
    """p-values of equal laws are uniform: not too many small ones, not too few."""
    p = np.array(
        [energy_test(draws(2 * i, 150, heavy), draws(2 * i + 1, 150, heavy), seed=i).p_value for i in range(300)]
    )
    for level in (0.01, 0.05, 0.3):
        spread = np.sqrt(level * (1 - level) / len(p))
        assert abs((p < level).mean() - level) < 4 * spread
    assert p.min() > 1e-5


def test_power_against_each_kind_of_difference():
    x, y = draws(0, 2000), draws(1, 2000)
    assert energy_test(x, y).p_value > 1e-3
    shifted, scaled, rotated = y + np.array([0.2, 0, 0, 0]), y * np.array([1, 1, 1, 1.2]), y[:, [0, 2, 1, 3]]
    uncoupled = np.column_stack([draws(number, 2000)[:, number - 5] for number in range(5, 9)])
    for other in (shifted, scaled, rotated, uncoupled):
        result = energy_test(x, other)
        assert result.p_value < 1e-6
        assert result.rank == pytest.approx(1 / 300)


def test_increasing_maps_change_nothing():
    x, y = draws(0), draws(1)
    assert energy_test(np.exp(x), np.exp(y)) == energy_test(x, y)


def test_infinite_entries_count_as_largest():
    x, y = draws(0), draws(1)
    x[:100, 0] = np.inf
    assert energy_test(x, y).p_value < 1e-6


def test_kernel_is_the_cramer_distance():
    points = np.random.default_rng(3).standard_normal((2, 50))
    orders = np.argsort(points, axis=1)
    gaps = np.diff(np.take_along_axis(points, orders, axis=1), axis=1)
    weights = np.concatenate([np.full(20, 1 / 20), np.full(30, -1 / 30)])
    results = np.empty(1)
    energy_permutations(np.random.default_rng(0), orders, gaps, weights, results)
    # Energy distance: E|X - Y| - E|X - X'|/2 - E|Y - Y'|/2 is the integral of (F - G)^2.
    distance = np.abs(points[:, :, None] - points[:, None, :])
    expected = np.mean([(-0.5 * weights @ matrix @ weights) ** 4 for matrix in distance]) ** 0.25
    assert results[0] == pytest.approx(expected)


def test_constant_coordinates():
    ones = np.ones((30, 2))
    assert energy_test(ones, ones).p_value == 1.0
    assert energy_test(ones, 2 * ones).p_value < 1e-6


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.ones((10, 2)), np.ones((30, 2))),
        (np.ones((30, 2)), np.ones((30, 3))),
        (np.full((30, 1), np.nan), np.ones(30)),
    ],
    ids=["few", "shapes", "nan"],
)
def test_refused(first, second):
    with pytest.raises(DomainError):
        energy_test(first, second)

"""Published tables at small sizes: each row agrees, and its damaged twin differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import published_chains as chains
from benchmarks import published_tables as tables
from benchmarks.product_edges import autoregressive_edge, linear_edge
from benchmarks.published_row import Row, measure

ROWS = {
    "kernel map": (lambda: list(tables.kernel_map(400, (250,), 2))[2], 0.7),
    "gap floor": (lambda: list(tables.gap_floor(100, (250,), 30))[1], 0.5),
    "gap slope": (lambda: next(tables.gap_slope(100, (10,), 30)), 10 / 11),
    "gap step": (lambda: next(chains.gap_step(5000, (6,))), 0.85),
    "chain slope": (lambda: next(chains.chain_error(60, (32, 128), 5, ["relu"])), -1.0),
    "chain level": (lambda: next(chains.chain_level(60, (64,))), 33.75 / 128),
    "product norm": (lambda: list(tables.product_norm(40, 150))[1], 2.0),
}


@pytest.mark.parametrize("name", ROWS)
def test_row_agrees_and_its_damaged_twin_differs(name):
    build, wrong = ROWS[name]
    row = build()
    draws = np.asarray(row.draws())
    kept = replace(row, draws=lambda: draws)
    assert measure(kept).verdict == "agrees"
    assert measure(replace(kept, expected=wrong)).verdict == "differs"


def test_too_few_draws_decide_nothing():
    row = Row("a", "b", "c", 0.0, 0.1, "0.1", lambda: [0.5, 1.0, 1.5])
    assert measure(row).verdict == "undecided"


def test_edges_of_products():
    assert linear_edge(4).norm == pytest.approx((5**5 / 4**4) ** 0.5, rel=1e-6)
    assert autoregressive_edge(3, 0.0) == pytest.approx(linear_edge(3), rel=1e-6)
    assert autoregressive_edge(3, 0.6).norm > 1.1 * linear_edge(3).norm


def test_limit_of_the_rectifier():
    # Mean products of rectified coordinates over the sphere of radius sqrt(5) in the complement of 1.
    points = np.random.default_rng(0).standard_normal((200_000, 5))
    points -= points.mean(axis=1, keepdims=True)
    points *= np.sqrt(5) / np.linalg.norm(points, axis=1, keepdims=True)
    outputs = np.maximum(points, 0)
    assert np.abs(outputs.T @ outputs / len(points) - chains.limit("relu", 5)).max() < 0.007
    assert abs(chains.limit("identity", 5)[0, 1] + 1 / 4) < 1e-15

"""Published tables at small sizes: each row agrees, and its damaged twin differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import published_tables as tables
from benchmarks.product_edges import autoregressive_edge, linear_edge
from benchmarks.published_row import Row, measure

ROWS = {
    "kernel map": (lambda: list(tables.kernel_map(400, (250,), 2))[2], 0.7),
    "gap floor": (lambda: list(tables.gap_floor(100, (250,), 30))[1], 0.5),
    "gap slope": (lambda: next(tables.gap_slope(100, (10,), 30)), 10 / 11),
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

"""Tables of slow duals against the duals themselves."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Max, Min, Rational, Symbol

import theory as th
from numerics import closed_duals
from numerics.angle_tables import AngleTables
from numerics.infinite_width import kernels
from numerics.loops.table_rows import OCTAVES, part_of

x = Symbol("x", real=True)


@pytest.mark.parametrize("normalization", [None, "rms"])
def test_kernels_by_tables_are_kernels_by_programs(normalization, monkeypatch):
    spec = th.NetworkSpec(th.Activation(Min(Max(x, -1), 1), x), C_W=2, C_b=Rational(1, 25), normalization=normalization)
    rows = np.random.default_rng(1).standard_normal((90, 40))
    fast = kernels(spec, rows, 3)
    monkeypatch.setattr(closed_duals, "_MANY", 10**9)
    for mine, other in zip(fast, kernels(spec, rows, 3), strict=True):
        root = np.sqrt(np.diag(other))
        gap = np.abs(mine - other) / np.outer(root, root)
        assert 0 < gap.max() < 2e-14


def test_smooth_and_rough_functions():
    calls = []

    def values(rho, q1, q2):
        calls.append(len(rho))
        return np.sqrt(q1 * q2) * np.exp(rho) + 1e-3 * np.abs(rho - 0.5) * rough

    generator = np.random.default_rng(2)
    q = generator.uniform(0.5, 2.0, 200)
    i, j = np.triu_indices(200, 1)
    rho = generator.uniform(-1.0, 1.0, len(i))
    for rough in (0.0, 1.0):
        tables = AngleTables(values, lambda q: np.sqrt(q) * 2)
        found = tables(rho, q, i, j)
        exact = values(rho, q[i], q[j])
        assert np.abs(found - exact).max() < 2e-14
        kept = [part for (_, part), table in tables.tables.items() if table is not None]
        # The kink lies in the first part of the angle below a right angle, next to its end.
        assert (0 in kept) == (rough == 0.0)
        assert OCTAVES in kept
        calls.clear()
        tables(rho, q, i, j)
        assert sum(calls) < len(rho)


def test_parts_of_the_angle():
    for part in range(OCTAVES):
        for place in (-0.999, 0.0, 0.5, 0.999):
            angle = np.pi / 2 * (place + 3) / 4 * 0.5**part
            for turned, number in ((angle, part), (np.pi - angle, part + OCTAVES)):
                found, at = part_of(np.cos(turned))
                assert found == number
                assert abs(at - place) < 1e-11
    assert part_of(1.0)[0] == part_of(-1.0)[0] == -1

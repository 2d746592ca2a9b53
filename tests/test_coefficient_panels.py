"""Tables of Hermite coefficients over variances, against the coefficients themselves."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational, Symbol, atan, exp, tanh

import theory as th
from numerics.coefficient_panels import CoefficientPanels
from numerics.infinite_width import kernels
from numerics.loops.series_rows import STEP
from numerics.series_duals import SeriesDuals, coefficients

x = Symbol("x", real=True)


@pytest.mark.parametrize("expr", [tanh(x), x * tanh(x), 1 / (1 + exp(-x)), atan(x) + x**2 / 9])
def test_coefficients_of_panels(expr):
    duals = SeriesDuals(th.Activation(expr, x))
    q = np.array([0.03, 0.4, 0.41, 1.0, 0.77])
    found = duals.panels(q)
    terms = found.tables.shape[1]
    for function, table, squares in zip(duals.functions, found.tables, found.squares, strict=True):
        c, square = coefficients(function, q, terms)
        # Panels end where the rest is nothing.
        kept = table.T != 0
        assert kept[:, :32].sum() >= 70
        assert np.abs(np.where(kept, table.T - c, 0)).max() < 1e-14 * np.sqrt(square).max()
        assert np.abs(table.T[::-1] - c).max() > 1e-3
        assert np.allclose(squares, square, rtol=1e-14, atol=0)
        for part, share in enumerate(found.rests[:-1]):
            assert (np.sum(c[:, STEP * part :] ** 2, axis=1) <= 1.01 * share * square + 1e-15 * square).all()
    assert found.rests[0] >= 1 - 1e-12
    again = duals.panels(q)
    assert (again.tables == found.tables).all()


def test_variances_without_panels():
    panels = CoefficientPanels(SeriesDuals(th.Activation(tanh(x), x)).functions)
    assert panels(np.array([0.5, 1e9])) is None
    assert panels(np.array([0.5])) is not None
    assert panels(np.array([1e-30])) is None
    # What was made before is still there.
    assert panels(np.array([0.5, 0.51])) is not None


def test_kernels_do_not_depend_on_earlier_calls():
    spec = th.NetworkSpec(th.Activation(tanh(x) + x / 3, x), C_W=1, C_b=Rational(1, 9))
    rows = np.random.default_rng(0).standard_normal((5, 3))
    first = kernels(spec, rows, 4)
    kernels(spec, 3 * rows, 4)
    kernels(spec, rows / 30, 4)
    for mine, other in zip(kernels(spec, rows, 4), first, strict=True):
        assert np.allclose(mine, other, rtol=1e-14, atol=0)

"""Programs over blocks of pairs and the loops over all layers: against exact values, and against pairs by layers."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import theory as th
from numerics import row_threads
from numerics.angle_layers import AngleLayers
from numerics.closed_layers import ClosedLayers
from numerics.infinite_width import kernels
from numerics.layer_programs import Q1, Q2, RHO, layer_program, pair_program
from numerics.loops.kernel_layers import doubled_asin, first_layer
from numerics.loops.layer_tape import fast_cosh, fast_sinh
from numerics.pair_layers import PairLayers
from numerics.pairs import Pairs, assembled
from numerics.series_layers import SeriesLayers

R = sp.Rational
x = sp.Symbol("x", real=True)
CLOSED = {
    "erf": sp.erf(x),
    "sin": sp.sin(2 * x) + R(1, 3),
    "step": sp.Heaviside(x, R(1, 2)),
    "bump": x * sp.exp(-(x**2)),
    "mixed": x * sp.erf(x) + x / 2,
    "two slopes": sp.Max(-x / 3, 2 * x) + 1,
}
SERIES = {"tanh": sp.tanh(x), "sigmoid": 1 / (1 + sp.exp(-x)), "even": sp.log(sp.cosh(x))}
ROWS = np.random.default_rng(3).standard_normal((23, 5)) * np.linspace(0.3, 1.2, 23)[:, None]


def by_pairs(net, rows, depth):
    """The recursion pair by pair and layer by layer."""
    start = Pairs.of_data(rows, float(net.C_W), float(net.C_b))
    layers = PairLayers(net)
    parts = [layers.run(block, depth) for block in start.blocks()]
    nngp = assembled(start, parts[0].variances, [part.covariances for part in parts])
    own = parts[0].own
    return nngp, None if own is None else assembled(start, own, [part.cross for part in parts])


def close(mine, theirs, tolerance=2e-13):
    root = np.sqrt(np.diag(theirs))
    return bool((np.abs(mine - theirs) <= tolerance * np.outer(root, root)).all())


def test_programs_are_the_expressions():
    dual = th.activation("gelu").dual(RHO, Q1, Q2)
    program = pair_program([dual, sp.acos(RHO) * sp.sqrt(Q1)])
    for rho, q1, q2 in ((0.25, 1.5, 0.25), (-1.0, 4.0, 4.0), (1.0, 0.25, 1.0)):
        cross = rho * np.sqrt(q1 * q2)
        value = program.whole(*(np.array([v]) for v in (cross, q1, q2)))[:, 0]
        exact = [
            float(sp.N(f.subs({RHO: R(rho), Q1: R(q1), Q2: R(q2)}), 30)) for f in (dual, sp.acos(RHO) * sp.sqrt(Q1))
        ]
        assert np.allclose(value, exact, rtol=4e-16 * 8, atol=4e-16)
        assert not np.allclose(value, exact[::-1], rtol=1e-6)
    # Both parts together are the whole, and rows of one input need no covariance.
    assert len(program.single) + len(program.pair) == len(program.whole.code)
    assert 0 not in program.single[:, 1:3]


def test_every_operation_of_a_program():
    forms = [sp.log(x), sp.atan(x), sp.erf(x), sp.erfc(x), sp.sinh(x), sp.cosh(x), sp.Max(x, 2 * x - 1), sp.Abs(x - 1)]
    forms += [sp.asin(x / 4), -x, x ** R(-3, 2), sp.exp(-x) * 3, 1 / (1 + x)]
    points = np.array([0.1, 0.7, 1.0, 3.5])
    values = layer_program(forms, [x])(points)
    exact = np.array([[float(sp.N(f.subs(x, R(float(v))), 30)) for v in points] for f in forms])
    assert np.allclose(values, exact, rtol=2e-15, atol=0)
    assert not np.allclose(values * (1 + 1e-13), exact, rtol=2e-15, atol=0)
    with pytest.raises(th.UnsupportedError):
        layer_program([sp.gamma(x)], [x])


@given(st.floats(-30, 30))
def test_hyperbolic_functions(a):
    assert np.isclose(fast_sinh(a), np.sinh(a), rtol=1e-15, atol=1e-300)
    assert np.isclose(fast_cosh(a), np.cosh(a), rtol=1e-15, atol=0)


@given(st.floats(0, np.pi))
def test_angle_from_the_squares_of_its_half(angle):
    half, rest = np.sin(angle / 2) ** 2, np.cos(angle / 2) ** 2
    assert np.isclose(doubled_asin(half, rest), angle, rtol=2e-15, atol=1e-160)


@pytest.mark.parametrize("bias", [0, R(1, 10)])
@pytest.mark.parametrize("name", CLOSED)
def test_closed_layers_are_the_recursion_of_pairs(name, bias):
    net = th.NetworkSpec(th.Activation(CLOSED[name], x), C_W=R(3, 2), C_b=bias)
    layers = ClosedLayers.of(net, PairLayers(net).duals)
    # Two inputs go point by point, twenty-three by blocks.
    for depth, rows in ((2, ROWS[:2]), (5, ROWS[:2]), (2, ROWS), (5, ROWS)):
        nngp, ntk = layers.run(rows, depth)
        expected, tangent = by_pairs(net, rows, depth)
        assert close(nngp, expected)
        assert not close(nngp * (1 + 1e-11), expected)
        assert (ntk is None) == (tangent is None)
        if ntk is not None:
            # The slope of a jump in the derivative amplifies the rounding of a correlation.
            assert close(ntk, tangent, 2e-12)
            assert not close(ntk + 1e-9 * nngp, tangent, 2e-12)


@pytest.mark.parametrize("name", SERIES)
def test_series_layers_are_the_recursion_of_pairs(name):
    net = th.NetworkSpec(th.Activation(SERIES[name], x), C_W=R(3, 2), C_b=R(1, 10))
    layers = SeriesLayers(net, PairLayers(net).duals)
    # Six inputs have coefficients of their own, forty-five are interpolated.
    for rows in (ROWS[:6], np.vstack([ROWS[:15] * s for s in (1.0, 0.95, 0.9)])):
        nngp, ntk = layers.run(rows, 3)
        expected, tangent = by_pairs(net, rows, 3)
        assert close(nngp, expected)
        assert close(ntk, tangent)
        assert not close(ntk + 1e-9 * nngp, tangent)


def test_angles_leave_the_range_of_squares():
    net = th.NetworkSpec(th.activation("leaky_relu", slope=R(1, 10)), C_W=R(3, 2))
    expected = kernels(net, ROWS, 4)
    for power in (-500, -100, 400):
        mine = kernels(net, np.ldexp(ROWS, power), 4)
        for values, theirs in zip(mine, expected, strict=True):
            assert close(np.ldexp(values, -2 * power), theirs, 1e-15)
            assert not close(np.ldexp(values, -2 * power) * (1 + 1e-13), theirs, 1e-15)


def test_variances_out_of_range_go_by_pairs():
    net = th.NetworkSpec(th.activation("sin"), C_W=1, C_b=0)
    layers = ClosedLayers.of(net, PairLayers(net).duals)
    large = ROWS * 1e3
    assert layers.run(ROWS, 3) is not None
    assert layers.run(large, 3) is layers.run(large[:2], 3) is None
    assert 1.0 <= layers.range[1] < 1e5
    assert close(kernels(net, large, 3).nngp, by_pairs(net, large, 3)[0])
    # At these variances the mean square of a sine is one half.
    assert np.allclose(np.diag(kernels(net, large, 2).nngp), 0.5, rtol=1e-15)


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh", "step"])
def test_bits_do_not_depend_on_threads(name, monkeypatch):
    rows = np.random.default_rng(5).standard_normal((31, 4)) / 2
    net = th.NetworkSpec(th.activation(name), C_W=2, C_b=R(1, 10))
    alone = kernels(net, rows, 3)
    monkeypatch.setattr(row_threads, "_WORTH", 0)
    for count in (2, 3, 5):
        monkeypatch.setattr(row_threads, "processors", lambda count=count: count)
        for mine, theirs in zip(kernels(net, rows, 3), alone, strict=True):
            assert mine is None or (mine == theirs).all()


def test_first_layer_knows_opposite_rows():
    rows = np.array([[0.1, 0.7, -0.3], [-0.1, -0.7, 0.3], [0.1, 0.7, -0.300000001], [0.0, 0.0, 0.0]])
    products = rows @ rows.T
    products[0, 1] = products[1, 0] = -0.58999
    first_layer(rows, 0.5, 0.25, products)
    length = rows[0] @ rows[0]
    assert products[0, 1] == products[1, 0] == 0.25 - 0.5 * length
    assert products[0, 0] == products[1, 1] == 0.25 + 0.5 * length
    assert products[1, 2] != products[0, 1]
    assert products[3, 3] == 0.25


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 5), st.sampled_from(["relu", "erf", "gelu", "step"]))
def test_kernels_are_symmetric_with_diagonals_of_one_input(m, d, depth, name):
    rows = np.random.default_rng(m + 10 * d).standard_normal((m, d))
    net = th.NetworkSpec(th.activation(name), C_W=2, C_b=R(1, 10))
    whole = kernels(net, rows, depth)
    for values in whole:
        assert values is None or (values == values.T).all()
    one = kernels(net, rows[:1], depth)
    assert np.isclose(one.nngp[0, 0], whole.nngp[0, 0], rtol=1e-14)


def test_angle_layers_are_for_two_half_lines_only():
    assert AngleLayers.of(th.NetworkSpec(th.Activation(CLOSED["two slopes"], x))) is None
    assert AngleLayers.of(th.NetworkSpec(th.activation("hard_tanh"))) is None
    net = th.NetworkSpec(th.Activation(sp.Max(-x / 3, 2 * x), x), C_W=R(3, 2), C_b=R(1, 10))
    nngp, ntk = AngleLayers.of(net).run(ROWS, 4)
    expected, tangent = by_pairs(net, ROWS, 4)
    assert close(nngp, expected)
    assert close(ntk, tangent, 1e-11)
    assert not close(ntk * (1 + 1e-9), tangent, 1e-11)

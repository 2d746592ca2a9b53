"""The edge of chaos, gains, and the stability of sparsity-inducing units on it."""

from __future__ import annotations

import math

import pytest
from sympy import Abs, Max, Min, Rational, Symbol, asin, cos, exp, oo, pi, sqrt

import theory as th
from theory import normal_form
from theory.activations import Activation
from theory.propagation.edge_of_chaos import edge_of_chaos
from theory.propagation.gains import (
    balanced_variances,
    forward_backward_ratio,
    gradient_preserving_gain,
    variance_preserving_gain,
)
from theory.propagation.maps import perpendicular_susceptibility, variance_map
from theory.symbols import q

x = Symbol("x", real=True)


def is_zero(difference):
    return normal_form.is_zero(difference, {s: Rational(3, 2) for s in difference.free_symbols})


def floats(*values):
    return [float(th.enclose(v, 15).mid()) for v in values]


def test_error_function_in_closed_form():
    curve = edge_of_chaos(th.activation("erf"))
    p = Symbol("p", positive=True)
    assert is_zero(curve.C_W(p) - pi / 4 * sqrt(1 + 4 * p))
    assert is_zero(curve.C_b(p) - p + sqrt(1 + 4 * p) * asin(2 * p / (1 + 2 * p)) / 2)
    assert not is_zero(curve.C_b(p) - p + sqrt(1 + 4 * p) * asin(2 * p / (1 + p)) / 2)
    assert floats(curve.C_W(1), curve.C_b(1)) == pytest.approx([1.75620, 0.184140], abs=6e-6)
    assert floats(curve.C_W(2), curve.C_b(2)) == pytest.approx([2.35619, 0.609057], abs=6e-6)
    assert curve.range == ((0, oo),)
    assert curve.complete
    assert not curve.is_point


def test_hyperbolic_tangent_numerically():
    curve = edge_of_chaos(th.activation("tanh"))
    assert floats(curve.C_W(Rational(1, 2)), curve.C_b(Rational(1, 2))) == pytest.approx([1.68798, 0.038041], abs=6e-6)
    assert floats(curve.C_W(1), curve.C_b(1)) == pytest.approx([2.15330, 0.150965], abs=6e-6)


@pytest.mark.parametrize("name", ["gelu", "sin", "elu", "shifted_relu"])
def test_both_conditions_hold_on_the_curve(name):
    point = edge_of_chaos(th.activation(name), Rational(7, 5))
    net = point.spec()
    excess = variance_map(net, point.q) - point.q
    assert abs(th.enclose(1 + excess, 20) - 1) < 1e-18
    assert abs(th.enclose(perpendicular_susceptibility(net, point.q), 20) - 1) < 1e-18
    off = net.with_(C_W=point.C_W * Rational(101, 100))
    assert abs(th.enclose(perpendicular_susceptibility(off, point.q), 20) - 1) > 1e-3


def test_the_edge_of_the_rectifier_is_a_point():
    curve = edge_of_chaos(th.activation("relu"))
    assert curve.is_point
    assert (curve.C_W(q), curve.C_b(3)) == (2, 0)
    assert curve.range == ((0, oo),)
    assert edge_of_chaos(th.activation("relu"), 3).stability == "marginal"


def test_range_where_the_bias_variance_is_not_negative():
    curve = edge_of_chaos(th.activation("gaussian"))
    assert curve.range == ((1 + sqrt(2), oo),)
    with pytest.raises(th.DomainError, match="negative"):
        curve.point(2)
    assert floats(curve.point(Rational(5, 2)).C_b)[0] > 0
    rows = curve.sample(4)
    assert len(rows) == 4
    assert all(row[0] > 2.414 and row[2] > 0 for row in rows)


def test_latex_and_bad_input():
    curve = edge_of_chaos(th.activation("erf"))
    assert curve.latex().startswith("C_W(q) =")
    assert curve._repr_latex_().startswith("$")
    with pytest.raises(th.UnsupportedError, match="jumps"):
        edge_of_chaos(th.activation("step")).C_W(1)
    with pytest.raises(th.DomainError, match="positive"):
        curve.C_W(-1)
    with pytest.raises(th.DomainError, match="positive"):
        curve.point(0)
    with pytest.raises(th.DomainError, match="samples"):
        curve.sample(0)
    with pytest.raises(th.DomainError, match="constant"):
        edge_of_chaos(th.Activation(Rational(1) + 0 * x, x))
    with pytest.raises(th.DomainError, match="Activation"):
        edge_of_chaos("tanh")


@pytest.mark.parametrize(("m", "slope", "weight"), [(Rational(1, 2), 0.302, 11.39), (1, 0.612, 7.74), (2, 0.947, 6.72)])
def test_clipping_cures_sparsity_inducing_units(m, slope, weight):
    tau = Rational("1.0364333894937898")
    open_unit = edge_of_chaos(th.Activation(Max(x - tau, 0), x), 1)
    assert open_unit.stability == "attracting_from_below"
    assert is_zero(open_unit.slope - 1)
    assert floats(open_unit.C_W, open_unit.C_b, open_unit.curvature) == pytest.approx(
        [6.6667, 0.53683, 0.8055], abs=6e-5
    )
    clipped = edge_of_chaos(th.activation("clipped_relu", tau=tau, m=m), 1)
    assert clipped.stability == "attracting"
    assert floats(clipped.slope)[0] == pytest.approx(slope, abs=6e-4)
    assert floats(clipped.C_W)[0] == pytest.approx(weight, abs=6e-3)


def test_curvature_is_the_second_derivative_of_the_variance_map():
    point = edge_of_chaos(th.activation("gelu"), 2)
    p = Symbol("p", positive=True)
    second = variance_map(point.spec(), p).diff(p, 2).subs(p, 2)
    assert abs(th.enclose(second / point.curvature, 20) - 1) < 1e-17
    assert abs(th.enclose(2 * second / point.curvature, 20) - 1) > 0.5


def test_gains_of_named_activations():
    phi = th.activation("gelu")
    assert floats(variance_preserving_gain(phi)) == pytest.approx([1 / 0.42522148257], rel=1e-10)
    assert floats(gradient_preserving_gain(phi, Rational("2.3"))) == pytest.approx([1 / 0.49410681712], rel=1e-10)
    assert floats(forward_backward_ratio(phi)) == pytest.approx([1.0720316], rel=1e-6)
    assert variance_preserving_gain(th.activation("sign"), q) == q
    with pytest.raises(th.DomainError, match="no gain"):
        variance_preserving_gain(th.Activation(0 * x, x))
    with pytest.raises(th.UnsupportedError, match="jumps"):
        gradient_preserving_gain(th.activation("sign"))


def test_balance_of_forward_and_backward_gain():
    s = Symbol("s", positive=True)
    (root,) = balanced_variances(th.Activation(exp(-(x**2) / (2 * s**2)), x)).values
    assert (root - s**2 * (1 + sqrt(2))).expand() == 0
    for name in ("tanh", "sin", "erf"):
        found = balanced_variances(th.activation(name))
        assert not found.values
        assert found.complete
        assert found.signs == (1,)
    assert balanced_variances(th.activation("relu")).vanishes


def test_balance_of_an_unseen_activation_is_isolated():
    phi = th.Activation(cos(x) + x / 3, x)
    found = balanced_variances(phi)
    (root,) = found.values
    ratio = th.enclose(forward_backward_ratio(phi, root), 20)
    assert abs(ratio - 1) < 1e-17
    assert abs(th.enclose(forward_backward_ratio(phi, root + Rational(1, 100)), 20) - 1) > 1e-4
    assert math.isclose(floats(root)[0], float(root), rel_tol=1e-12)


@pytest.mark.parametrize(
    ("expr", "sign"),
    [
        (Max(x - 1, 0), 1),
        (Min(Max(x - 1, 0), Rational(1, 2)), 1),
        (Max(x - Symbol("a", positive=True), 0), 1),
        (Max(x + 1, 0), -1),
        (Abs(x) + 1, -1),
    ],
)
def test_balance_of_piecewise_linear_units_is_decided_by_the_kinks(expr, sign):
    curve = edge_of_chaos(Activation(expr, x))
    assert curve.balance.signs == (sign,)
    assert curve.complete
    values = [curve.C_b(Rational(q)).subs(Symbol("a", positive=True), 1).evalf(20) for q in ("1/20", "1", "40")]
    assert {1 if value > 0 else -1 for value in values} == {sign}


def test_kinks_that_disagree_are_searched():
    balance = edge_of_chaos(Activation(Max(x, 0) - 1, x)).balance
    assert balance.signs == (-1, 1)
    assert abs(balance.values[0].evalf(20) - pi / 2) < 1e-15

"""Leading corrections in the width against exact laws at finite width and drawn networks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Rational, Symbol, limit, oo, series, symbols

import theory as th
from numerics.samplers.direct import DirectSampler
from theory.propagation.finite_width import (
    excess_kurtosis,
    finite_width,
    finite_width_step,
    homogeneous_second_moment,
    homogeneous_vertex,
)
from theory.symbols import C_W, ell, n, q

R = Rational


def net(name="relu", **settings):
    return th.NetworkSpec(th.activation(name), **settings)


@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
@pytest.mark.parametrize("name", ["relu", "identity", "abs", "leaky_relu"])
def test_closed_form_at_every_layer_is_the_recursion(name, weights):
    spec = net(name, C_W=C_W, weights=weights)
    for state in finite_width(spec, 4, q):
        stated = homogeneous_vertex(spec, state.layer, q)
        assert (stated - state.vertex).expand() == 0
        assert (stated + q**2 * C_W ** (2 * state.layer) - state.vertex).expand() != 0


@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
@pytest.mark.parametrize("name", ["relu", "identity", "abs"])
def test_exact_law_at_finite_width_begins_with_the_vertex(name, weights):
    spec = net(name, C_W=2, weights=weights)
    width = Symbol("n", positive=True)
    for layer in (1, 2, 3, 5):
        exact = homogeneous_second_moment(spec, layer, width)
        variance = finite_width(spec, layer)[-1].variance
        assert limit(width * (exact - variance**2), width, oo) == homogeneous_vertex(spec, layer)


def test_known_values():
    assert homogeneous_vertex(net(C_W=2), ell) == 5 * ell - 5
    assert homogeneous_vertex(net(C_W=2, weights="orthogonal"), ell) == 3 * ell - 5
    assert homogeneous_vertex(net("identity", C_W=1, weights="orthogonal"), ell) == -2
    assert homogeneous_second_moment(net("identity", C_W=1), 4, 10) == R(12, 10) ** 3
    linear = homogeneous_second_moment(net("identity", C_W=1, weights="orthogonal"), ell, n)
    assert linear.subs({ell: 7, n: 10}) == R(10, 12)


def test_tanh_recursion_reproduces_the_landmarks():
    """V/K^2 of tanh at criticality from variance 1, with Gaussian and orthogonal weights."""
    x = Symbol("x", real=True)
    phi = th.activation("tanh")
    assert phi.variable == x
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    weights = weights / math.sqrt(2 * math.pi)
    for law, stated in (("gaussian", 0.627), ("orthogonal", -1.798)):
        state = finite_width(net("tanh", C_W=1, weights=law), 2)[1]
        value = th.enclose(state.vertex / state.variance**2, 8)
        assert abs(float(value) - stated) < 1e-3
        f = np.tanh(nodes)
        second, fourth = np.sum(weights * f**2), np.sum(weights * f**4)
        chi = np.sum(weights * f**2 * (nodes**2 - 1)) / 2
        first = 0 if law == "gaussian" else -2
        own = fourth - second**2 + chi**2 * first + (0 if law == "gaussian" else -2 * second**2)
        assert abs(own / second**2 - float(value)) < 1e-6


def _drawn(spec, width, depth, count, seed):
    """Per replica: mean of z^2, and the estimate of E z_i^2 z_j^2 over distinct neurons."""
    inputs = np.array([[1.2, -0.4, 0.8]])
    record = DirectSampler(spec, width, depth, inputs, seed=seed).run(0, count)
    square = record["before"][:, -1, 0, 0]
    fourth = record["fourth"][:, -1, 0]
    products = (width * square**2 - fourth) / (width - 1)
    start = R(float(spec.C_W * np.sum(inputs**2) / 3 + float(spec.C_b)))
    return square, products, fourth, start


@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
@pytest.mark.parametrize("name", ["relu", "identity"])
def test_exact_second_moment_of_drawn_networks(name, weights):
    width, depth = 12, 3
    spec = net(name, C_W=R(3, 2), weights=weights)
    _, products, fourth, start = _drawn(spec, width, depth, 5000, 7)
    exact = float(homogeneous_second_moment(spec, depth, width, start))
    for values, stated in ((products, exact), (fourth, 3 * exact)):
        error = values.std() / math.sqrt(len(values))
        assert abs(values.mean() - stated) < 4 * error
    other = spec.with_(weights="orthogonal" if weights == "gaussian" else "gaussian")
    wrong = float(homogeneous_second_moment(other, depth, width, start))
    assert abs(products.mean() - wrong) > 4 * products.std() / math.sqrt(len(products))


@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
def test_vertex_and_shift_of_drawn_networks(weights):
    """The difference is of order 1/n: an envelope of 2/n relative to the scale of the coefficient."""
    width, depth, count = 16, 3, 6000
    spec = net("sin", C_W=R(3, 2), C_b=R(1, 10), weights=weights)
    square, products, fourth, start = _drawn(spec, width, depth, count, 3)
    state = finite_width(spec, depth, start)[-1]
    K, V, G = (float(th.enclose(v, 12)) for v in state[1:])
    shift_error = width * square.std() / math.sqrt(count)
    measured = width * (square.mean() - K)
    assert abs(measured - G) < 4 * shift_error + 2 / width * abs(K)
    mean = square.mean()
    influence = products - 2 * mean * square
    vertex_error = width * influence.std() / math.sqrt(count)
    vertex = width * (products.mean() - mean**2)
    assert abs(vertex - V) < 4 * vertex_error + 4 / width * K**2
    other = spec.with_(weights="orthogonal" if weights == "gaussian" else "gaussian")
    wrong = float(th.enclose(finite_width(other, depth, start)[-1].vertex, 12))
    assert abs(vertex - wrong) > 4 * vertex_error + 4 / width * K**2
    kurtosis = width * (fourth.mean() / mean**2 - 3)
    slack = 3 * (4 * vertex_error / K**2 + 4 / width) + 4 * width * fourth.std() / math.sqrt(count) / K**2
    assert abs(kurtosis - float(th.enclose(excess_kurtosis(state), 12))) < slack


def test_universal_growth_at_vanishing_variance():
    """Odd activations at criticality: V/(n K^2) grows like (2/3) l, or stays near -2 for orthogonal weights."""
    step = finite_width_step(net("sin", C_W=1), finite_width(net("sin", C_W=1), 1, q)[0])
    small = Symbol("K", positive=True)
    assert series(step.vertex.subs(q, small), small, 0, 3).removeO() == 2 * small**2
    a1 = symbols("a1")
    assert series(step.variance.subs(q, small), small, 0, 3).removeO() == small + a1.subs(a1, -1) * small**2


def test_refused():
    with pytest.raises(th.UnsupportedError, match="Gaussian or orthogonal"):
        finite_width(net(weights="rademacher"), 2)
    with pytest.raises(th.UnsupportedError, match="skip"):
        finite_width(net(skip=th.Skip("projection", R(1, 2))), 2)
    with pytest.raises(th.DomainError, match="half-lines"):
        homogeneous_vertex(net("erf"), ell)
    with pytest.raises(th.DomainError, match="no bias"):
        homogeneous_vertex(net(C_b=1), ell)
    with pytest.raises(th.DomainError, match="positive"):
        finite_width(net(), 2, 0)
    with pytest.raises(th.DomainError, match="depth"):
        finite_width(net(), 0)
    with pytest.raises(th.DomainError, match="width"):
        homogeneous_second_moment(net(), 2, R(1, 2))

"""Layers carried forward: exact against certified, against independent quadrature, and what is refused."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from flint import arb
from sympy import Piecewise, Rational, Symbol, exp, sqrt, tanh

import theory as th
from numerics.samplers.direct import DirectSampler
from theory import normal_form
from theory.balls import workprec
from theory.propagation.iteration import gradient_moments, iterate
from theory.propagation.maps import covariance_map, variance_map
from theory.symbols import q1, q2, rho

R = Rational
FIELDS = ("q1", "q2", "q12", "ntk1", "ntk2", "ntk12", "gain1", "gain12")


def net(name="relu", **settings):
    return th.NetworkSpec(th.activation(name), **settings)


def test_symbolic_state_is_the_map():
    spec = net("erf", C_W=2, C_b=R(1, 3))
    second = iterate(spec, 2, q1, q2, rho)[1]
    stated = covariance_map(spec, q1, q2, rho * sqrt(q1) * sqrt(q2))
    at = {q1: 2, q2: R(1, 3), rho: R(1, 5)}
    for mine, theirs in zip((second.q1, second.q2, second.q12), stated, strict=True):
        assert normal_form.is_zero(mine - theirs, at)
        assert not normal_form.is_zero(mine - theirs - R(1, 1000), at)


@pytest.mark.parametrize("name", ["relu", "erf", "gelu", "sin"])
def test_balls_enclose_the_exact_state(name):
    spec = net(name, C_W=R(3, 2), C_b=R(1, 10))
    start = (1, 2, R(3, 10))
    exact, balls = (iterate(spec, 2, *start, digits=d)[-1] for d in (None, 15))
    for field in FIELDS:
        value = th.enclose(getattr(exact, field), 20)
        assert getattr(balls, field).overlaps(value), field
        assert not getattr(balls, field).overlaps(value * (1 + arb("1e-12")))


def test_activation_without_closed_form_against_quadrature():
    spec = net("tanh", C_W=R(3, 2), C_b=R(1, 10))
    state = iterate(spec, 2, 1, 2, R(3, 10), digits=12)[-1]
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / math.sqrt(2 * math.pi)
    a, b, c = 1.0, 2.0, 0.3 * math.sqrt(2)
    theta = c
    for _ in range(1):
        u = np.sqrt(a) * nodes[:, None]
        v = c / np.sqrt(a) * nodes[:, None] + np.sqrt(b - c * c / a) * nodes[None, :]
        w = weights[:, None] * weights[None, :]
        slope = 1.5 * np.sum(w / np.cosh(u) ** 2 / np.cosh(v) ** 2)
        a, b, c = (1.5 * np.sum(w * f) + 0.1 for f in (np.tanh(u) ** 2, np.tanh(v) ** 2, np.tanh(u) * np.tanh(v)))
        theta = c + slope * theta
    for mine, theirs in zip((state.q1, state.q2, state.q12, state.ntk12), (a, b, c, theta), strict=True):
        assert abs(float(mine) / theirs - 1) < 1e-7
        assert float(mine.rad()) <= 1e-12 * abs(float(mine.mid()))


def test_digits_are_reached_at_depth():
    state = iterate(net("relu", C_W=2), 100, rho=R(-1, 2), digits=40)[-1]
    with mpmath.workdps(130):
        r, theta = mpmath.mpf(-1) / 2, mpmath.mpf(-1) / 2
        for _ in range(99):
            angle = mpmath.acos(r)
            theta = theta * (1 - angle / mpmath.pi)
            r = (mpmath.sqrt(1 - r * r) + r * (mpmath.pi - angle)) / mpmath.pi
            theta += r
        wrong = theta * (1 + mpmath.mpf(10) ** -37)
        with workprec(400):
            assert state.q12.overlaps(arb(mpmath.nstr(r, 120)))
            assert state.ntk12.overlaps(arb(mpmath.nstr(theta, 120)))
            assert not state.ntk12.overlaps(arb(mpmath.nstr(wrong, 120)))


@pytest.mark.parametrize(("name", "sign"), [("relu", 1), ("relu", -1), ("hard_tanh", 1), ("elu", -1)])
def test_parallel_inputs_of_different_length(name, sign):
    spec = net(name, C_W=2)
    exact, balls = (iterate(spec, 2, 1, 2, sign, digits=d)[-1] for d in (None, 15))
    assert balls.q12.overlaps(th.enclose(exact.q12, 20))
    assert balls.ntk12.overlaps(th.enclose(exact.ntk12, 20))
    if name == "relu" and sign == 1:
        deep = iterate(spec, 20, 1, 2, 1, digits=15)[-1]
        assert deep.q12.overlaps(arb(2).sqrt())


def test_equal_inputs_are_one_input():
    state = iterate(net("gelu", C_W=2, C_b=R(1, 5)), 5, 1, 1, 1, digits=20)[-1]
    assert state.q12.overlaps(state.q1)
    assert state.ntk12.overlaps(state.ntk1)
    apart = iterate(net("gelu", C_W=2, C_b=R(1, 5)), 5, 1, 1, R(99, 100), digits=20)[-1]
    assert not apart.q12.overlaps(apart.q1)


def test_zero_input():
    states = iterate(net("relu", C_W=2), 3, 1, 0, digits=10)
    assert [float(s.q2) for s in states] == [0, 0, 0]
    assert [float(s.ntk12) for s in states] == [0, 0, 0]
    cosine = iterate(net("cos", C_W=1), 2, 1, 0, digits=15)[-1]
    assert cosine.q12.overlaps(th.enclose(exp(R(-1, 2)), 20))
    assert float(cosine.q2) == 1


def test_identity_skip_carries_the_mean():
    r = R(3, 5)
    spec = net(C_W=2, skip=th.Skip("identity", r))
    balls = iterate(spec, 3, rho=R(3, 10), digits=15)
    s, c0 = 0.8, 1 / math.sqrt(2 * math.pi)

    def dual(t):
        return (math.sqrt(1 - t * t) + t * (math.pi - math.acos(t))) / (2 * math.pi)

    g, c, m = 0.5, dual(0.3), c0
    q, cov = 2 * g, 2 * c
    g, c, m = (
        s * s * q / 2 + r * r * g + 2 * s * r * c0 * math.sqrt(q) * m,
        s * s * q * dual(cov / q) + r * r * c + 2 * s * r * c0 * math.sqrt(q) * m,
        s * c0 * math.sqrt(q) + r * m,
    )
    assert math.isclose(balls[2].q1, 2 * g, rel_tol=1e-14)
    assert math.isclose(balls[2].q12, 2 * c, rel_tol=1e-14)
    assert math.isclose(balls[1].mean1, m, rel_tol=1e-14)
    projected = iterate(net(C_W=2, skip=th.Skip("projection", r)), 3, rho=R(3, 10), digits=15)[2]
    assert abs(float(projected.q1 - balls[2].q1)) > 0.1


def test_identity_skip_against_drawn_networks():
    spec = net("gelu", C_W=2, C_b=R(1, 10), skip=th.Skip("identity", R(1, 2)))
    inputs = np.array([[2.0, 0.0], [0.6, 1.0]])
    start = 2 * inputs @ inputs.T / 2 + 0.1
    correlation = R(start[0, 1] / math.sqrt(start[0, 0] * start[1, 1]))
    state = iterate(spec, 4, R(start[0, 0]), R(start[1, 1]), correlation, digits=10)[3]
    drawn = DirectSampler(spec, 256, 4, inputs, seed=3).run(0, 150)["before"][:, 3]
    mean, error = drawn.mean(axis=0), drawn.std(axis=0) / math.sqrt(len(drawn))
    envelope = 3.0 / 256
    assert abs(mean[0, 1] - float(state.q12)) < 4 * error[0, 1] + envelope
    assert abs(mean[0, 0] - float(state.q1)) < 4 * error[0, 0] + envelope
    forgetful = iterate(spec.with_(skip=th.Skip("projection", R(1, 2))), 4, R(start[0, 0]), digits=10)[3]
    assert abs(mean[0, 0] - float(forgetful.q1)) > 4 * error[0, 0] + envelope


@pytest.mark.parametrize("rule", [th.Normalization("rms"), th.Normalization("layer", "after")])
def test_normalisation_fixes_the_variance(rule):
    spec = net("gelu", C_W=2, C_b=R(1, 4), normalization=rule)
    states = iterate(spec, 3, 3, 5, R(1, 5), digits=15)
    assert states[1].q1.overlaps(states[1].q2)
    assert states[2].q1.overlaps(th.enclose(variance_map(spec, 7), 20))
    exact = iterate(spec, 2, 3, 5, R(1, 5))[1]
    assert states[1].q12.overlaps(th.enclose(exact.q12, 20))
    assert states[1].ntk12.overlaps(th.enclose(exact.ntk12, 20))


def test_gradient_moments_multiply():
    states = iterate(net("erf", C_W=2, C_b=R(1, 10)), 4, 2)
    moments = gradient_moments(net("erf", C_W=2, C_b=R(1, 10)), 4, 2)
    assert moments[-1] == 1
    assert moments[0] == states[0].gain1 * states[1].gain1 * states[2].gain1
    balls = gradient_moments(net("erf", C_W=2, C_b=R(1, 10)), 4, 2, digits=15)
    assert balls[0].overlaps(th.enclose(moments[0], 20))
    assert not balls[0].overlaps(th.enclose(moments[1], 20))
    with pytest.raises(th.UnsupportedError, match="jumps"):
        gradient_moments(net("step"), 3)


def test_divergent_variance_names_the_layer():
    x = Symbol("x", real=True)
    spec = th.NetworkSpec(th.Activation(exp(x**2 / 8), x), C_W=1)
    assert iterate(spec, 2, digits=10)[1].q1.overlaps(arb(2).sqrt())
    with pytest.raises(th.DivergenceError, match="layer 4"):
        iterate(spec, 5, digits=10)


def test_exact_towers_of_exponentials_name_the_layer_before_they_are_evaluated():
    x = Symbol("x", real=True)
    spec = th.NetworkSpec(th.Activation(exp(x), x), C_W=2)
    assert iterate(spec, 3)[2].q1 == 2 * exp(4 * exp(2))
    with pytest.raises(th.DivergenceError, match="layer 4"):
        iterate(spec, 9)


def test_wide_balls_of_a_closed_form_call_for_more_digits():
    x = Symbol("x", real=True)
    slopes = Piecewise(
        (-R(3, 2), x < -2), (x + R(1, 2), x < -R(1, 2)), (0, x < R(1, 2)), (x - R(1, 2), x < 2), (R(3, 2), True)
    )
    spec = th.NetworkSpec(th.Activation(slopes, x), C_W=R(5, 2), C_b=R(1, 2))
    few, more = (iterate(spec, 9, digits=digits)[-1] for digits in (1, 12))
    assert few.rho.overlaps(more.rho)
    assert few.ntk12.overlaps(more.ntk12)


def test_no_kernel_for_jumps_and_other_parameterisations():
    state = iterate(net("step", C_W=2), 2, rho=R(1, 2), digits=10)[1]
    assert state.ntk1 is None
    assert state.ntk12 is None
    assert state.q12.overlaps(arb(2) / 3)
    assert iterate(net("relu", parameterization="standard"), 2)[0].ntk1 is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 0}, "integer, at least 1"),
        ({"depth": True}, "integer, at least 1"),
        ({"depth": 2, "q1": -1}, "not negative"),
        ({"depth": 2, "rho": 2}, "correlation"),
        ({"depth": 2, "digits": 0}, "digits"),
        ({"depth": 2, "q1": q1, "digits": 5}, "values for q1"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(th.DomainError, match=message):
        iterate(net(), **arguments)


def test_chaotic_network_loses_digits_and_finds_them_again():
    spec = net("erf", C_W=25)
    state = iterate(spec, 60, rho=R(99, 100), digits=20)[-1]
    with mpmath.workdps(120):
        q, c = mpmath.mpf(1), mpmath.mpf(99) / 100
        for _ in range(59):
            q, c = (50 / mpmath.pi * mpmath.asin(2 * v / (1 + 2 * q)) for v in (q, c))
        with workprec(300):
            assert state.q12.overlaps(arb(mpmath.nstr(c, 90)))


def test_refused_networks():
    with pytest.raises(th.UnsupportedError, match="batch"):
        iterate(net(normalization="batch"), 2)
    with pytest.raises(th.UnsupportedError, match="correlation"):
        iterate(net(weights="row_correlated(1/2)"), 2)
    with pytest.raises(th.DomainError, match="positive variance"):
        iterate(net(normalization="rms"), 2, 0, digits=5)


def test_unseen_activation():
    x = Symbol("x", real=True)
    spec = th.NetworkSpec(th.Activation(x * tanh(x) / 2 + x / 3, x), C_W=1, C_b=R(1, 2))
    state = iterate(spec, 2, digits=10)[1]
    value = th.enclose(th.Activation(x * tanh(x) / 2 + x / 3, x).moment(2), 20)
    assert state.q1.overlaps(value + arb(1) / 2)

"""Tangent kernels of a layer against their definition, drawn networks and the iteration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Rational, Symbol, pi, sqrt

import theory as th
from numerics.samplers.direct import DirectSampler
from theory import normal_form
from theory.propagation.iteration import gradient_moments, iterate
from theory.propagation.tangent_kernel import block_slope, first_tangent_kernel, ntk_map
from theory.symbols import C_W, C_b, q, q1, q2, rho

R = Rational


def net(name="relu", **settings):
    return th.NetworkSpec(th.activation(name), **settings)


def test_rectifier():
    theta = Symbol("Theta")
    assert ntk_map(net(C_W=2), theta, 1, q) == theta + q
    cross = ntk_map(net(C_W=2), theta, 0, 1)
    assert normal_form.is_zero(cross - (1 / pi + theta / 2), {theta: 3})
    assert not normal_form.is_zero(cross - (1 / pi + theta), {theta: 3})
    assert first_tangent_kernel(net(), q) == q


@pytest.mark.parametrize("name", ["erf", "sin"])
def test_map_is_the_iteration(name):
    spec = net(name, C_W=C_W, C_b=C_b)
    first, second = iterate(spec, 2, q1, q2, rho)
    mapped = ntk_map(spec, first.ntk12, rho, q1, q2)
    at = {q1: 2, q2: R(1, 3), rho: R(1, 5), C_W: R(3, 2), C_b: R(1, 7)}
    assert normal_form.is_zero(mapped - second.ntk12, at)
    assert not normal_form.is_zero(mapped - second.ntk12 - first.ntk12 / 100, at)


def test_map_with_a_skip_is_the_iteration():
    for kind in ("projection", "identity"):
        spec = net("erf", C_W=2, C_b=R(1, 5), skip=th.Skip(kind, R(3, 5)))
        # Layer 1 has no skip: the map starts at layer 2.
        states = iterate(spec, 3, 2, R(1, 2), R(1, 3), digits=20)
        at = [th.enclose(v, 25) for v in (R(1), R(1))]
        assert at[0] == at[1]
        second, third = states[1], states[2]
        slope = block_slope(spec, rho, q1, q2)
        values = {rho: _number(second.rho), q1: _number(second.q1), q2: _number(second.q2)}
        inner = float(slope.subs(values)) * 2 * 0.64 * float(second.ntk12)
        stated = float(third.q12) + inner + 0.36 * float(second.ntk12 - second.q12)
        assert math.isclose(stated, third.ntk12, rel_tol=1e-12)
        assert not math.isclose(stated - 0.36 * float(second.q12), third.ntk12, rel_tol=1e-3)
        mapped = ntk_map(spec, Symbol("T"), rho, q1, q2).subs(values | {Symbol("T"): _number(second.ntk12)})
        assert math.isclose(float(mapped), third.ntk12, rel_tol=1e-12)


def _number(ball):
    return R(ball.mid().str(30, radius=False))


def _drawn(spec, width, depth, inputs, count, seed):
    """Tangent kernels of drawn networks: sum over the layers of S^l delta^l delta^l, exact for each draw."""
    sampler = DirectSampler(spec, width, depth, inputs, seed=seed, gradients=True)
    record = sampler.run(0, count)
    first = inputs @ inputs.T / inputs.shape[1]
    grams = np.concatenate([np.broadcast_to(first, (count, 1, *first.shape)), record["after"][:, :-1]], axis=1)
    return np.sum((float(spec.C_W) * grams + float(spec.C_b)) * record["delta"], axis=1)


INPUTS = np.array([[1.5, 0.5], [-0.5, 1.0]])


def _start(spec):
    s = float(spec.C_W) * INPUTS @ INPUTS.T / 2 + float(spec.C_b)
    return R(s[0, 0]), R(s[1, 1]), R(s[0, 1]) / sqrt(R(s[0, 0]) * R(s[1, 1]))


def test_mean_of_piecewise_linear_networks_has_no_finite_width_correction_on_the_diagonal():
    """Without bias E Theta_aa at width 6 is that of infinite width: signs are independent of sizes."""
    spec = net("leaky_relu", C_W=R(3, 2))
    drawn = _drawn(spec, 6, 4, INPUTS, 6000, 5)[:, 0, 0]
    error = drawn.std() / math.sqrt(len(drawn))
    exact = float(iterate(spec, 4, *_start(spec), digits=12)[-1].ntk1)
    assert abs(drawn.mean() - exact) < 4 * error
    assert abs(drawn.mean() - exact * 1.1) > 4 * error


@pytest.mark.parametrize(
    "settings",
    [
        {"C_W": 2, "C_b": R(1, 5)},
        {"C_W": 2, "skip": th.Skip("identity", R(1, 2))},
        {"C_W": 2, "skip": th.Skip("projection", R(1, 2))},
        {"C_W": 2, "C_b": R(1, 5), "normalization": th.Normalization("rms", "after")},
        {"C_W": 2, "C_b": R(1, 5), "normalization": th.Normalization("layer", "after")},
        {"C_W": 2, "C_b": R(1, 5), "normalization": "rms"},
    ],
    ids=["plain", "identity", "projection", "rms after", "layer after", "rms before"],
)
def test_wide_drawn_networks(settings):
    spec = net("gelu", **settings)
    width = 200
    state = iterate(spec, 4, *_start(spec), digits=10)[-1]
    drawn = _drawn(spec, width, 4, INPUTS, 60, 11)
    mean, error = drawn.mean(axis=0), drawn.std(axis=0) / math.sqrt(len(drawn))
    envelope = 4 / width
    for place, value in (((0, 0), state.ntk1), ((0, 1), state.ntk12)):
        slack = 4 * error[place] + envelope * abs(float(state.ntk1))
        assert abs(mean[place] - float(value)) < slack
        assert abs(mean[place] - float(value) - 0.5 * float(state.ntk1)) > slack


def test_gradient_moments_of_drawn_networks():
    spec = net("gelu", C_W=2, C_b=R(1, 5), skip=th.Skip("projection", R(1, 2)))
    record = DirectSampler(spec, 150, 4, INPUTS[:1], seed=2, gradients=True).run(0, 100)["delta"][:, :, 0, 0]
    mean, error = record.mean(axis=0), record.std(axis=0) / 10
    moments = [float(m) for m in gradient_moments(spec, 4, _start(spec)[0], digits=10)]
    assert all(abs(mean - moments) < 4 * error + 4 / 150)
    assert abs(mean[0] - moments[1]) > 4 * error[0] + 4 / 150


def test_slope_of_a_normalised_block():
    before = net("erf", normalization="rms")
    assert normal_form.is_zero(
        block_slope(before, rho, q1, q2) * sqrt(q1) * sqrt(q2) - th.activation("erf").dual_derivative(rho),
        {rho: R(1, 3), q1: 2, q2: 3},
    )
    after = net("relu", normalization=th.Normalization("rms", "after"))
    assert block_slope(after, 1, q, q) == 1 / q


def test_refused():
    with pytest.raises(th.UnsupportedError, match="parameterization"):
        ntk_map(net(parameterization="mup"), 1, rho)
    with pytest.raises(th.TheoryError):
        ntk_map(net("step"), 1, 1)
    with pytest.raises(th.UnsupportedError, match="batch"):
        ntk_map(net(normalization="batch"), 1, rho)
    with pytest.raises(th.UnsupportedError, match="mean"):
        ntk_map(net("relu", skip=th.Skip("identity", R(1, 2))), 1, rho)

"""Maps of a layer at infinite width against their definitions, and what has no map."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, Symbol, asin, pi, sqrt

import theory as th
from theory import normal_form
from theory.activations import Activation, activation
from theory.errors import DomainError, UnsupportedError
from theory.network import NetworkSpec
from theory.propagation.maps import (
    block_dual,
    correlation_map,
    correlation_slope,
    covariance_map,
    parallel_susceptibility,
    perpendicular_susceptibility,
    variance_map,
)
from theory.symbols import C_W, C_b, q, q1, q2, q12, rho, x

HALF = Rational(1, 2)
POINT = {q: Rational(3, 2), q1: 2, q2: Rational(1, 3), q12: Rational(1, 5), rho: Rational(1, 3), C_W: 2, C_b: HALF}


def is_zero(difference):
    return normal_form.is_zero(difference, {s: v for s, v in POINT.items() if s in difference.free_symbols})


def net(name="relu", **settings):
    return th.NetworkSpec(th.activation(name), **settings)


def test_variance_map_of_a_plain_network():
    assert variance_map(net(C_W=2), q) == q
    stated = C_W * 2 / pi * asin(2 * q / (1 + 2 * q)) + C_b
    assert is_zero(variance_map(net("erf", C_W=C_W, C_b=C_b), q) - stated)


def test_correlation_map_is_one_at_one():
    for name in ("relu", "erf", "gelu", "step"):
        plain = net(name, C_W=2, C_b=HALF)
        assert is_zero(correlation_map(plain, 1, q) - 1)
        assert not is_zero(correlation_map(plain, HALF, q) - 1)


def test_normalisation_after_the_activation():
    rho0 = Rational(1, 3)
    rms = net(normalization=th.Normalization("rms", "after"))
    layer = net(normalization=th.Normalization("layer", "after"))
    kappa = th.activation("relu").kernel_map(rho0)
    centred = th.activation("relu").centered_kernel_map(rho0)
    assert is_zero(correlation_map(rms, rho0) - kappa)
    assert is_zero(correlation_map(layer, rho0) - centred)
    assert not is_zero(correlation_map(layer, rho0) - kappa)
    assert variance_map(layer, q) == 1


def test_normalisation_before_the_activation_forgets_the_variance():
    spec = net("gelu", C_W=2, C_b=HALF, normalization="layer")
    assert not variance_map(spec, q).free_symbols
    assert block_dual(spec, rho, q1, q2) == th.activation("gelu").dual(rho)


def test_projection_skip_mixes_the_map_with_the_identity():
    r = Rational(3, 5)
    spec = net(C_W=2, skip=th.Skip("projection", r))
    kappa = th.activation("relu").kernel_map(rho)
    assert is_zero(correlation_map(spec, rho, 1) - ((1 - r**2) * kappa + r**2 * rho))
    assert not is_zero(correlation_map(spec, rho, 1) - ((1 - r) * kappa + r * rho))


def test_identity_skip_needs_a_centred_block():
    with pytest.raises(th.UnsupportedError, match="mean"):
        correlation_map(net(C_W=2, skip=th.Skip("identity", HALF)), rho, 1)
    assert correlation_map(net("erf", skip=th.Skip("identity", HALF)), rho, 1).free_symbols == {rho}


@pytest.mark.parametrize("name", ["erf", "gelu", "relu", "sin"])
def test_slopes_are_derivatives_of_the_maps(name):
    spec = net(name, C_W=C_W, C_b=C_b)
    at = {q: Rational(3, 2), C_W: Rational(5, 4), C_b: Rational(1, 7)}
    dummy = Symbol("c", real=True)
    near = th.enclose(correlation_map(spec, dummy, q).diff(dummy).subs(dummy, 1 - Rational(1, 10**12)).subs(at), 20)
    slope = th.enclose(correlation_slope(spec, q).subs(at), 20)
    assert abs(near - slope) < 1e-4
    assert abs(near - 1.01 * slope) > 1e-3
    derivative = variance_map(spec, q).diff(q).subs(at)
    assert th.enclose(parallel_susceptibility(spec, q).subs(at), 20).overlaps(th.enclose(derivative, 20))


def test_perpendicular_susceptibility_of_the_rectifier_is_half_the_weight_variance():
    assert perpendicular_susceptibility(net(C_W=C_W), q) == C_W / 2


def test_covariance_map_of_two_variances():
    first, second, cross = covariance_map(net("erf", C_W=C_W), q1, q2, q12)
    assert is_zero(cross - 2 * C_W / pi * asin(2 * q12 / sqrt((1 + 2 * q1) * (1 + 2 * q2))))
    assert first.free_symbols == {C_W, q1}
    assert second.free_symbols == {C_W, q2}


@pytest.mark.parametrize(
    "call",
    [
        lambda: th.NetworkSpec(th.activation("tanh"), C_W=0).correlation_map(rho, 1),
        lambda: correlation_slope(th.NetworkSpec(th.activation("tanh"), C_W=0), 1),
        lambda: perpendicular_susceptibility(th.NetworkSpec(th.activation("tanh"), normalization="layer"), 0),
    ],
)
def test_what_would_divide_by_a_variance_zero(call):
    with pytest.raises(th.DomainError, match=r"variance 0|positive variance"):
        call()


def test_what_has_no_map():
    with pytest.raises(th.UnsupportedError, match="batch"):
        variance_map(net(normalization="batch"), q)
    with pytest.raises(th.DomainError, match="give q="):
        correlation_map(net("gelu", C_W=2), rho)
    assert correlation_map(net(C_W=3), rho).free_symbols == {rho}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: variance_map(NetworkSpec(activation("relu"), weights="row_correlated(1/2)"), q),
            UnsupportedError,
            "row",
        ),
        (
            lambda: perpendicular_susceptibility(
                NetworkSpec(activation("relu"), weights="block_correlated(2, 1/2)"), 1
            ),
            UnsupportedError,
            "block",
        ),
        (
            lambda: variance_map(NetworkSpec(Activation(Integer(0), x), normalization="rms after"), 1),
            DomainError,
            "vanishes",
        ),
        (
            lambda: correlation_map(NetworkSpec(Activation(Integer(2), x), normalization="layer after"), rho, 1),
            DomainError,
            "constant",
        ),
        (lambda: correlation_map(NetworkSpec(activation("tanh")), rho, 0), DomainError, "positive variance"),
    ],
)
def test_degenerate_networks_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("name", ["tanh", "gelu", "softplus", "leaky_relu"])
def test_slope_at_variance_zero_is_the_limit(name):
    net = NetworkSpec(activation(name), C_W=Rational(3, 2))
    slope, step = parallel_susceptibility(net, 0), Rational(1, 10**10)
    quotient = (net.variance_map(step) - net.variance_map(0)) / step
    assert abs((quotient - slope).evalf(20)) < 1e-8
    assert abs((quotient - 2 * slope).evalf(20)) > 1e-2

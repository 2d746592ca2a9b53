"""The direct sampler: laws of the weights, derivatives against differences, exact moments, bad networks."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose

import theory as th
from numerics.samplers.direct import DirectSampler
from numerics.samplers.jacobian import jacobian, largest_singular_value, singular_values
from numerics.samplers.normalizers import normalize
from numerics.samplers.weight_draws import draw_weights

INPUTS = np.random.default_rng(7).standard_normal((3, 4))
LAWS = ["gaussian", "rademacher", "uniform", "student(9)", "sparse(1/3)", "orthogonal", "row_correlated(1/2)"]
LAWS += ["block_correlated(2, 1/2)"]
NORMALIZATIONS = [
    None,
    *(th.Normalization(kind, place) for kind in ("rms", "layer", "batch") for place in ("before", "after")),
    *(th.Normalization(kind, centered=False) for kind in ("layer", "batch")),
]
SKIPS = [None, th.Skip("identity", 0.5), th.Skip("projection", 0.5)]


def moments(law: str, shape: tuple[int, int], draws: int = 4000) -> np.ndarray:
    generator = np.random.default_rng(1)
    return np.stack([draw_weights(th.Weights.read(law), *shape, 3.0, generator) for _ in range(draws)])


def off(values: np.ndarray, expected: float) -> float:
    """Deviation of a mean in standard errors, the mean taken over independent draws (axis 0)."""
    values = values.reshape(len(values), -1).mean(axis=1)
    return abs(values.mean() - expected) / (values.std() / np.sqrt(len(values)) + 1e-300)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (5, 5)], ids=str)
def test_weights_have_mean_zero_and_variance_over_fan_in(law, shape):
    draws = moments(law, shape)
    assert draws.shape[1:] == shape
    assert off(draws, 0) < 5
    squares = (draws**2).mean(axis=(1, 2))
    if squares.std() > 1e-9:
        assert off(draws**2, 3 / shape[1]) < 5
        assert off(draws**2, 1.05 * 3 / shape[1]) > 5, "the check must see five per cent"
    else:
        assert_allclose(squares, 3 / shape[1])


def test_orthogonal_weights_keep_lengths():
    tall, wide = moments("orthogonal", (6, 4), 1)[0], moments("orthogonal", (4, 6), 1)[0]
    assert_allclose(tall.T @ tall, 3 * 6 / 4 * np.eye(4), atol=1e-12)
    assert_allclose(wide @ wide.T, 3 * np.eye(4), atol=1e-12)


def test_correlations_of_the_structured_laws():
    row, block = moments("row_correlated(-1/2)", (3, 5)), moments("block_correlated(2, 1/4)", (4, 4))
    assert off(row[:, 0, 0] * row[:, 0, 1], -0.5 * 3 / 5) < 5
    assert off(row[:, 0, 0] * row[:, 0, 3], -0.125 * 3 / 5) < 5
    assert off(row[:, 0, 0] * row[:, 1, 0], 0) < 5
    assert off(block[:, 0, 0] * block[:, 1, 1], 0.25 * 3 / 4) < 5
    assert off(block[:, 0, 0] * block[:, 0, 2], 0) < 5
    assert off(block[:, 0, 0] * block[:, 1, 1], 0.35 * 3 / 4) > 5


def test_share_of_zeros_of_sparse_weights():
    zeros = (moments("sparse(1/3)", (4, 6)) == 0).astype(float)
    assert off(zeros, 2 / 3) < 5


@pytest.mark.parametrize("rule", [n for n in NORMALIZATIONS if n], ids=str)
def test_normalization_is_what_it_says(rule):
    h = 3 + np.random.default_rng(2).standard_normal((6, 5))
    axis = 1 if rule.kind == "batch" else 0
    values = normalize(rule, h).values
    assert_allclose((values**2).mean(axis=axis), 1)
    if rule.centered:
        assert_allclose(values.mean(axis=axis), 0, atol=1e-14)
        assert_allclose(normalize(rule, 5 * h + 2).values, values)
    assert_allclose(normalize(rule, 1e200 * h).values, values)


def build(normalization=None, skip=None, **more) -> DirectSampler:
    net = th.NetworkSpec(th.activation("tanh"), C_W=2, C_b=0.25, normalization=normalization, skip=skip)
    return DirectSampler(net, 6, 4, INPUTS, gradients=True, cotangent=[1, -2, 0.5], **more)


def replay(sampler, layers, start, shift):
    """F with `shift` added to the pre-activations of layer `start`, everything else as drawn."""
    x, below = sampler.inputs.T, sampler.inputs.T
    for number, layer in enumerate(layers):
        bias = layer.h - layer.weights @ below
        h = layer.weights @ x + bias + (shift if number == start else 0)
        if number == len(layers) - 1:
            return h[0] @ sampler.cotangent
        rule = sampler.spec.normalization
        before = rule is not None and rule.place == "before"
        value = np.tanh(normalize(rule, h).values if before else h)
        value = normalize(rule, value).values if rule is not None and not before else value
        if layer.strength:
            value = layer.branch * value + layer.strength * (x if layer.projection is None else layer.projection @ x)
        x, below = value, layer.x
    raise AssertionError("a network has a last layer")


@pytest.mark.parametrize("normalization", NORMALIZATIONS, ids=str)
@pytest.mark.parametrize("skip", SKIPS, ids=lambda s: s.kind if s else "none")
def test_gradients_agree_with_differences(normalization, skip):
    sampler = build(normalization, skip)
    layers = sampler.layers(0)
    direction, step = np.random.default_rng(3).standard_normal((6, 3)), 1e-5
    for number, delta in enumerate(sampler._deltas(layers, sampler.cotangent)):
        value = partial(replay, sampler, layers, number)
        difference = (value(step * direction) - value(-step * direction)) / (2 * step)
        assert_allclose((delta * direction).sum(), difference, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("normalization", [n for n in NORMALIZATIONS if n is None or n.kind != "batch"], ids=str)
@pytest.mark.parametrize("skip", SKIPS, ids=lambda s: s.kind if s else "none")
def test_jacobian_agrees_with_the_gradients(normalization, skip):
    sampler = build(normalization, skip)
    layers = sampler.layers(0)
    backward = layers[0].weights.T @ sampler._deltas(layers, sampler.cotangent)[0]
    matrix = jacobian(layers)
    assert_allclose(matrix[0], backward[:, 0] / sampler.cotangent[0])
    values = singular_values(layers)
    assert_allclose(values, np.linalg.svd(matrix, compute_uv=False))
    assert_allclose(largest_singular_value(layers), values[0])
    assert not np.allclose(largest_singular_value(layers), values[1], rtol=1e-3)


def test_record_of_a_linear_network_has_its_exact_moments():
    width, C_W, C_b = 3, 1.5, 0.25
    net = th.NetworkSpec(th.activation("identity"), C_W=C_W, C_b=C_b)
    sampler = DirectSampler(net, width, 2, INPUTS, seed=1, gradients=True)
    record = sampler.run(0, 4000)
    first = C_W * INPUTS @ INPUTS.T / 4 + C_b
    assert off(record["before"][:, 0, 0, 1], first[0, 1]) < 5
    assert off(record["after"][:, 1, 0, 1], C_W * first[0, 1] + C_b) < 5
    assert off(record["after"][:, 1, 0, 1], C_W * first[0, 1]) > 5, "a forgotten bias must be seen"
    assert off(record["fourth"][:, 0, 0], 3 * first[0, 0] ** 2) < 5
    assert off(record["delta"][:, 0, 0, 1], C_W) < 5
    assert_allclose(record["delta"][:, 1], 1)
    assert off(record["mean"][:, 0, 0] ** 2, first[0, 0] / width) < 5


def test_replicas_do_not_depend_on_how_they_are_split():
    sampler = build(th.Normalization("layer"))
    whole, tail = sampler.run(0, 5), sampler.run(3, 2)
    assert all((whole[name][3:] == tail[name]).all() for name in whole)
    assert not (whole["after"][0] == whole["after"][1]).any()


@pytest.mark.parametrize(
    ("change", "arguments"),
    [
        ({}, {"width": 0}),
        ({}, {"depth": 0}),
        ({}, {"inputs": np.full((2, 2), np.nan)}),
        ({}, {"cotangent": [1.0]}),
        ({"normalization": "batch"}, {"inputs": INPUTS[:1]}),
        ({"normalization": "batch"}, {"singular_values": True}),
        ({"normalization": "layer"}, {"width": 1}),
    ],
)
def test_networks_that_cannot_be_drawn(change, arguments):
    net = th.NetworkSpec(th.activation("tanh"), **change)
    settings = {"width": 5, "depth": 2, "inputs": INPUTS} | arguments
    with pytest.raises(th.DomainError):
        DirectSampler(net, **settings)


def test_free_parameters_and_jumps_are_refused():
    from sympy import Symbol

    with pytest.raises(th.DomainError, match="free"):
        DirectSampler(th.NetworkSpec(th.activation("relu"), C_W=Symbol("C", positive=True)), 5, 2, INPUTS)
    with pytest.raises(th.UnsupportedError, match="jump"):
        DirectSampler(th.NetworkSpec(th.activation("step")), 5, 2, INPUTS, gradients=True)

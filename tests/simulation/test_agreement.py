"""The law-exact and the direct sampler have the same joint law of all observables, and damaged networks do not."""

from __future__ import annotations

import numpy as np
import pytest
from sampler_pairs import direct_sample, law_sample, networks

import theory as th
from numerics.samplers.law_exact import refusal
from numerics.two_sample import energy_test

NETWORKS = networks()
WITH_GRADIENTS = [name for name, net in NETWORKS.items() if refusal(net, True) is None]
LEVEL = 1e-4 / (len(NETWORKS) + len(WITH_GRADIENTS))
REPLICAS = 200


@pytest.mark.parametrize("name", NETWORKS)
def test_same_law(name):
    net = NETWORKS[name]
    result = energy_test(law_sample(net, 5, REPLICAS), direct_sample(net, 5, REPLICAS))
    assert result.p_value > LEVEL


@pytest.mark.parametrize("name", WITH_GRADIENTS)
def test_same_law_of_gradients(name):
    net = NETWORKS[name]
    pair = law_sample(net, 5, REPLICAS, gradients=True), direct_sample(net, 5, REPLICAS, gradients=True)
    assert energy_test(*pair).p_value > LEVEL


RELU = th.NetworkSpec(th.activation("relu"), C_W=2, C_b=0.1)
DAMAGED = {
    "weight variance off": (RELU, RELU.with_(C_W=1.6)),
    "missing bias": (RELU, RELU.with_(C_b=0)),
    "batch normalization over the neurons": (
        NETWORKS["gaussian, batch before, centered, no skip"],
        NETWORKS["gaussian, layer before, centered, no skip"],
    ),
    "mean not removed": (
        NETWORKS["gaussian, batch after, centered, no skip"],
        NETWORKS["gaussian, batch after, centered, no skip"].with_(
            normalization=th.Normalization("batch", "after", centered=False)
        ),
    ),
    "no skip": (
        NETWORKS["gaussian, rms after, uncentered, identity skip"],
        NETWORKS["gaussian, rms after, uncentered, no skip"],
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_network_is_told_apart(damage):
    net, other = DAMAGED[damage]
    assert energy_test(law_sample(net, 5, 600), direct_sample(other, 5, 600)).p_value < LEVEL


def test_one_per_cent_of_weight_variance_is_seen_at_large_width():
    """Depth multiplies the error; drawn from the law, many replicas cost little."""
    net, other = RELU.with_(C_b=0), RELU.with_(C_b=0, C_W=2.02)
    first, second, damaged = (law_sample(spec, 500, 1500, seed=seed) for spec, seed in ((net, 1), (net, 3), (other, 3)))
    assert energy_test(first, second).p_value > LEVEL
    assert energy_test(first, damaged).p_value < LEVEL


def test_the_sample_is_not_degenerate():
    sample = law_sample(NETWORKS["gaussian, no normalization, no skip"], 5, 50)
    assert sample.shape[1] == 3 * (6 + 6 + 3 + 3)
    assert (np.std(sample, axis=0) > 0).all()

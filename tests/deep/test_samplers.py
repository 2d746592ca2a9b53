"""Agreement of the two samplers at 10^4 replicas and many widths, family-wise error 1e-4; `make deep`."""

from __future__ import annotations

import pytest
from sampler_pairs import direct_sample, law_sample, networks

from numerics.samplers.law_exact import refusal
from numerics.two_sample import energy_test

pytestmark = [pytest.mark.deep, pytest.mark.timeout(3600)]

NETWORKS = networks()
WIDTHS = [2, 3, 5, 17, 64]
LEVEL = 1e-4 / (len(NETWORKS) * len(WIDTHS))
REPLICAS = 10_000


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NETWORKS)
def test_same_law(name, width):
    net = NETWORKS[name]
    gradients = refusal(net, True) is None
    pair = law_sample(net, width, REPLICAS, gradients), direct_sample(net, width, REPLICAS, gradients)
    assert energy_test(*pair).p_value > LEVEL

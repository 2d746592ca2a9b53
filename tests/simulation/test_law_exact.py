"""The law-exact sampler: its slow twin, exact moments, agreement with drawn weights, damaged networks refuted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import theory as th
from numerics import reference
from numerics.samplers.direct import DirectSampler
from numerics.samplers.generator_memory import generator_memory
from numerics.samplers.law_exact import LawSampler
from numerics.samplers.record import NonFiniteError
from numerics.streams import stream
from theory.errors import DomainError, TheoryError, UnsupportedError

PAIR = np.array([[1.0, 0.4], [0.4, 2.0]])
X = np.random.default_rng(3).standard_normal((3, 4))
RELU, TANH, LINEAR = (th.activation(name) for name in ("relu", "tanh", "identity"))
N = th.Normalization


def agree(slow, fast):
    pairs = [(s, f) for (a, b), f2 in zip(slow, fast, strict=True) for s, f in ((a, f2[0]), (b, f2[1]))]
    return all(np.allclose(s, f, rtol=1e-12, atol=1e-14) for s, f in pairs)


class TestTwin:
    @pytest.mark.parametrize("width", [1, 7, 256, 300])
    @pytest.mark.parametrize("gram", [PAIR, np.ones((3, 3)), np.diag([1.0, 0.0])], ids=["full", "equal", "zero"])
    def test_same_normals_same_numbers(self, width, gram):
        spec = th.NetworkSpec(TANH, C_W=1.7, C_b=0.2)
        run = LawSampler(spec, width, 3, gram=gram, identifier="twin").run(2, 1)
        fast = list(zip(run["before"][0], run["after"][0], strict=True))

        def slow(bias):
            return reference.law_chain(np.tanh, stream("twin", width, 2), gram, width, 3, 1.7, bias)

        assert agree(slow(0.2), fast)
        assert not agree(slow(0.2000001), fast)

    def test_mean_and_fourth_moment(self):
        spec = th.NetworkSpec(RELU, C_W=2)
        run = LawSampler(spec, 300, 1, gram=PAIR, identifier="m").run(0, 1)
        columns = reference.pivoted_factor(PAIR)
        g = stream("m", 300, 0)
        h = columns @ np.concatenate([g.standard_normal((2, 256)), g.standard_normal((2, 44))], axis=1)
        np.testing.assert_allclose(run["mean"][0, 0], np.maximum(h, 0).mean(axis=1), rtol=1e-12)
        np.testing.assert_allclose(run["fourth"][0, 0], (h**4).mean(axis=1), rtol=1e-12)

    def test_memory_of_a_generator(self):
        g = stream("memory", 1, 0)
        memory = generator_memory(g)
        saved, first = memory.copy(), g.standard_normal(5)
        assert not np.array_equal(g.standard_normal(5), first)
        memory[:] = saved
        assert np.array_equal(g.standard_normal(5), first)
        with pytest.raises(TheoryError, match="SFC64"):
            generator_memory(np.random.default_rng(0))


def z_score(draws, expected):
    return abs(draws.mean() - expected) / (draws.std(ddof=1) / math.sqrt(len(draws)))


class TestExactMoments:
    """Linear networks: E |x^2|^2 / n = q, E (|x^2|^2/n)^2 = q^2 (1 + 2/n)^2; rectifiers: 1 + 5/n per layer."""

    @pytest.mark.parametrize(("phi", "C_W", "excess"), [(LINEAR, 1, 2), (RELU, 2, 5)])
    def test_products_of_depth_two(self, phi, C_W, excess):
        n = 6

        def scores(width_variance):
            spec = th.NetworkSpec(phi, C_W=width_variance)
            run = LawSampler(spec, n, 2, gram=np.ones((1, 1)), identifier="moments").run(0, 15_000)
            norm = C_W * run["after"][:, 1, 0, 0]
            return z_score(norm, 1.0), z_score(norm**2, (1 + excess / n) ** 2)

        assert max(scores(C_W)) < 4.5
        assert max(scores(1.25 * C_W)) > 6

    def test_one_per_cent_of_the_weight_variance(self):
        """E |x^10|^2/n = 1/2 for a rectifier with C_W = 2, and 1.01^9 times that with 2.02, both from S^1 = 1."""

        def score(C_W):
            spec = th.NetworkSpec(RELU, C_W=C_W)
            run = LawSampler(spec, 500, 10, gram=np.ones((1, 1)), identifier="percent").run(0, 1500)
            return z_score(run["after"][:, 9, 0, 0], 0.5)

        assert score(2) < 4.5
        assert score(2.02) > 6

    @pytest.mark.parametrize("phi", [LINEAR, RELU])
    def test_gradients_of_depth_two(self, phi):
        """E |delta^1|^2 = 1 where the network keeps variances, whatever the width."""
        spec = th.NetworkSpec(phi, C_W=1 if phi is LINEAR else 2, C_b=0)
        run = LawSampler(spec, 4, 3, gram=PAIR, identifier="grad", gradients=True).run(0, 5000)
        assert z_score(run["delta"][:, 0, 0, 0], 1.0) < 4.5
        assert (run["delta"][:, 2] == 1).all()

    @pytest.mark.parametrize(
        ("rule", "width"), [(N("layer"), 2), (N("rms"), 1), (N("layer", "after"), 2), (N("rms", "after"), 1)]
    )
    def test_normalised_neurons_that_cannot_move_have_no_gradient(self, rule, width):
        """Two centred neurons are -1 and 1, one neuron that is not centred is -1 or 1; one neuron more can move."""
        spec = th.NetworkSpec(TANH, C_W=1.5, C_b=0.2, normalization=rule)
        fixed, free = (
            LawSampler(spec, n, 4, X, identifier="fixed", gradients=True).run(0, 20)["delta"]
            for n in (width, width + 1)
        )
        assert (fixed[:, :-1] == 0).all()
        assert (np.abs(np.diagonal(free[:, :-1], axis1=2, axis2=3)) > 0).all()
        drawn, moving = (
            DirectSampler(spec, n, 4, X, 0, "fixed", gradients=True).run(0, 20)["delta"] for n in (width, width + 1)
        )
        assert (drawn[:, :-1] == 0).all()
        assert (moving[:, 0] != 0).any()


def features(run, gradients):
    """Entries of the record at the first two layers and the last, and products across layers and directions."""
    last = run["before"].shape[1] - 1
    names = ["before", "after", *(["delta"] if gradients else [])]
    found = [run[k][:, at, i, j] for k in names for at in (0, 1, last) for i, j in ((0, 0), (0, 1), (1, 2))]
    found += [run["mean"][:, at, 0] for at in (0, last)] + [run["fourth"][:, 1, 1]]
    found.append(run["before"][:, 0, 0, 0] * run["after"][:, last, 1, 1])
    if gradients:
        found.append(run["delta"][:, 0, 0, 0] * run["after"][:, last, 0, 0])
        found.append(run["delta"][:, 1, 0, 0] / run["delta"][:, 0, 0, 0])
    return found


def p_value(spec, other=None, gradients=False, width=5, replicas=1200):
    """Smallest two-sample p-value over the features: law-exact `spec` against drawn weights of `other`."""
    law = LawSampler(spec, width, 4, X, 0, "law", gradients=gradients).run(0, replicas)
    direct = DirectSampler(other or spec, width, 4, X, 0, "direct", gradients=gradients).run(0, replicas)
    pairs = zip(features(law, gradients), features(direct, gradients), strict=True)
    return min(stats.ks_2samp(a, b, method="asymp").pvalue for a, b in pairs if a.std() > 1e-9 or b.std() > 1e-9)


BASE = th.NetworkSpec(TANH, C_W=1.5, C_b=0.2)
# Family-wise 1e-4, shared among the features of all comparisons (some 330).
LEVEL = 1e-4 / 330
FORWARD = {
    "plain": {},
    "batch before": {"normalization": N("batch")},
    "batch after": {"normalization": N("batch", "after")},
    "layer after, identity": {"normalization": N("layer", "after"), "skip": th.Skip("identity", 0.6)},
    "rms before, projection": {"normalization": N("rms"), "skip": th.Skip("projection", 0.6)},
    "orthogonal": {"weights": "orthogonal"},
    "orthogonal, layer after, projection": {
        "weights": "orthogonal",
        "normalization": N("layer", "after"),
        "skip": th.Skip("projection", 0.6),
    },
}
BACKWARD = {
    "plain": {},
    "layer before": {"normalization": N("layer")},
    "rms after": {"normalization": N("rms", "after")},
    "projection": {"skip": th.Skip("projection", 0.6)},
}
DAMAGED = [
    {"C_b": 0},
    {"C_W": 1.9},
    {"weights": "orthogonal"},
    {"normalization": N("layer")},
]


class TestAgreementWithDrawnWeights:
    @pytest.mark.parametrize("changes", FORWARD.values(), ids=FORWARD)
    def test_forward(self, changes):
        assert p_value(BASE.with_(**changes)) > LEVEL

    @pytest.mark.parametrize("changes", BACKWARD.values(), ids=BACKWARD)
    def test_gradients(self, changes):
        assert p_value(BASE.with_(**changes), gradients=True) > LEVEL

    @pytest.mark.parametrize("damage", DAMAGED, ids=str)
    def test_damaged_networks_are_refuted(self, damage):
        assert p_value(BASE, BASE.with_(**damage)) < LEVEL / 1000

    def test_wrong_axis_and_mean_kept_are_refuted(self):
        batch = BASE.with_(normalization=N("batch"))
        assert p_value(batch, BASE.with_(normalization=N("layer"))) < LEVEL / 1000
        assert p_value(batch, BASE.with_(normalization=N("batch", centered=False))) < LEVEL / 1000

    def test_gradients_see_the_bias(self):
        assert p_value(BASE, BASE.with_(C_b=0), gradients=True) < LEVEL / 1000


class TestEdges:
    def test_rank_is_kept(self):
        gram = np.outer([1.0, -2.0, 0.5], [1.0, -2.0, 0.5])
        run = LawSampler(th.NetworkSpec(LINEAR, C_W=1.5), 40, 30, gram=gram).run(0, 3)
        assert np.array_equal(run["before"][..., 0, 0] * 4, run["before"][..., 1, 1])
        equal = LawSampler(th.NetworkSpec(TANH, C_W=1.5), 40, 30, gram=np.ones((2, 2))).run(0, 3)["after"]
        assert np.array_equal(equal[..., 0, 0], equal[..., 0, 1])

    @pytest.mark.parametrize("C_W", ["1", "4"])
    def test_thousand_layers_far_from_critical(self, C_W):
        """log |x|^2 of a rectifier drifts by log(C_W/2) a layer, in range or out of it."""
        run = LawSampler(th.NetworkSpec(RELU, C_W=int(C_W)), 2000, 1000, gram=np.ones((1, 1))).run(0, 1)
        logs = np.log(run["after"][0, :, 0, 0]) + 2 * math.log(2) * run["scales"][0, :, 1]
        assert (logs[-1] - logs[0]) / 999 == pytest.approx(math.log(int(C_W) / 2), abs=0.02)

    def test_accidents_have_a_place(self):
        with pytest.raises(NonFiniteError, match="layer 3 of replica 4 overflowed"):
            LawSampler(th.NetworkSpec(RELU, C_W=1e300), 4, 9, gram=np.ones((1, 1))).run(4, 1)
        with pytest.raises(NonFiniteError, match="underflowed"):
            LawSampler(th.NetworkSpec(RELU, C_W=1e-150), 40, 9, gram=np.ones((1, 1))).run(0, 1)
        equal = th.NetworkSpec(TANH, normalization=N("batch"))
        with pytest.raises(NonFiniteError, match="no spread"):
            LawSampler(equal, 8, 2, gram=np.ones((3, 3))).run(0, 1)

    def test_frames(self):
        spec = th.NetworkSpec(LINEAR, C_W=1, weights="orthogonal")
        run = LawSampler(spec, 8, 5, X).run(0, 2)
        np.testing.assert_allclose(run["before"][0, 4], X @ X.T / 4, atol=1e-13)
        np.testing.assert_allclose(LawSampler(spec, 4, 5, X).run(0, 1)["before"][0, 4], X @ X.T / 4, atol=1e-12)
        with pytest.raises(DomainError, match="frame"):
            LawSampler(spec, 2, 1, gram=np.eye(3)).run(0, 1)
        with pytest.raises(DomainError, match="inputs="):
            LawSampler(th.NetworkSpec(LINEAR, C_W=1, C_b=1, weights="orthogonal"), 8, 1, gram=np.eye(3))

    @pytest.mark.parametrize(
        ("changes", "gradients"),
        [
            ({"weights": "rademacher"}, False),
            ({"weights": "orthogonal"}, True),
            ({"normalization": N("batch")}, True),
            ({"skip": th.Skip("identity", 0.5)}, True),
            ({"phi": th.activation("step")}, True),
        ],
        ids=str,
    )
    def test_what_is_not_derived_is_refused(self, changes, gradients):
        with pytest.raises(UnsupportedError, match=r"direct|jumps"):
            LawSampler(BASE.with_(**changes), 4, 2, X, gradients=gradients)

"""Simulation: samples do not depend on scheduling, means agree with theory, accidents are reported."""

import math

import numpy as np
import pytest
import sympy as sp

from numerics import simulation
from numerics.simulation import NonFiniteError, gram_samples
from numerics.statistics import Accumulator, ConfidenceSequence, Outcome, decide
from theory.errors import DomainError, UnsupportedError

x = sp.Symbol("x", real=True)
RELU = sp.Max(x, 0)


@pytest.fixture(scope="module", autouse=True)
def kernel_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIDETHEORY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def pair(rho):
    return [[1.0, rho], [rho, 1.0]]


def independent_of_splitting(sample):
    """Whether replicas are the same drawn at once, in parts out of order, and one by one."""
    whole = sample(first=0, replicas=23)
    parts = [sample(first=f, replicas=r) for f, r in ((15, 8), (0, 9), (9, 6))]
    single = [sample(first=r, replicas=1) for r in range(23)]
    joined = np.concatenate([parts[1], parts[2], parts[0]])
    return np.array_equal(whole, joined) and np.array_equal(whole, np.concatenate(single))


class TestScheduling:
    @pytest.mark.parametrize("width", [3, simulation.BLOCK // 7, simulation.BLOCK])
    def test_replicas_do_not_depend_on_how_they_are_split(self, width):
        def sample(first, replicas):
            return gram_samples(RELU, x, pair(0.2), width, 2, replicas, C_W=2.0, first=first)

        assert independent_of_splitting(sample)

    def test_one_stream_for_all_is_caught(self):
        g = np.random.default_rng(0)
        assert not independent_of_splitting(lambda first, replicas: g.standard_normal(replicas))

    def test_every_argument_names_another_stream(self):
        options = [
            {},
            {"seed": 1},
            {"identifier": "b"},
            {"widths": 6},
            {"widths": [5, 6]},
            {"widths": [5, 7]},
        ]
        samples = [gram_samples(RELU, x, pair(0.2), **({"widths": 5} | o), depth=2, replicas=1) for o in options]
        assert len({s[0, 0, 0, 0] for s in samples}) == len(options)
        assert np.array_equal(samples[0], gram_samples(RELU, x, pair(0.2), [5, 5], 2, 1))

    def test_replicas_differ(self):
        values = gram_samples(RELU, x, pair(0.2), 2**14, 1, 40)[:, 0, 0, 0]
        assert len(set(values)) == 40
        assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.6


class TestValues:
    @pytest.mark.parametrize("rho", [-1.0, -0.3, 0.8, 1.0])
    def test_claims_about_one_layer_are_decided(self, rho):
        exact = (math.sqrt(1 - rho**2) + rho * (math.pi - math.acos(rho))) / (2 * math.pi)
        draws = Accumulator.of(gram_samples(RELU, x, pair(rho), 1024, 1, 3000, identifier="relu")[:, 0, 0, 1])
        interval = ConfidenceSequence().interval(draws)
        assert decide(interval, exact, resolution=0.01) is Outcome.HOLDS
        wrong = decide(interval, exact + 0.02, resolution=0.01)
        # At rho = -1 every draw is exactly 0, and a constant sample refutes nothing.
        assert wrong is (Outcome.FAILS if rho > -1 else Outcome.UNDECIDED)

    def test_layers_are_unbiased_for_the_rectifier(self):
        """C_W = 2 keeps E[G_l] = 1/2 at every depth; C_W = 2.1 does not."""

        def outcome(C_W):
            draws = gram_samples(RELU, x, pair(0.5), 512, 5, 6000, C_W=C_W)[:, 4, 0, 0]
            return decide(ConfidenceSequence().interval(Accumulator.of(draws)), 0.5, resolution=0.05)

        assert outcome(2.0) is Outcome.HOLDS
        assert outcome(2.1) is Outcome.FAILS

    def test_equal_inputs_stay_equal_and_opposite_inputs_opposite(self):
        equal = gram_samples(sp.tanh(x), x, pair(1.0), 50, 4, 5, C_W=1.5, C_b=0.1)
        assert np.array_equal(equal[..., 0, 0], equal[..., 0, 1])
        opposite = gram_samples(sp.tanh(x), x, pair(-1.0), 50, 4, 5, C_W=1.5)
        assert np.array_equal(opposite[..., 0, 0], -opposite[..., 0, 1])
        near = gram_samples(sp.tanh(x), x, pair(1 - 1e-12), 50, 4, 5, C_W=1.5)
        assert not np.array_equal(near[..., 0, 0], near[..., 0, 1])

    def test_preactivations(self):
        before, after = (
            gram_samples(RELU, x, pair(0.5), 400, 2, 500, C_W=2.0, preactivations=chosen) for chosen in (True, False)
        )
        assert before.mean(axis=0)[0] == pytest.approx(np.array(pair(0.5)), abs=0.02)
        assert (before[..., 0, 0] > after[..., 0, 0]).all()
        assert before[:, 1, 0, 0] / (2 * after[:, 0, 0, 0]) == pytest.approx(1, abs=6 * math.sqrt(2 / 400))

    def test_dead_layers_are_exact(self):
        dead = gram_samples(RELU, x, pair(-1.0), 1, 30, 20, C_W=2.0)
        assert (np.diff((dead > 0).any(axis=(2, 3)).astype(int), axis=1) <= 0).all()
        assert (dead[:, -1] == 0).all()


class TestAccidents:
    def test_overflow_is_reported_with_its_place(self):
        with pytest.raises(NonFiniteError, match="layer 3 of replica 0") as caught:
            gram_samples(RELU, x, pair(0.0), 64, 4, 5, C_W=1e150)
        assert (caught.value.replica, caught.value.layer) == (0, 3)

    def test_rare_overflow_is_not_averaged_in(self):
        with pytest.raises(NonFiniteError) as caught:
            gram_samples(sp.exp(x**4), x, pair(0.0), 16, 1, 5000)
        replica = caught.value.replica
        assert np.isfinite(gram_samples(sp.exp(x**4), x, pair(0.0), 16, 1, replica)).all()

    @pytest.mark.parametrize(
        "gram",
        [
            [[1.0, 2.0], [2.0, 1.0]],
            [[1.0, 0.5], [0.4, 1.0]],
            [[-1.0]],
            [[0.0, 0.1], [0.1, 1.0]],
            [[1.0, math.nan], [math.nan, 1.0]],
            [1.0],
            [[1.0, 0.0]],
            [[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]],
        ],
    )
    def test_not_a_covariance(self, gram):
        with pytest.raises(DomainError, match="Gram"):
            gram_samples(RELU, x, gram, 8, 1, 1)

    @pytest.mark.parametrize(
        "options",
        [
            {"widths": 0},
            {"widths": [4]},
            {"depth": 0},
            {"replicas": 0},
            {"C_W": -1.0},
            {"C_b": math.nan},
            {"first": -1},
        ],
    )
    def test_numbers_outside_their_range(self, options):
        with pytest.raises(DomainError):
            gram_samples(RELU, x, pair(0.0), **({"widths": 4, "depth": 2, "replicas": 1} | options))

    def test_activations_that_cannot_be_compiled(self):
        with pytest.raises(UnsupportedError, match="gamma"):
            gram_samples(sp.gamma(x), x, pair(0.0), 4, 1, 1)
        with pytest.raises(DomainError, match="a not in"):
            gram_samples(sp.Symbol("a") * x, x, pair(0.0), 4, 1, 1)

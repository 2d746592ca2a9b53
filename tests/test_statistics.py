"""Statistics: accumulators merge, intervals cover at every stopping time, the rule decides."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from numerics.statistics import (
    Accumulator,
    ConfidenceSequence,
    Interval,
    Outcome,
    advice,
    decide,
    needed,
)
from theory.errors import DomainError

CHECKPOINTS = np.unique(np.geomspace(20, 2500, 22).astype(int))
LAWS = {
    "normal": (lambda g, n: g.standard_normal(n), 0.0),
    "bounded": (lambda g, n: (g.random(n) < 0.3).astype(float), 0.3),
    "exponential": (lambda g, n: g.standard_exponential(n), 1.0),
}


def moments(a):
    return np.array([a.count, a.mean, a.m2, a.m3, a.m4, a.minimum, a.maximum])


class TestAccumulator:
    @settings(deadline=None, max_examples=50)
    @given(
        st.lists(st.lists(st.floats(-1e3, 1e3), max_size=8), min_size=1, max_size=5),
    )
    def test_merge_of_parts_is_the_whole(self, parts):
        merged = Accumulator()
        for part in parts:
            merged = merged.add(part)
        whole = Accumulator.of(np.concatenate([np.asarray(p, float) for p in parts]))
        scale = np.array([1, 1e3, 1e6, 1e9, 1e12, 1, 1]) * max(1, whole.count)
        both_empty = not whole.count and not merged.count
        assert both_empty or (np.abs(moments(merged) - moments(whole)) <= 1e-12 * scale).all()

    def test_a_wrong_merge_is_caught(self):
        a, b = Accumulator.of([0.0, 1.0, 5.0]), Accumulator.of([2.0, 9.0])
        whole = Accumulator.of([0.0, 1.0, 5.0, 2.0, 9.0])
        naive = replace(a.merge(b), m2=a.m2 + b.m2)
        assert np.allclose(moments(a.merge(b)), moments(whole), rtol=1e-13)
        assert not np.allclose(moments(naive), moments(whole), rtol=1e-13)

    @pytest.mark.parametrize("draws", [[], [0.1], np.random.default_rng(0).lognormal(size=1000)])
    def test_json_round_trip_is_exact(self, draws):
        a = Accumulator.of(draws)
        assert Accumulator.from_json(json.loads(json.dumps(a.to_json(), allow_nan=False))) == a

    def test_shape_of_the_sample(self):
        a = Accumulator.of(np.random.default_rng(0).standard_exponential(100_000))
        assert (a.sd, a.skewness, a.kurtosis) == (
            pytest.approx(1, abs=0.02),
            pytest.approx(2, abs=0.1),
            pytest.approx(9, abs=1),
        )

    @pytest.mark.parametrize("bad", [math.nan, math.inf, 1e300])
    def test_draws_that_cannot_be_averaged_are_refused(self, bad):
        with pytest.raises(DomainError, match="draw 1"):
            Accumulator.of([0.0, bad])

    def test_rounding_is_not_a_spread(self):
        assert Accumulator.of([0.1 + 0.2, 0.3]).degenerate
        assert not Accumulator.of([0.3, 0.3 + 1e-10]).degenerate


class TestConfidenceSequence:
    @pytest.mark.parametrize("count", [12, 40, 400])
    def test_boundary_is_where_the_likelihood_ratio_of_the_mixture_reaches_one_over_alpha(self, count):
        """Mean ~ N(0, sigma^2/c) against mean 0, both under the scale-invariant measure d sigma/sigma."""
        sequence = ConfidenceSequence(alpha=0.05, target=100)
        mean, m2 = sequence.relative_half_width(count), count

        def likelihood(c):
            variance = 1 / count + 1 / c

            def density(log_sigma):
                squares = m2 + mean**2 / variance
                return math.exp(-count * log_sigma - squares * math.exp(-2 * log_sigma) / 2 + count / 2)

            return integrate.quad(density, -5, 5, epsabs=0, limit=200)[0] / math.sqrt(count * variance)

        ratio = likelihood(sequence.prior_count) / likelihood(math.inf)
        assert ratio == pytest.approx(20, rel=1e-6)

    @pytest.mark.parametrize("alpha", [0.05, 1e-9])
    def test_tends_to_the_boundary_of_robbins(self, alpha):
        sequence, n = ConfidenceSequence(alpha), 10**7
        c = sequence.prior_count
        robbins = math.sqrt((n + c) / n**2 * math.log((n + c) / (c * alpha**2)))
        assert sequence.relative_half_width(n) == pytest.approx(robbins, rel=1e-5)

    def test_is_tightest_at_the_target(self):
        at_target = ConfidenceSequence(1e-9, target=1e5).relative_half_width(10**5)
        others = [ConfidenceSequence(1e-9, target=t).relative_half_width(10**5) for t in (3e4, 9e4, 1.1e5, 3e5)]
        assert at_target < min(others) * 1.0001
        fixed = stats.norm.isf(0.5e-9) / math.sqrt(1e5)
        assert fixed < at_target < 1.15 * fixed

    def test_whole_line_while_the_draws_are_few(self):
        few = ConfidenceSequence().interval(Accumulator.of([0.0, 1.0, 0.5]))
        assert few.half_width == math.inf
        assert decide(few, 0.5, 0.1) is Outcome.UNDECIDED

    def test_bounded_interval_needs_no_spread(self):
        zeros = Accumulator.of(np.zeros(4000))
        rare = 1e-4
        assert decide(ConfidenceSequence().interval(zeros), rare, 1e-5) is Outcome.UNDECIDED
        bounded = ConfidenceSequence(bounds=(0, 1)).interval(zeros)
        assert decide(bounded, rare, 1e-5) is Outcome.UNDECIDED
        assert decide(bounded, 0.5, 1e-5) is Outcome.FAILS
        with pytest.raises(DomainError, match="bounds"):
            ConfidenceSequence(bounds=(0, 1)).interval(Accumulator.of([0.5, 1.5]))

    @pytest.mark.parametrize("options", [{"alpha": 0}, {"alpha": 1}, {"target": 0}, {"bounds": (1, 1)}])
    def test_malformed(self, options):
        with pytest.raises(DomainError):
            ConfidenceSequence(**options)


def share_ever_failing(make_interval, law, runs, seed):
    """Share of runs with a true claim in which some checkpoint says FAILS."""
    draw, truth = LAWS[law]
    g, failures = np.random.default_rng(seed), 0
    for _ in range(runs):
        draws, total = draw(g, CHECKPOINTS[-1]), Accumulator()
        for start, stop in zip([0, *CHECKPOINTS[:-1]], CHECKPOINTS, strict=True):
            total = total.add(draws[start:stop])
            if decide(make_interval(total), truth, 1e-9) is Outcome.FAILS:
                failures += 1
                break
    return failures / runs


def within_binomial_limit(share, runs, alpha=0.05):
    return share * runs <= stats.binom.isf(1e-4, runs, alpha)


def interval_for_one_look(total):
    """Damaged twin: the interval of a fixed sample size, used at every checkpoint."""
    sound = ConfidenceSequence(0.05).interval(total)
    half = 1.96 * total.sd / math.sqrt(total.count)
    return Interval(total.mean - half, total.mean + half, sound.settled, sound.dominated)


class TestCalibration:
    @pytest.mark.parametrize("law", LAWS)
    def test_true_claims_rarely_ever_fail(self, law):
        assert within_binomial_limit(share_ever_failing(ConfidenceSequence(0.05).interval, law, 1200, 1), 1200)

    def test_bounded_interval_too(self):
        sequence = ConfidenceSequence(0.05, bounds=(0, 1))
        assert within_binomial_limit(share_ever_failing(sequence.interval, "bounded", 600, 2), 600)

    def test_ignoring_optional_stopping_is_caught(self):
        assert not within_binomial_limit(share_ever_failing(interval_for_one_look, "normal", 600, 3), 600)

    def test_a_boundary_three_tenths_too_narrow_is_caught(self):
        sequence = ConfidenceSequence(0.05)

        def narrow(total):
            interval = sequence.interval(total)
            half = 0.7 * interval.half_width
            return replace(interval, lower=total.mean - half, upper=total.mean + half)

        assert not within_binomial_limit(share_ever_failing(narrow, "normal", 600, 4), 600)

    def test_without_the_skewness_gate_rare_events_fail_falsely(self):
        g, sequence = np.random.default_rng(5), ConfidenceSequence(0.05)

        def share(gate):
            count = 0
            for _ in range(300):
                total = Accumulator.of((g.random(200) < 0.004).astype(float))
                interval = sequence.interval(total)
                count += (
                    decide(replace(interval, settled=interval.settled or not gate, dominated=False), 0.004, 1e-9)
                    is Outcome.FAILS
                )
            return count / 300

        assert share(gate=True) == 0
        assert not within_binomial_limit(share(gate=False), 300)


class TestPower:
    @pytest.mark.parametrize("law", LAWS)
    @pytest.mark.parametrize("envelope", [0.0, 0.03])
    def test_a_deviation_of_one_resolution_is_found_and_the_truth_holds(self, law, envelope):
        draw, truth = LAWS[law]
        g, sequence, resolution = np.random.default_rng(6), ConfidenceSequence(1e-9), 0.1
        for _ in range(5):
            total = Accumulator()
            for claim, outcome in [
                (truth, "HOLDS"),
                (truth + resolution, "FAILS"),
                (truth - resolution, "FAILS"),
            ]:
                while decide(sequence.interval(total), claim, resolution, envelope) is Outcome.UNDECIDED:
                    total = total.add(draw(g, 2000))
                assert decide(sequence.interval(total), claim, resolution, envelope) is Outcome[outcome]
            assert total.count < 50_000


class TestDecide:
    @pytest.mark.parametrize(
        ("lower", "upper", "settled", "dominated", "outcome"),
        [
            (-0.1, 0.1, True, False, "HOLDS"),
            (-0.1, 0.11, True, False, "UNDECIDED"),
            (0.04, 0.2, True, False, "UNDECIDED"),
            (0.05, 0.2, True, False, "UNDECIDED"),
            (0.06, 0.2, True, False, "FAILS"),
            (-0.2, -0.06, True, False, "FAILS"),
            (0.06, 0.2, False, False, "UNDECIDED"),
            (-0.01, 0.01, False, False, "HOLDS"),
            (-0.01, 0.01, True, True, "UNDECIDED"),
            (0.06, 0.09, True, False, "HOLDS"),
            (math.nan, math.nan, True, False, "UNDECIDED"),
        ],
    )
    def test_rule(self, lower, upper, settled, dominated, outcome):
        interval = Interval(lower, upper, settled, dominated)
        assert decide(interval, 0.0, resolution=0.1, envelope=0.05) is Outcome[outcome]

    def test_a_settled_interval_of_the_needed_size_always_decides(self):
        half = needed(0.1, 0.05)
        for centre in np.linspace(-0.3, 0.3, 601):
            assert decide(Interval(centre - half, centre + half), 0.0, 0.1, 0.05) is not Outcome.UNDECIDED
        wide = 1.1 * half
        assert any(
            decide(Interval(c - wide, c + wide), 0.0, 0.1, 0.05) is Outcome.UNDECIDED
            for c in np.linspace(-0.3, 0.3, 601)
        )

    @pytest.mark.parametrize(("resolution", "envelope"), [(0.1, 0.1), (0.1, -0.01), (0.0, 0.0), (math.nan, 0.0)])
    def test_envelope_below_resolution(self, resolution, envelope):
        with pytest.raises(DomainError, match="envelope"):
            decide(Interval(0, 1), 0.0, resolution, envelope)

    def test_claim_is_finite(self):
        with pytest.raises(DomainError, match="finite"):
            decide(Interval(0, 1), math.inf, 0.1)

    @pytest.mark.parametrize(
        ("interval", "word"),
        [
            (Interval(-0.01, 0.01), "within"),
            (Interval(0.3, 0.4), "apart by"),
            (Interval(-1, 1), "draw more"),
            (Interval(0.3, 0.31, settled=False), "skewed"),
            (Interval(0, 0, dominated=True), "dominates"),
        ],
    )
    def test_advice(self, interval, word):
        assert word in advice(interval, 0.0, 0.1)


class TestHeavyTails:
    @pytest.mark.parametrize("seed", range(8))
    def test_a_mean_that_one_draw_dominates_is_never_green(self, seed):
        g = np.random.default_rng(seed)
        product = Accumulator.of(np.exp(5 * g.standard_normal(5000)))
        interval = ConfidenceSequence().interval(product)
        assert interval.dominated
        assert decide(interval, product.mean, 1e3 * product.mean) is Outcome.UNDECIDED

    def test_without_detection_it_would_be_green(self):
        product = Accumulator.of(np.exp(5 * np.random.default_rng(0).standard_normal(5000)))
        blind = replace(ConfidenceSequence().interval(product), dominated=False)
        assert decide(blind, product.mean, 1e3 * product.mean) is Outcome.HOLDS

    @pytest.mark.parametrize("law", LAWS)
    def test_light_tails_are_not_accused(self, law):
        draws = LAWS[law][0](np.random.default_rng(0), 5000)
        assert not ConfidenceSequence().interval(Accumulator.of(draws)).dominated

"""Rates: exponents are measured where there is a signal and withheld where there is noise."""

import math

import numpy as np
import pytest

from numerics.rates import bias_rate, fluctuation_slope
from numerics.statistics import Accumulator, ConfidenceSequence, Interval, Outcome, decide
from theory.errors import DomainError

WIDTHS = [64, 256, 1024, 4096]


def fluctuations(exponent, count=100_000, seed=0):
    g = np.random.default_rng(seed)
    return [Accumulator.of(g.normal(1.0, n**exponent, count)) for n in WIDTHS]


def test_central_limit_exponent_holds_and_others_fail():
    assert decide(fluctuation_slope(WIDTHS, fluctuations(-0.5)), -0.5, 0.05) is Outcome.HOLDS
    for exponent in (-0.4, -0.6, -1.0):
        assert decide(fluctuation_slope(WIDTHS, fluctuations(exponent)), -0.5, 0.05) is Outcome.FAILS


def test_few_draws_are_undecided():
    slope = fluctuation_slope(WIDTHS, fluctuations(-1.0, count=500))
    assert not slope.settled
    assert decide(slope, -0.5, 0.05) is Outcome.UNDECIDED


def test_interval_covers_the_slope():
    slopes = [fluctuation_slope(WIDTHS, fluctuations(-0.5, 2000, seed), alpha=0.05) for seed in range(200)]
    assert all(s.lower <= -0.5 <= s.upper for s in slopes)
    spread = np.std([s.centre for s in slopes])
    assert spread < slopes[0].half_width < 12 * spread


def biases(value, count=40_000, seed=0):
    g, sequence = np.random.default_rng(seed), ConfidenceSequence(1e-9)
    return [sequence.interval(Accumulator.of(g.normal(value(n), 1 / math.sqrt(n), count))) for n in (16, 32, 64)]


def test_bias_rate_is_measured():
    rate = bias_rate([16, 32, 64], biases(lambda n: 10 / n))
    assert rate.status == "measured"
    assert decide(rate.exponent, 1.0, 0.2) is Outcome.HOLDS
    assert decide(bias_rate([16, 32, 64], biases(lambda n: -20 / n**2)).exponent, 1.0, 0.2) is Outcome.FAILS


@pytest.mark.parametrize("seed", range(5))
def test_no_exponent_is_read_from_noise(seed):
    rate = bias_rate([16, 32, 64], biases(lambda n: 0.0, seed=seed))
    assert (rate.status, rate.exponent) == ("rate not exceeded", None)


def test_the_logarithm_of_noise_would_claim_a_rate():
    centres = [[abs(b.centre) for b in biases(lambda n: 0.0, seed=seed)] for seed in range(5)]
    slopes = [np.polyfit(np.log([16, 32, 64]), np.log(c), 1)[0] for c in centres]
    assert max(slopes) - min(slopes) > 1


def test_sign_change_has_no_exponent():
    assert bias_rate([16, 64], [Interval(0.1, 0.2), Interval(-0.2, -0.1)]).status == "sign changes"


def test_malformed_ladders():
    a = Accumulator.of([0.0, 1.0])
    for widths, draws in [([16], [a]), ([16, 16], [a, a]), ([16, 32], [a]), ([0, 16], [a, a])]:
        with pytest.raises(DomainError, match="rate"):
            fluctuation_slope(widths, draws)
    with pytest.raises(DomainError, match="constant"):
        fluctuation_slope([16, 32], [Accumulator.of([1.0, 1.0])] * 2)

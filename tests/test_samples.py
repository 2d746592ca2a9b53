"""Samples that grow until they decide, and where they are drawn."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Max, Rational, Symbol

import theory as th
from numerics.budget import Budget
from numerics.method import Sampler
from numerics.methods import all_methods
from numerics.points import separated, separating_points
from numerics.samples import Allowance, Sample
from numerics.statistics import ConfidenceSequence
from numerics.verdict import Grade, Verdict
from numerics.verification import _witness
from theory.errors import UnsupportedError
from theory.symbols import q, u

SEQUENCE = ConfidenceSequence(alpha=1e-9, target=2000.0)
QUICK = Budget.named("quick")
t = Symbol("t")


def sample(sd: float, half_width: float, mean: float = 0.0, seed: int = 0, size: int = 200) -> Sample:
    """A Gaussian sample in chunks of 200 draws, one random number each."""
    return Sample(lambda k: np.random.default_rng((seed, k)).normal(mean, sd, size), size, SEQUENCE, half_width)


def test_what_one_sample_does_not_use_is_left_to_the_others():
    still, loud = sample(0.1, 0.1), sample(2.4, 0.1)
    Allowance([still, loud], 40_000).fill()
    assert still.narrow
    assert loud.narrow
    assert loud.spent > 20_000
    alone = sample(2.4, 0.1)
    alone.extend(20_000)
    assert not alone.narrow


def test_a_sample_is_continued_and_not_begun_again():
    whole, parts = sample(1.0, 0.0), sample(1.0, 0.0)
    whole.extend(4000)
    parts.extend(1000)
    parts.double(1e9)
    parts.double(2000)
    assert parts.draws.count == whole.draws.count == 4000
    assert parts.draws.mean == pytest.approx(whole.draws.mean, rel=1e-12)
    assert [part.count for part in parts.path] == sorted(part.count for part in parts.path)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32), st.floats(0.1, 3), st.floats(0.02, 0.5))
def test_what_a_sample_says_it_needs_is_about_what_it_needs(seed, sd, half_width):
    found = sample(sd, half_width, seed=seed)
    found.extend(2000)
    wanted = found.numbers_to_narrow()
    if found.interval.settled and wanted < 400_000:
        while found.spent < 1.2 * wanted:
            found.double(200)
        assert found.interval.half_width <= half_width


def test_the_reserve_is_not_spent_on_what_it_cannot_decide():
    """A value ten thousandth of a standard deviation away is out of reach; one far away is refuted in the reserve."""
    found = sample(1.0, 0.2, mean=0.5)
    allowance = Allowance([found], 4000)
    allowance.fill()
    before = found.spent
    assert not allowance.reach([[(found, found.numbers_to_refute(found.draws.mean + 1e-4, 0.0, 0.0))]])
    assert not allowance.reach([[]])
    assert found.spent == before
    value = found.draws.mean + 0.12
    while allowance.reach([[(found, found.numbers_to_refute(value, 0.1, 0.0))]]):
        if found.interval.upper < value:
            break
    assert found.interval.upper < value
    assert found.spent > before
    for _ in range(20):
        allowance.reach([[(found, found.numbers_to_refute(value, 0.1, 0.0))]])
    assert found.spent <= 4 * 4000 + 2 * found.cost


def test_equal_draws_never_refute_and_ask_for_no_more():
    constant = Sample(lambda _: np.ones(100), 100, SEQUENCE, 0.1)
    constant.extend(1000)
    assert constant.spent == 1000
    assert not constant.narrow
    assert constant.numbers_to_refute(2.0, 0.1, 0.0) == math.inf
    allowed = Sample(lambda _: np.ones(100), 100, SEQUENCE, 0.1, constant=True)
    allowed.extend(1000)
    assert allowed.narrow
    assert allowed.spent == 100


def test_draws_that_are_no_numbers_are_out_of_reach():
    with pytest.raises(UnsupportedError, match="sampling says nothing"):
        Sample(lambda _: np.array([1.0, math.inf]), 2, SEQUENCE, 0.1).extend(10)


def test_points_separate_every_wrong_form():
    candidates = [{t: Rational(k, 20)} for k in range(1, 20)]
    gaps = [t**8, (1 - t) ** 8, t * (1 - t)]
    chosen = separating_points(candidates, gaps, 0.2, 2)
    assert separated(chosen, gaps, 0.2)
    assert not separated(candidates[8:11], gaps, 0.2)
    odd = [point for point in candidates if point[t].p % 2]
    assert all(point in odd for point in separating_points(candidates, gaps, 0.2, 3, lambda p: p[t].p % 2 == 1))
    assert separating_points([], gaps, 0.2, 2) == []
    assert separating_points(candidates, [1 / (t - t**2) - 4], 1e9, 1) == [{t: Rational(1, 20)}]


def hidden() -> th.Statement:
    """A near-miss that is three resolutions away for large variances only."""
    stated = q / 2
    return th.Statement(
        th.GaussianIdentity(Max(u, 0) ** 2, th.Gaussian(u, cov=[[q]]), stated),
        {q: th.Interval(Rational(1, 10), 3)},
        derive=lambda: stated,
        near_misses=[stated + q**4 / 300],
        resolution=Rational(1, 20),
    )


@pytest.mark.parametrize("seed", range(4))
def test_networks_are_drawn_where_a_near_miss_is_far(seed):
    wide = next(m for m in all_methods() if m.name == "wide_network")
    statement = hidden()
    gathered = wide.gather(statement, QUICK, seed)
    assert any(case.point[q] ** 4 / 300 > 0.15 for case in gathered.cases)
    assert wide.judge(statement.claim, gathered).verdict is Verdict.HOLDS
    assert wide.judge(statement.damaged_claims()[0], gathered).verdict is Verdict.FAILS


def test_more_is_drawn_until_a_copy_is_refuted():
    """Three hundred matrices may be too few to refute; as many again, and again, are enough, and confirm the claim."""
    spectrum = next(m for m in all_methods() if m.name == "spectrum")
    statement = th.lookup("square_gaussian_singular_values")
    gathered = spectrum.gather(statement, QUICK, 11)
    copies = [c for c in statement.damaged_claims() if spectrum.judge(c, gathered).verdict is not Verdict.FAILS]
    assert copies
    while any(spectrum.judge(copy, gathered).verdict is not Verdict.FAILS for copy in copies):
        assert spectrum.more(gathered, None, copies)
    assert spectrum.judge(statement.claim, gathered).verdict is Verdict.HOLDS


def test_nothing_is_drawn_for_what_is_within_the_resolution():
    """It would be confirmed by any number of draws."""
    wide = next(m for m in all_methods() if m.name == "wide_network")
    statement = hidden()
    gathered = wide.gather(statement, QUICK, 1)
    spent = gathered.allowance.spent
    assert not wide.more(gathered, None, [statement.claim.replace_stated(q / 2 + Rational(1, 25))])
    assert gathered.allowance.spent == spent


def test_what_cannot_be_continued_stays_undecided():
    """A resolution that no budget reaches is not reached, and the report says so."""
    stated = q / 2
    fine = th.Statement(
        th.GaussianIdentity(Max(u, 0) ** 2, th.Gaussian(u, cov=[[q]]), stated),
        {q: th.Interval(Rational(1, 2), 2)},
        near_misses=[3 * stated],
        resolution=Rational(1, 10**7),
    )
    wide = next(m for m in all_methods() if m.name == "wide_network")
    evidence = _witness(wide, fine, (), replace(QUICK, seconds=0.1), 0)
    assert evidence.verdict is Verdict.UNDECIDED
    assert "draw more" in evidence.detail


def test_every_sampling_witness_but_that_of_fixed_size_goes_on():
    sampling = [m for m in all_methods() if m.grade is Grade.STATISTICAL]
    assert {m.name for m in sampling if not isinstance(m, Sampler)} == {"empirical"}
    assert not any(isinstance(m, Sampler) for m in all_methods() if m not in sampling)


def test_networks_are_drawn_where_the_integrand_varies():
    """With three equal inputs the form is zero, and a near-miss that is far away there would not be refuted."""
    wide = next(m for m in all_methods() if m.name == "wide_network")
    statement = th.lookup("weight_standardization")
    gathered = wide.gather(statement, QUICK, 20419)
    assert not any(case.sample.draws.degenerate for case in gathered.cases)
    assert all(wide.judge(copy, gathered).verdict is Verdict.FAILS for copy in statement.damaged_claims())

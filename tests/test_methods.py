"""The lines of evidence one by one, and the parts they share: sides, points, regions, quadrature."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Integer,
    Max,
    Piecewise,
    Rational,
    Symbol,
    acos,
    asin,
    cos,
    exp,
    log,
    nan,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
    zoo,
)

import theory as th
from numerics.budget import Budget
from numerics.methods import all_methods
from numerics.methods.wide_network import METHOD as WIDE
from numerics.points import generic_points, mixed_points
from numerics.quadrature import gaussian_quadrature
from numerics.region import Region
from numerics.sides import NotRealError, UndefinedError, quick_ball, real_ball
from numerics.verdict import Grade, Verdict
from theory.enclosure import enclose
from theory.errors import UnsupportedError
from theory.gaussian.ordering import Ordering
from theory.normal_form import is_zero, proves_zero
from theory.symbols import rho, u, v

QUICK = Budget.named("quick")
LAW = th.Gaussian([u, v], corr=rho)
a, b = symbols("a b", real=True)
x, y = symbols("x y", real=True)
METHODS = {m.name: m for m in all_methods()}


def statement(stated, integrand=None, **more):
    integrand = u * v if integrand is None else integrand
    return th.Statement(
        th.GaussianIdentity(integrand, LAW, stated),
        {rho: th.Interval(-1, 1)},
        lambda: th.expect(integrand, LAW),
        **{"resolution": Rational(1, 20), **more},
    )


@pytest.mark.parametrize("name", ["exact", "certified", "quadrature", "wide_network"])
def test_each_method_confirms_and_refutes(name):
    method, right = METHODS[name], statement(rho)
    assert method.accepts(right)
    gathered = method.gather(right, QUICK, 0)
    assert method.judge(right.claim, gathered).verdict is Verdict.HOLDS
    for wrong in (-rho, rho + Rational(1, 4), log(-exp(rho))):
        found = method.judge(right.claim.replace_stated(wrong), gathered)
        assert found.verdict is Verdict.FAILS, wrong
        assert found.point
    assert method.judge(right.claim.replace_stated(1 / (rho - rho**2) + rho), gathered).verdict is not Verdict.HOLDS


def test_strongest_method_first():
    grades = [m.grade for m in all_methods() if m.name != "haar"]
    assert grades == sorted(grades, reverse=True)
    assert Grade.STATISTICAL in grades


# Pairs equal on a part of the region only; the derivative route and the roots must not be fooled.
NOT_ZERO = [
    sqrt(x**3) - x * sqrt(x),
    sqrt(x * y) - sqrt(x) * sqrt(y),
    sqrt(x * y) - sqrt(-x) * sqrt(-y),
    sqrt(1 / x) - 1 / sqrt(x),
    sqrt(sin(x) ** 3) - sin(x) * sqrt(sin(x)),
    log(x**2) - 2 * log(x),
    sqrt(x**2) - x,
    sqrt((x - 1) ** 2 * (x - 2) ** 2) - (x - 1) * (x - 2),
    Piecewise((0, x < Rational(1, 2)), (1, True)),
    Integer(1) / 10**30,
]


@pytest.mark.parametrize("e", NOT_ZERO, ids=str)
def test_normal_form_proves_nothing_false(e):
    sample = {x: Rational(1, 3), y: Rational(1, 2)}
    points = {x: [Integer(0), Integer(1)], y: [Integer(0), Integer(1)]}
    assert proves_zero(e, sample, points, Ordering()) is None


@pytest.mark.parametrize(
    "e",
    [
        sqrt(x**3) - x * sqrt(x),
        sqrt(x * y) - sqrt(x) * sqrt(y),
        sqrt(1 / x) - 1 / sqrt(x),
        sqrt(x**2) - x,
        sqrt((1 + x) * (1 + y) / x**3) - sqrt(1 + x) * sqrt(1 + y) / (x * sqrt(x)),
    ],
    ids=str,
)
def test_normal_form_uses_the_region(e):
    sample = {x: Rational(1, 3), y: Rational(1, 2)}
    assert is_zero(e, sample, Ordering([x > 0, y > 0]))
    assert not is_zero(e + Rational(1, 10**9), sample, Ordering([x > 0, y > 0]))


def test_normal_form_still_proves_what_is_true():
    inside = Ordering([x + 1 > 0, 1 - x > 0])
    sample = {x: Rational(1, 3)}
    assert is_zero(acos(x) + asin(x) - pi / 2, sample, inside)
    assert is_zero(sqrt(1 - x**2) - sqrt(1 - x) * sqrt(1 + x), sample, inside)
    assert proves_zero(acos(-x) - pi + acos(x), sample, {}, inside)
    assert proves_zero(asin(x) - acos(sqrt(1 - x**2)) + asin(x), sample, {x: [Integer(0)]}, inside) is None


def test_region_without_interior_does_not_prove_everything():
    claim = th.Identity(cos(x), 1 - x**2 / 2)
    for domain in (th.Interval(0, 0), th.Interval(1, 1)):
        region = Region.of(th.Statement(claim, {x: domain}), 4, 0)
        assert region.points
        assert region.proves_zero(sqrt((x + y) ** 2) - x - y) is None


def test_region_is_the_interior():
    region = Region.of(statement(rho), 8, 0)
    assert all(-1 < p[rho] < 1 for p in region.points)
    assert region.ordering.is_positive(1 - rho)


def test_sides():
    assert real_ball(sqrt(2), 20).overlaps(real_ball(sqrt(2), 40))
    for side in (sqrt(-1 - pi), log(Integer(-2)), 1 + sqrt(Integer(-1)) / 10**9):
        with pytest.raises(NotRealError):
            real_ball(side, 20)
    for side in (nan, zoo, 1 + nan):
        with pytest.raises(UndefinedError):
            real_ball(side, 20)
    assert real_ball(sqrt(-2) ** 2, 20) == -2


def test_mixed_points_are_simple_and_generic():
    points = [p[rho] for p in mixed_points(statement(rho), 8, 0)]
    assert points[:3] == [0, 1, -1]
    assert len(points) == len(set(points)) == 8
    assert sum(r not in (-1, 0, 1) for r in points) >= 4
    assert [p[rho] for p in mixed_points(statement(rho), 8, 1)] != points
    assert points == [p[rho] for p in mixed_points(statement(rho), 8, 0)]


def test_generic_points_come_first():
    assert all(p[rho] not in (-1, 0, 1) for p in generic_points(statement(rho), 4, 0))


@pytest.mark.parametrize(
    ("integrand", "value"),
    [
        (exp(3 * u) * exp(3 * v), lambda r: math.exp(9 * (1 + r))),
        (exp(u) * v, lambda r: r * math.exp(0.5)),
        (Max(u, 0) * Max(v, 0), lambda r: (math.sqrt(1 - r * r) + r * (math.pi - math.acos(r))) / (2 * math.pi)),
        (u**6 * v**6, lambda r: 225 + 4050 * r**2 + 5400 * r**4 + 720 * r**6),
    ],
    ids=["exponentials", "mixed", "relu", "sixth powers"],
)
@pytest.mark.parametrize("r", [Rational(-9, 10), Rational(0), Rational(1, 2)])
def test_quadrature_error_is_honest(integrand, value, r):
    found = gaussian_quadrature(integrand, LAW.subs(rho, r))
    assert abs(found.value - value(float(r))) <= 20 * found.error + 1e-12 * abs(found.value)
    assert found.error <= 1e-9 * max(1, abs(found.value))


def test_quadrature_decides_where_the_parts_cancel():
    """At correlation 0 the value is 0, and no sum is better than its parts."""
    s = statement(9 * rho + 6 * rho**3, u**3 * v**3)
    gathered = METHODS["quadrature"].gather(s, QUICK, 0)
    assert any(case.point == {rho: 0} for case in gathered)
    assert METHODS["quadrature"].judge(s.claim, gathered).verdict is Verdict.HOLDS
    wrong = s.claim.replace_stated(9 * rho + 6 * rho**3 + Rational(1, 10**8))
    assert METHODS["quadrature"].judge(wrong, gathered).verdict is Verdict.FAILS


@pytest.mark.parametrize("seed", [2, 5])
@pytest.mark.parametrize("name", ["haar_truncation_word", "haar_unitary_truncation_word"])
def test_matrices_are_drawn_where_the_integrand_varies(name, seed):
    """A corner of full width is an isometry, of constant trace; one row hides an exponent."""
    s = th.lookup(name)
    gathered = METHODS["haar"].gather(s, QUICK, seed)
    assert not any(case.sample.draws.degenerate for case in gathered.cases)
    assert METHODS["haar"].judge(s.claim, gathered).verdict is Verdict.HOLDS
    assert all(METHODS["haar"].judge(wrong, gathered).verdict is Verdict.FAILS for wrong in s.damaged_claims())


@given(st.fractions(Fraction(-2), Fraction(2), max_denominator=1000))
def test_a_ball_without_substitution_meets_the_one_with_it(t):
    side = log(3 + x) * acos(x / 3) - sqrt(4 - x**2) + exp(x) / (x**2 + 1)
    quick = quick_ball(side, {x: Rational(t)}, 12)
    assert quick is None or quick.overlaps(real_ball(side.subs(x, Rational(t)), 30))
    assert (quick is None) or not quick.overlaps(real_ball(side.subs(x, Rational(t)) + Rational(1, 10**9), 30))


def test_a_ball_without_substitution_refuses():
    """No value, a removed pole, a complex one, a symbol too many."""
    for side in (log(x), sin(x) / x, log(x - 1), x + y):
        assert quick_ball(side, {x: Integer(0)}, 12) is None
    assert quick_ball(sin(x) / (x + 1), {x: Rational(1, 2)}, 12) is None


def test_quadrature_knows_its_reach():
    one = th.Gaussian(u)
    assert gaussian_quadrature(exp(10 * u), one).value == pytest.approx(math.exp(50), rel=1e-12)
    for integrand in (exp(40 * u), exp(u**2 / 2), exp(exp(u))):
        with pytest.raises(UnsupportedError):
            gaussian_quadrature(integrand, one)
    with pytest.raises(UnsupportedError, match="1 - rho"):
        gaussian_quadrature(u * v, LAW.subs(rho, 1))


def test_sampling_that_overflows_is_out_of_reach():
    huge = th.Statement(
        th.GaussianIdentity(exp(exp(3 * u)), th.Gaussian(u), Integer(3)), {}, resolution=Rational(1, 20)
    )
    with pytest.raises(UnsupportedError, match="sampling says nothing"):
        WIDE.gather(huge, QUICK, 0)


def test_sampling_passes_over_points_where_one_draw_makes_the_mean():
    tau = Symbol("tau", positive=True)
    claim = th.GaussianIdentity(Max(u - tau, 0) ** 2, th.Gaussian(u), Integer(1))
    heavy = th.Statement(claim, {tau: th.Interval(Rational(1, 10), 6)}, resolution=Rational(1, 20))
    gathered = WIDE.gather(heavy, QUICK, 0)
    assert gathered.cases
    assert all(case.sample.draws.dominance <= 0.1 for case in gathered.cases)


def test_certified_names_what_is_open():
    method = METHODS["certified"]
    beyond = statement(rho, integrand=tanh(u + v))
    found = method.judge(beyond.claim, method.gather(beyond, QUICK, 0))
    assert found.verdict is not Verdict.HOLDS


def test_a_corner_that_is_almost_never_reached_is_not_open():
    """One of the points has a value of 3e-66, known to a radius far below 1e-20 and not relative to the value."""
    method, statement = METHODS["certified"], th.lookup("shifted_relu_dual")
    gathered = method.gather(statement, QUICK, 7101)
    assert any(abs(case.value) < 1e-60 for case in gathered.cases)
    assert method.judge(statement.claim, gathered).verdict is Verdict.HOLDS
    assert all(method.judge(copy, gathered).verdict is Verdict.FAILS for copy in statement.damaged_claims())


def test_refutation_must_be_certified():
    false = th.Identity(sin(x), x)
    method = METHODS["certified"]
    right = th.Statement(th.Refutation(false, {x: 1}), {x: th.Interval(0, 1)})
    assert method.judge(right.claim, method.gather(right, QUICK, 0)).verdict is Verdict.HOLDS
    wrong = th.Statement(th.Refutation(false, {x: 0}), {x: th.Interval(0, 1)})
    assert method.judge(wrong.claim, method.gather(wrong, QUICK, 0)).verdict is Verdict.FAILS


def test_fixed_points_and_bounds():
    method = METHODS["certified"]
    for claim, verdict in (
        (th.FixedPoint(x**2, x, Integer(1), Integer(2)), Verdict.HOLDS),
        (th.FixedPoint(x**2, x, Integer(1), Integer(3)), Verdict.FAILS),
        (th.FixedPoint(x**2, x, Integer(2)), Verdict.FAILS),
        (th.Bound(Integer(1), sqrt(2)), Verdict.HOLDS),
        (th.Bound(Integer(2), sqrt(2)), Verdict.FAILS),
    ):
        s = th.Statement(claim, {})
        assert method.judge(claim, method.gather(s, QUICK, 0)).verdict is verdict, claim


@pytest.mark.parametrize(
    ("claimed", "bias", "contradicted"),
    [(Rational(1, 2), 1, False), (Rational(1, 4), 1, True), (Rational(3, 4), 1, True), (Rational(1, 2), 2, True)],
)
def test_rates_in_the_width_are_refuted_when_wrong(claimed, bias, contradicted):
    """Synthetic networks with bias 1/n and sd n^(-1/2): only the claim of these rates survives."""
    import numpy as np

    from numerics.methods.wide_network import _Case, _rates
    from numerics.samples import Sample
    from numerics.statistics import Accumulator, ConfidenceSequence

    limit = th.lookup("relu_gram_depth").claim
    point = {rho: Rational(1, 2)}
    value = float(enclose(limit.limit.subs(point), 17).mid())
    generator = np.random.default_rng(0)
    cases = []
    for width in (16, 64, 256, 4096):
        draws = generator.normal(value + 1 / width, 0.1 / width**0.5, 400_000)
        sample = Sample(
            lambda _, draws=draws: draws, 1, ConfidenceSequence(target=2000.0), 1.0, draws=Accumulator.of(draws)
        )
        cases.append(_Case(point, width, sample))
    found, words = _rates(replace(limit, fluctuation_rate=claimed, bias_rate=bias), cases)
    assert found is contradicted
    assert "sd ~ n^-0.50" in words
    assert "n^-1.0" in words


@pytest.mark.parametrize(
    ("method", "identifier", "others"),
    [(WIDE, "relu_dual", 1), (WIDE, "relu_gram_depth", 1), (METHODS["haar"], "haar_fourth_moment", 0)],
)
def test_sampling_is_judged_at_the_fixed_false_alarm_level(method, identifier, others):
    """The level is 1e-9 per statement and method, shared by all intervals that are looked at."""
    gathered = method.gather(th.lookup(identifier), QUICK, 0)
    levels = [case.sample.sequence.alpha for case in gathered.cases]
    assert sum(levels) + others * levels[0] == pytest.approx(1e-9)
    for case in gathered.cases:
        draws, interval = case.sample.draws, case.sample.interval
        assert interval.half_width > 6 * draws.sd / draws.count**0.5

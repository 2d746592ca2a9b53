"""The adversarial search finds that published bounds are false, and nothing against true ones."""

from __future__ import annotations

import pytest
from sympy import Abs, Integer, MatrixSymbol, Max, Piecewise, Rational, Symbol, exp, log, oo, sin, sqrt, symbols
from sympy.matrices.expressions import Determinant

import theory as th
from numerics.budget import Budget
from numerics.methods.search import METHOD
from numerics.search import Search
from numerics.verdict import Verdict
from numerics.verification import verify
from theory.haar.means import IsometryGain
from theory.symbols import rho

QUICK = Budget.named("quick")
T = Symbol("t", positive=True)
GAIN = IsometryGain(1 + 2 * T, 1 - T)


def judged(statement, seed=0):
    return METHOD.judge(statement.claim, METHOD.gather(statement, QUICK, seed))


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("low", [Rational(1, 20), Integer(0)])
def test_the_sharper_isometry_constant_fails_with_a_witness(low, seed):
    """E gain >= 1/(1 - |lambda - 1|^2/(d (d + 2))) at d = 3; near equality only the third order is negative."""
    domain = th.Interval(low, Rational(1, 2), left_open=True)
    statement = th.Statement(claim=th.Bound(1 / (1 - 6 * T**2 / 15), GAIN), domains={T: domain})
    found = judged(statement, seed)
    assert found.verdict is Verdict.FAILS
    assert 0 < Rational(found.point["t"]) <= Rational(1, 2)
    assert verify(statement, "quick", seed).verdict is Verdict.FAILS


def test_the_published_isometry_constant_is_not_refuted():
    domain = th.Interval(0, Rational(1, 2), left_open=True)
    statement = th.Statement(claim=th.Bound(1 / (1 - 6 * T**2 / 30), GAIN), domains={T: domain})
    assert judged(statement).verdict is Verdict.HOLDS


def gap(correlation):
    return -log((1 - correlation) ** 2 * (1 + 2 * correlation)) / 3


@pytest.mark.parametrize("closed", [False, True])
def test_the_gap_is_not_bounded_by_the_potential(closed):
    """-log I <= 2 n gamma_0 at n = 3: the gap is infinite at rho = -1/2, the bound 6."""
    domain = th.Interval(-Rational(1, 2), 1, left_open=not closed, right_open=True)
    statement = th.Statement(claim=th.Bound(gap(rho), 6 * Abs(rho) / (1 - Abs(rho))), domains={rho: domain})
    found = judged(statement)
    assert found.verdict is Verdict.FAILS
    assert Rational(found.point["rho"]) + Rational(1, 2) < Rational(1, 10**6)
    assert verify(statement, "quick").verdict is Verdict.FAILS


def test_the_gap_over_gram_matrices():
    C = MatrixSymbol("C", 3, 3)
    largest = Max(Abs(C[0, 1]), Abs(C[0, 2]), Abs(C[1, 2]))
    bound = th.Bound(-log(Determinant(C)) / 3, 6 * largest / (1 - largest))
    statement = th.Statement(claim=bound, domains={C: th.Gram(3, unit_diagonal=True)})
    assert verify(statement, "quick").verdict is Verdict.FAILS


def test_the_gap_over_kernel_maps():
    """After one layer with weights a: -log I(kappa(rho)) <= 6 gamma_0/beta_0 with beta_0 = 2 - a_1."""

    def bound(weights):
        kernel = sum(w * rho**k for k, w in enumerate(weights))
        beta = 2 - weights[1] if len(weights) > 1 else Integer(2)
        return th.Bound(gap(kernel), 6 * Abs(rho) / (1 - Abs(rho)) / beta)

    claim = th.ForAll(th.HermiteWeights(centered=True), bound)
    statement = th.Statement(claim=claim, domains={rho: th.Interval(-Rational(1, 2), 1, right_open=True)})
    found = judged(statement)
    assert found.verdict is Verdict.FAILS
    assert "member" in found.point


def test_third_order_at_equality_on_the_simplex():
    """sum p^2 >= 1/4 with equality at the centre; minus a cubic it fails only far out, minus a linear term close by."""
    p = symbols("p1:5")
    square = sum(e**2 for e in p)
    for wrong, verdict in ((0, Verdict.HOLDS), (p[0] - Rational(1, 4), Verdict.FAILS)):
        statement = th.Statement(claim=th.Bound(Rational(1, 4), square - wrong / 50), domains={p: th.Simplex(4)})
        assert judged(statement).verdict is verdict


def test_a_flat_direction_is_found_where_the_second_order_vanishes():
    """(x + y)^2 - y^3/8 has a negative third order along x + y = 0 alone, which no axis and no corner shows."""
    x, y = symbols("x y", real=True)
    domain = th.Interval(-Rational(1, 4), Rational(1, 4))
    statement = th.Statement(claim=th.Bound(y**3 / 8, (x + y) ** 2), domains={x: domain, y: domain})
    assert Search(statement.claim, statement, 300, 0).run().violated


def test_a_refutation_is_rediscovered_and_a_wrong_one_is_not():
    assert judged(th.lookup("isometry_gain_sharper_bound")).verdict is Verdict.HOLDS
    true = th.Bound(rho**2, Integer(2))
    statement = th.Statement(claim=th.Refutation(true, at={rho: Rational(1, 2)}), domains={rho: th.Interval(-1, 1)})
    assert judged(statement).verdict is Verdict.UNDECIDED


def test_strict_bounds_with_equality_and_unbounded_domains():
    strict = th.Statement(claim=th.Bound(rho, Integer(1), strict=True), domains={rho: th.Interval(-1, 1)})
    assert judged(strict).verdict is not Verdict.HOLDS
    for right, verdict in ((T**2, Verdict.HOLDS), (Integer(10**6), Verdict.FAILS)):
        unbounded = th.Statement(claim=th.Bound(T, right), domains={T: th.Interval(2, oo)})
        assert judged(unbounded).verdict is verdict


def test_bounds_with_a_probability_are_not_searched():
    claim = th.Bound(rho, Integer(2), probability=Rational(1, 2))
    assert not METHOD.accepts(th.Statement(claim=claim, domains={rho: th.Interval(-1, 1)}))


X, Y = symbols("x y", real=True)
UNIT = th.Interval(0, 1)
# A peak that no list of simple points meets, and the least value that the other side must have.
PEAKS = {
    "rational place": (exp(-((1000 * X - 637) ** 2)), {X: UNIT}),
    "irrational place": (exp(-((10**4 * (X - sqrt(2) / 3)) ** 2)), {X: UNIT}),
    "pole nearby": (1 / (1 + 10**10 * (X - Rational(123457, 10**6)) ** 2), {X: UNIT}),
    "sliver": (Piecewise((1, (Rational(70110, 10**5) < X) & (Rational(70112, 10**5) > X)), (0, True)), {X: UNIT}),
    "two variables": (exp(-400 * ((X - Rational(3, 10)) ** 2 + (Y - Rational(7, 10)) ** 2)), {X: UNIT, Y: UNIT}),
    "no inner root": (sin(1000 * X) ** 2 * exp(-((20 * sin(X) - 9) ** 2)), {X: UNIT}),
    "far out": (X**2 * exp(2 - X / 50) / 10**4, {X: th.Interval(0, oo)}),
    "an integer": (exp(-((X - 4711) ** 2)), {X: th.Interval(0, oo)}),
    "simplex": (27 * X * Y * (1 - X - Y), {(X, Y, Symbol("z")): th.Simplex(3)}),
}


@pytest.mark.parametrize("name", PEAKS)
def test_a_narrow_peak_is_found(name):
    peak, domains = PEAKS[name]
    if name == "simplex":
        peak = peak.subs(1 - X - Y, Symbol("z"))
    for level, verdict in ((Rational(97, 100), Verdict.FAILS), (Rational(101, 100), Verdict.HOLDS)):
        statement = th.Statement(claim=th.Bound(peak, level), domains=domains)
        assert judged(statement).verdict is verdict


def test_conditions_are_kept_by_the_scan():
    inside = [X**2 + Y**2 < 1]
    for level, verdict in ((Rational(7, 5), Verdict.FAILS), (sqrt(2), Verdict.HOLDS)):
        claim = th.Bound(X + Y, level)
        statement = th.Statement(claim=claim, domains={X: UNIT, Y: UNIT}, assumptions=inside)
        assert judged(statement).verdict is verdict


def test_activations_are_mixed_by_a_longer_search():
    """(E phi)^2 <= 4/5 E phi^2 holds for every polynomial that is tried first, and fails for a mixture."""
    polynomials = th.Activations(where=lambda phi: phi.expr.is_polynomial(phi.variable))
    claim = th.ForAll(polynomials, lambda phi: th.Bound(phi.moment(1) ** 2, phi.moment(2) * Rational(4, 5)))
    statement = th.Statement(claim=claim, domains={})
    short, long = (Search(claim, statement, effort, 0) for effort in (60, 500))
    assert not short.run().violated
    found = long.run()
    assert found.violated
    assert found.worst.place.member not in [place.member for place in long.pool]


def test_named_activations_are_not_mixed():
    claim = th.ForAll(th.Activations(names=["relu", "abs"]), lambda phi: th.Bound(phi.moment(1) ** 2, phi.moment(2)))
    found = Search(claim, th.Statement(claim=claim, domains={}), 600, 0)
    found.run()
    assert {place.split("'")[0] for place, _ in found._known} == {str(place.member) for place in found.pool}

"""Damaged copies: what the operators make, what is left out and why."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sympy import Integer, Matrix, Max, Rational, Tuple, acos, pi, sign, sin, sqrt

import theory as th
from numerics.mutation import damaged_copies, mutants
from numerics.region import Region
from numerics.report import Report
from numerics.verdict import Evidence, Grade, Verdict
from numerics.verification import _decide, verify
from theory.claims import Invariance
from theory.symbols import k, rho, u, v, x

LAW = th.Gaussian([u, v], corr=rho)
RELU = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / (2 * pi)
CLOSED = {rho: th.Interval(-1, 1)}


def statement(stated, **more):
    return th.Statement(th.GaussianIdentity(u * v, LAW, stated), CLOSED, **more)


def copies(s):
    return damaged_copies(s, Region.of(s, 12, 0))


def test_operators():
    names = [m.name for m in mutants(statement(RELU))]
    for start in ("shifted", "sign", "exponent", "argument of acos", "pi by 3"):
        assert any(name.startswith(start) for name in names), start
    assert len(set(names)) == len(names)


def test_terms_are_dropped_and_negated():
    names = [m.name for m in mutants(statement(rho + rho**3))]
    assert {"term 1 dropped", "term 2 dropped", "term 1 negated"} <= set(names)


def test_every_copy_is_another_claim():
    s = statement(RELU)
    assert all(m.claim != s.claim for m in mutants(s))
    assert mutants(s) == mutants(s)


def test_shift_is_at_least_three_resolutions():
    s = statement(RELU, resolution=Rational(1, 100))
    (shifted,) = [m for m in mutants(s) if m.name.startswith("shifted")]
    assert abs(shifted.claim.stated - RELU) >= 3 * Rational(1, 100)


@pytest.mark.parametrize(
    "stated", [(pi * rho + pi) / pi - 1, rho * sign(rho) * sign(rho) + (pi * rho - rho * pi), rho + 0 * pi], ids=str
)
def test_equivalent_copies_are_left_out_with_a_proof(stated):
    s = statement(stated, resolution=Rational(1, 20))
    kept = copies(s)
    assert kept
    assert not any(m.name == "pi by 3" for m in kept)


def test_genuine_copies_stay():
    s = statement(RELU, resolution=Rational(1, 50))
    assert copies(s) == mutants(s)


def test_equivalent_near_miss_stays_and_is_found_out():
    """A near-miss that says the same is a mistake of its author, and must not be hidden."""
    s = th.Statement(
        th.GaussianIdentity(u * v, LAW, rho),
        CLOSED,
        lambda: rho,
        Rational(1, 20),
        near_misses=[(pi * rho + pi) / pi - 1],
    )
    assert any(m.name == "near-miss 1" for m in copies(s))
    report = verify(s, "quick")
    assert report.verdict is Verdict.UNDECIDED
    assert any("near-miss 1" in e.survivors for e in report.evidence)


@pytest.mark.parametrize(
    ("bound", "domain"),
    [
        (th.Bound(sin(x), x), th.Interval(0, 1)),  # the sides meet at a simple point
        (th.Bound(sin(x), 2 - x), th.Interval(0, 1)),
        (th.Bound(x, 10**6 * x + 10**9, strict=True), th.Interval(0, 100)),
    ],
)
def test_a_bound_is_sharpened_until_it_is_false(bound, domain):
    s = th.Statement(bound, {x: domain})
    (sharp,) = mutants(s)
    assert sharp.name.startswith("sharpened")
    report = verify(s, "quick")
    assert report.verdict is Verdict.HOLDS
    assert [e.killed for e in report.evidence] == [1, 1]
    assert verify(th.Statement(sharp.claim, {x: domain}), "quick").verdict is Verdict.FAILS


def test_near_misses_of_a_bound_stay_beside_the_sharpened_copy():
    bound = th.Statement(th.Bound(sin(x), x), {x: th.Interval(0, 1)}, near_misses=[x / 2])
    assert [m.name for m in mutants(bound)] == ["near-miss 1", "sharpened by 0.01"]


FALSE = {
    "identity": th.Refutation(th.Identity(sin(x), x), {x: 1}),
    "bound": th.Refutation(th.Bound(x, sin(x)), {x: 1}),
    "fixed point": th.Refutation(th.FixedPoint(x**2, x, Integer(2))),
    "sequence": th.Refutation(th.Sequence(k, k**2, 2 * k), {}),
    "expectation": th.Refutation(th.GaussianIdentity(u**2, th.Gaussian(u), Integer(2))),
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_refutation_of_a_true_claim_is_not_confirmed(kind):
    claim = FALSE[kind]
    domains = {x: th.Interval(0, 1)} if claim.pinned else {}
    s = th.Statement(claim, domains, missing_witness="a test")
    (made_true,) = mutants(s)
    report = verify(s, "quick")
    assert all(e.killed == e.mutants == 1 for e in report.evidence if e.verdict is Verdict.HOLDS)
    assert verify(replace(s, claim=made_true.claim), "quick").verdict is not Verdict.HOLDS
    if kind != "sequence":
        assert report.verdict is Verdict.HOLDS


def test_without_a_damaged_copy_nothing_holds():
    """An invariant has no single side to damage; without near-misses nothing shows that a false one is found."""
    flow = {x: u, u: -x}
    bare = th.Statement(Invariance((x**2 + u**2 - 1,), flow), {x: th.Interval(-2, 2), u: th.Interval(-2, 2)})
    report = verify(bare, "quick")
    assert mutants(bare) == ()
    assert (report.verdict, "near_misses" in report.note) == (Verdict.UNDECIDED, True)
    told = replace(bare, near_misses=[Invariance((x**2 + 2 * u**2 - 1,), flow)])
    assert verify(told, "quick").verdict is Verdict.HOLDS


def test_families_are_damaged_member_by_member():
    def build(phi):
        return th.GaussianIdentity(phi(u), th.Gaussian(u), phi.moment(1) + 0 * rho)

    family = th.ForAll(th.Activations(names=["relu"]), build)
    found = mutants(th.Statement(family, {}))
    assert len(found) == 2
    (member,) = list(family.domain.samples(random.Random(0)))
    for mutant in found:
        assert mutant.claim.at(member).stated != family.at(member).stated


def test_exact_number_claims():
    s = th.Statement(th.GaussianIdentity(Max(u, 0), th.Gaussian(u), Integer(0) + 1 / sqrt(2 * pi)), {})
    assert {"sign", "pi by 3"} <= {m.name for m in mutants(s)}


def test_a_copy_that_says_the_same_is_listed_with_its_proof():
    """Where pi cancels, another value of pi is no damage."""
    hidden = (pi * rho + pi) / pi - 1
    s = th.Statement(th.GaussianIdentity(u * v, LAW, hidden), CLOSED, lambda: rho, Rational(1, 20))
    report = verify(s, "quick")
    assert report.verdict is Verdict.HOLDS
    left_out = dict(report.equivalent)
    assert left_out
    assert all(left_out.values())
    assert not left_out.keys() & {name for e in report.evidence for name in e.survivors}
    assert {m.name for m in mutants(s)} == {m.name for m in copies(s)} | left_out.keys()
    assert all(name in str(report) for name in left_out)
    assert Report.from_json(report.to_json()) == report


def test_a_near_miss_that_says_the_same_is_named_with_the_proof_and_another_without():
    near = [(pi * rho + pi) / pi - 1]
    s = th.Statement(th.GaussianIdentity(u * v, LAW, rho), CLOSED, lambda: rho, Rational(1, 20), near_misses=near)
    assert "say the same as the claim; give others: near-miss 1 (" in verify(s, "quick").note
    confirmed = Evidence("exact", Grade.EXACT, Verdict.HOLDS, "", mutants=2, killed=1, survivors=("sign",))
    assert "(not proved to say the same): sign" in _decide(s, [confirmed], copies(s), {})[1]


def test_copies_of_a_fixed_point_stay_where_its_map_has_a_value():
    pole = th.Statement(th.FixedPoint(x / (1 + x) + Rational(1, 2), x, Integer(1)), {})
    assert {m.name for m in mutants(pole)} == {"shifted by 1/100"}  # the map has a pole at -1
    mean = th.GaussianExpectation(Max(u, 0) * Max(v, 0), Tuple(u, v), Matrix([[1, x], [x, 1]]), Tuple(0, 0))
    edge = th.Statement(th.FixedPoint(2 * mean, x, Integer(1)), {})  # no correlation is above 1
    assert {m.name for m in mutants(edge)} == {"shifted by -1/100", "sign"}

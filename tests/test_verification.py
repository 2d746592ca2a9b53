"""Decisions: what makes a statement hold, fail, stay open, be vacuous or be in error."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import (
    Abs,
    Integer,
    Max,
    Piecewise,
    Rational,
    Symbol,
    Tuple,
    acos,
    atan,
    exp,
    factorial,
    hermite_prob,
    log,
    pi,
    sign,
    sin,
    sqrt,
    tanh,
)

import theory as th
from numerics import verification
from numerics.budget import Budget
from numerics.method import Judgement
from numerics.verdict import Evidence, Grade, Verdict, combine
from numerics.verification import chosen_names, verify, verify_all
from theory.errors import UnknownNameError
from theory.symbols import k, n, rho, u, v

LAW = th.Gaussian([u, v], corr=rho)
CLOSED = {rho: th.Interval(-1, 1)}
OPEN = {rho: th.Interval(-1, 1, left_open=True, right_open=True)}
RELU = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / (2 * pi)
REASON = "a test"


def gaussian(integrand, stated, law=LAW, domains=CLOSED, **more):
    return th.Statement(
        claim=th.GaussianIdentity(integrand, law, stated),
        domains=domains,
        derive=lambda: th.expect(integrand, law),
        **{"resolution": Rational(1, 50), **more},
    )


def evidence(report, method):
    return next(e for e in report.evidence if e.method == method)


def test_true_claim_holds_by_all_witnesses():
    report = verify(gaussian(Max(u, 0) * Max(v, 0), RELU), "quick")
    assert report.verdict is Verdict.HOLDS
    assert {e.method for e in report.evidence if e.verdict is Verdict.HOLDS} >= {"exact", "certified", "wide_network"}
    assert report.grade is Grade.EXACT


@pytest.mark.parametrize("error", [Rational(1, 10**6), Rational(1, 10**15), -rho / 10**4])
def test_wrong_claim_fails_with_point_and_both_enclosures(error):
    report = verify(gaussian(Max(u, 0) * Max(v, 0), RELU + error), "quick")
    assert report.verdict is Verdict.FAILS
    found = evidence(report, "certified")
    assert found.verdict is Verdict.FAILS
    assert set(found.point) == {"rho"}
    assert found.measured != found.stated
    assert "+/-" in found.measured + found.stated
    text = str(report)
    assert found.stated.split()[0].strip("[")[:12] in text


# Each is right at many points, or in its real part, and false all the same.
ALMOST = {
    "true for positive rho": (u * v, Abs(rho), CLOSED),
    "true at 0 and 1": (u * v, rho**2, CLOSED),
    "true at 0, 1 and -1": (u * v, rho**3, CLOSED),
    "true real part": (u * v, log(-exp(rho)), CLOSED),
    "complex for every rho": (u * v, rho + sqrt(-1 - rho**2), CLOSED),
    "complex for rho below 0": (u**2 * v**2, 1 + 2 * sqrt(rho) * sqrt(rho**3), CLOSED),
    "zero of a polynomial at every simple point": (
        u * v,
        rho + rho * (rho**2 - 1) * (4 * rho**2 - 1) * (10 * rho - 3) * (10 * rho + 9) * (20 * rho - 19),
        CLOSED,
    ),
    "no closed form": (tanh(u) * tanh(v), tanh(rho), CLOSED),
}


@pytest.mark.parametrize("case", ALMOST, ids=str)
def test_almost_true_fails(case):
    integrand, stated, domains = ALMOST[case]
    assert verify(gaussian(integrand, stated, domains=domains), "quick").verdict is Verdict.FAILS


def test_true_on_the_stated_domain_only():
    half = {rho: th.Interval(0, 1)}
    assert verify(gaussian(u * v, Abs(rho), domains=half), "quick").verdict is Verdict.HOLDS


def test_difference_on_a_sliver_is_not_confirmed():
    jump = Piecewise((1, (rho > Rational(70110, 10**5)) & (rho < Rational(70112, 10**5))), (0, True))
    assert verify(gaussian(u * v, rho + jump), "quick").verdict is Verdict.UNDECIDED


def test_undefined_stated_side_is_not_confirmed():
    stated = 2 * atan(rho / sqrt(1 - rho**2)) / pi
    report = verify(gaussian(sign(u) * sign(v), stated), "quick")
    assert report.verdict is Verdict.UNDECIDED
    assert "undefined" in report.note
    assert verify(gaussian(sign(u) * sign(v), stated, domains=OPEN), "quick").verdict is Verdict.HOLDS


def test_a_side_without_a_value_at_one_point_is_refuted_at_another():
    """The first points are 0, 1 and -1; at the ends neither the claim nor its damaged copies have a value."""
    wrong = gaussian(sign(u) * sign(v), 3 * atan(rho / sqrt(1 - rho**2)) / pi)
    report = verify(wrong, "quick")
    assert evidence(report, "certified").verdict is Verdict.FAILS
    assert report.verdict is Verdict.FAILS


def test_infinite_expectation_is_not_confirmed():
    a = Symbol("a", real=True)
    law = th.Gaussian([u, v], cov=[[1, 0], [0, 1]])
    claim = th.GaussianIdentity(exp(a * (u**2 + v**2)), law, 1 / (1 - 2 * a))
    statement = th.Statement(
        claim=claim,
        domains={a: th.Interval(Rational(1, 20), 1)},
        derive=lambda: 1 / (1 - 2 * a),
        resolution=Rational(1, 20),
        missing_witness=REASON,
    )
    assert verify(statement, "quick").verdict is not Verdict.HOLDS
    fine = replace(statement, domains={a: th.Interval(Rational(-1, 2), Rational(1, 10))})
    assert verify(fine, "quick").verdict is Verdict.HOLDS


def test_family_is_judged_at_generic_points():
    def wrong(power):
        def build(phi):
            slope = th.expect(phi.derivative().subs(phi.variable, v), th.Gaussian(v))
            return th.GaussianIdentity(u * phi(v), LAW, rho**power * slope)

        claim = th.ForAll(th.Activations(names=["relu", "erf"]), build)
        return th.Statement(claim=claim, domains=CLOSED, missing_witness=REASON)

    assert verify(wrong(1), "quick").verdict is Verdict.HOLDS
    assert verify(wrong(2), "quick").verdict is Verdict.FAILS
    assert verify(wrong(3), "quick").verdict is Verdict.FAILS


def test_sequence_is_judged_at_generic_points():
    node = th.GaussianExpectation(hermite_prob(k, u) * hermite_prob(k, v), Tuple(u, v), LAW.cov, Tuple(0, 0))

    def statement(stated):
        return th.Statement(claim=th.Sequence(k, node, stated), domains=CLOSED, missing_witness=REASON)

    assert verify(statement(factorial(k) * rho**k), "quick").verdict is Verdict.HOLDS
    assert verify(statement(factorial(k) * rho ** (3 * k)), "quick").verdict is Verdict.FAILS


def test_contradicting_assumptions_are_vacuous():
    report = verify(gaussian(u * v, rho, assumptions=[rho > Rational(1, 2), rho < Rational(1, 4)]), "quick")
    assert report.verdict is Verdict.VACUOUS


def test_single_witness_needs_a_reason():
    claim = th.Sequence(k, factorial(k + 1), (k + 1) * factorial(k))
    alone = th.Statement(claim=claim, domains={}, near_misses=[(k + 2) * factorial(k)])
    assert verify(alone, "quick").verdict is Verdict.UNDECIDED
    assert verify(replace(alone, missing_witness=REASON), "quick").verdict is Verdict.HOLDS


def test_random_object_needs_sampling():
    report = verify(gaussian(u * v, rho, resolution=None), "quick")
    assert report.verdict is Verdict.UNDECIDED
    assert "missing_witness" in report.note


def test_no_method_is_undecided():
    claim = th.WidthLimit(sin(n) / n, Integer(0), n)
    report = verify(th.Statement(claim=claim, domains={}), "quick")
    assert report.verdict is Verdict.UNDECIDED
    assert report.evidence == ()


def test_exception_is_an_error():
    def broken():
        raise RuntimeError("no rule")

    statement = th.Statement(th.GaussianIdentity(u * v, LAW, rho), CLOSED, broken, Rational(1, 50))
    report = verify(statement, "quick")
    assert report.verdict is Verdict.ERROR
    assert "RuntimeError: no rule" in report.note


def test_derivation_out_of_reach_leaves_the_other_witnesses():
    def open_question():
        raise th.OrderingError("the order is not settled")

    statement = th.Statement(th.GaussianIdentity(u * v, LAW, rho), CLOSED, open_question, Rational(1, 50))
    report = verify(statement, "quick")
    assert report.verdict is Verdict.HOLDS
    assert evidence(report, "exact").verdict is Verdict.UNDECIDED


def test_conjecture_is_not_shown_as_proved():
    statement = replace(gaussian(u * v, rho), derive=None)
    assert "no proof" in verify(statement, "quick").note
    assert "no proof" not in verify(replace(statement, status="derived"), "quick").note


class _Credulous:
    """A method that confirms whatever it is shown."""

    name, grade, independent_of = "credulous", Grade.CERTIFIED, "everything"

    def accepts(self, statement):
        return True

    def gather(self, statement, budget, seed):
        return None

    def judge(self, claim, gathered):
        return Judgement(Verdict.HOLDS, "as you say", points=1)


def test_a_witness_that_confirms_damaged_copies_is_not_counted(monkeypatch):
    monkeypatch.setattr(verification, "all_methods", lambda: (_Credulous(),))
    report = verify(gaussian(u * v, rho, near_misses=[2 * rho], missing_witness=REASON), "quick")
    (found,) = report.evidence
    assert (report.verdict, found.verdict) == (Verdict.UNDECIDED, Verdict.UNDECIDED)
    assert found.killed == 0 < found.mutants
    assert "near-miss 1" in found.survivors


def test_copy_that_no_counted_witness_refutes_keeps_the_statement_open(monkeypatch):
    class Sampling(_Credulous):
        grade = Grade.STATISTICAL

        def judge(self, claim, gathered):
            wrong = claim.limit != rho and claim.limit != -rho
            return Judgement(Verdict.FAILS if wrong else Verdict.HOLDS, "", points=1)

    from theory.observables import GramEntry
    from theory.symbols import n, x

    claim = th.WidthLimit(GramEntry(x, x, rho), rho, n)
    statement = th.Statement(claim, CLOSED, resolution=Rational(1, 50), missing_witness=REASON)
    monkeypatch.setattr(verification, "all_methods", lambda: (Sampling(),))
    report = verify(statement, "quick")
    assert report.verdict is Verdict.UNDECIDED
    assert "sign" in report.note


def test_seed_makes_results_reproducible():
    statement = gaussian(u * v, rho, resolution=Rational(1, 20))
    first, again = (verify(statement, "quick", seed=3) for _ in range(2))

    def comparable(report):
        return [replace(e, seconds=0.0) for e in report.evidence]

    assert comparable(first) == comparable(again)
    other = verify(statement, "quick", seed=4)
    assert evidence(other, "wide_network").measured != evidence(first, "wide_network").measured


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="relu_dual"):
        verify("relu_dul", "quick")
    with pytest.raises(UnknownNameError, match="relu_dual"):
        verify_all(identifiers=["relu_dul"])
    with pytest.raises(UnknownNameError, match="quick"):
        verify(gaussian(u * v, rho), "quik")
    with pytest.raises(UnknownNameError, match="kernel"):
        chosen_names("kernl")


def test_ctrl_c_keeps_what_was_done():
    def interrupt(report):
        raise KeyboardInterrupt

    names = ["nonnegative_recovery_strength", "relu_dual"]
    found = verify_all(identifiers=names, budget="quick", progress=interrupt)
    assert found.interrupted
    assert [r.identifier for r in found] == names[:1]
    assert found.remaining == ("relu_dual",)
    assert found[names[0]].verdict is Verdict.HOLDS
    assert found.verdict is not Verdict.HOLDS


def test_broken_theorem_file_does_not_stop_the_run(monkeypatch):
    def broken(name):
        if name == "relu_dual":
            raise ZeroDivisionError("in the file")
        return th.lookup(name)

    monkeypatch.setattr(verification, "lookup", broken)
    found = verify_all(identifiers=["relu_dual", "nonnegative_recovery_strength"], budget="quick")
    assert [r.verdict for r in found] == [Verdict.ERROR, Verdict.HOLDS]
    assert found.verdict is Verdict.ERROR


def test_combination_of_verdicts():
    h, f, o = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED
    assert combine([h, h]) is h
    assert combine([h, o]) is o
    assert combine([h, o, f]) is f
    assert combine([]) is Verdict.VACUOUS
    assert all(member.advice for member in Verdict)


def test_grades_are_ordered():
    assert Grade.EXACT > Grade.CERTIFIED > Grade.QUADRATURE > Grade.STATISTICAL


def test_evidence_survives_json():
    e = Evidence("m", Grade.EXACT, Verdict.HOLDS, "d", {"rho": "1/2"}, survivors=("sign",), undefined=True)
    assert Evidence.from_json(e.to_json()) == e


def test_budgets():
    assert Budget.named("quick").seconds < Budget.named("standard").seconds < Budget.named("deep").seconds

"""Orbits, depth asymptotics and fixed points: true claims hold, damaged ones fail."""

from __future__ import annotations

import random

import pytest
from sympy import Integer, Rational, Symbol, acos, cos, exp, log, pi, sin, sqrt, tanh

import theory as th
from numerics.budget import Budget
from numerics.iteration import fixed_points, orbit
from numerics.methods.iteration import METHOD
from numerics.verdict import Verdict
from numerics.verification import verify
from theory.claims import DepthAsymptotic, FixedPoint
from theory.errors import DomainError, PrecisionError
from theory.orbits import Orbit
from theory.symbols import rho

QUICK = Budget.named("quick")
x, a = Symbol("x"), Symbol("a", positive=True)
ell = Symbol("ell", integer=True, positive=True)
RELU = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / pi


def judged(claim, domains=None):
    statement = th.Statement(claim=claim, domains=domains or {})
    assert METHOD.accepts(statement)
    return METHOD.judge(claim, METHOD.gather(statement, QUICK, 0))


@pytest.mark.parametrize(
    ("sequence", "exponent", "constant", "log_coefficient"),
    [
        (Orbit(RELU, rho, Rational(-1, 3), 1 - rho), 2, 9 * pi**2 / 2, None),
        (Orbit(exp(rho - 1), rho, 0, 1 - rho), 1, Integer(2), None),
        (Orbit(sin(x), x, 1), Rational(1, 2), sqrt(3), Rational(-3, 10)),
        (Orbit(tanh(x), x, -2), Rational(1, 2), -sqrt(Rational(3, 2)), None),
        (Orbit(x - x**2, x, Rational(1, 3)), 1, Integer(1), Integer(-1)),
        (2 / (3 * ell + 5), 1, Rational(2, 3), Integer(0)),
    ],
)
def test_power_laws(sequence, exponent, constant, log_coefficient):
    claim = DepthAsymptotic(sequence, ell, Integer(1) * exponent, constant, log_coefficient)
    assert judged(claim).verdict is Verdict.HOLDS
    assert judged(claim.replace_stated(constant * Rational(1001, 1000))).verdict is Verdict.FAILS
    assert judged(claim.replace_stated(-constant)).verdict is Verdict.FAILS
    wrong = DepthAsymptotic(sequence, ell, exponent + Rational(1, 100), constant)
    assert judged(wrong).verdict is Verdict.FAILS
    if claim.log_coefficient is not None:
        wrong = DepthAsymptotic(sequence, ell, claim.exponent, constant, log_coefficient + Rational(1, 5))
        assert judged(wrong).verdict is Verdict.FAILS


def test_a_geometric_decay_is_no_power_law():
    claim = DepthAsymptotic(Orbit(x / 2 + x**2 / 8, x, Rational(1, 2)), ell, Integer(2), Integer(1))
    statement = th.Statement(claim=claim, domains={})
    assert verify(statement, "quick").verdict is not Verdict.HOLDS


def test_a_sequence_that_changes_sign_is_undecided():
    claim = DepthAsymptotic(cos(ell) / ell, ell, Integer(1), Integer(1))
    assert verify(th.Statement(claim=claim, domains={}), "quick").verdict is not Verdict.HOLDS


@pytest.mark.parametrize(
    ("map_", "value", "multiplier", "wrong"),
    [
        (a * x * (1 - x), 1 - 1 / a, 2 - a, 1 / a),
        (x - x**2 + a, sqrt(a), 1 - 2 * sqrt(a), a),
        (exp(-a * x) + x - Rational(1, 2), log(2) / a, 1 - a / 2, log(2)),
    ],
)
def test_fixed_points(map_, value, multiplier, wrong):
    domains = {a: th.Interval(Rational(5, 4), 3)}
    claim = FixedPoint(map_, x, value, multiplier)
    assert judged(claim, domains).verdict is Verdict.HOLDS
    assert judged(claim.replace_stated(wrong), domains).verdict is Verdict.FAILS
    assert judged(FixedPoint(map_, x, value, multiplier + Rational(1, 10**6)), domains).verdict is Verdict.FAILS


def test_a_fixed_point_of_slope_one_is_left_open():
    assert judged(FixedPoint(x - x**2, x, Integer(0))).verdict is Verdict.UNDECIDED


def test_fixed_points_are_isolated_and_complete_here():
    found = fixed_points(cos(x), x, [-1.0, 0.5, 2.0], random.Random(0))
    assert len(found) == 1
    assert abs(float(found[0].value.mid()) - 0.7390851332151607) < 1e-15
    assert not any(fixed_points(x + exp(x), x, [-1.0, 0.5, 2.0], random.Random(0)))


def test_orbits_in_balls():
    value = orbit(4 * x * (1 - x), x, Rational(1, 3), x, [50])[0]
    exact = sin(2**50 * acos(1 - 2 * Rational(1, 3)) / 2) ** 2
    assert abs(float(value.mid()) - float(exact.evalf(30))) < 1e-12
    with pytest.raises(PrecisionError):
        orbit(4 * x * (1 - x), x, Rational(1, 3), x, [8000])


@pytest.mark.parametrize(
    "bad", [lambda: Orbit(Integer(1), x, 0), lambda: Orbit(x**2, x, x), lambda: Orbit(x, x, 0, rho)]
)
def test_orbits_without_their_variable(bad):
    with pytest.raises(DomainError):
        bad()


@pytest.mark.parametrize("name", ["relu_correlation_depth", "quadratic_kernel_fixed_point"])
def test_theorems(name):
    report = verify(name, "quick")
    assert report.verdict is Verdict.HOLDS, str(report)
    evidence = {e.method: e for e in report.evidence}["iteration"]
    assert evidence.killed == evidence.mutants > 0

"""Flows and invariant manifolds, by integration in balls and by differentiation; damaged twins fail."""

from __future__ import annotations

import mpmath
import pytest
from flint import arb
from sympy import Integer, Max, Rational, Symbol, cos, exp, log, sin, sqrt, symbols, tan, tanh

import theory as th
from numerics.budget import Budget
from numerics.manifold import manifold_point
from numerics.methods.ode import METHOD as ODE
from numerics.methods.substitution import METHOD as SUBSTITUTION
from numerics.taylor import solve
from numerics.verdict import Verdict
from numerics.verification import verify
from theory.claims import Flow, Invariance
from theory.errors import PrecisionError, UnsupportedError

QUICK = Budget.named("quick")
x, y, t = symbols("x y t", real=True)
c = Symbol("c", positive=True)


def judged(method, claim, domains):
    statement = th.Statement(claim=claim, domains=domains, points=3)
    return method.judge(claim, method.gather(statement, QUICK, 0)).verdict


FLOWS = [
    ({x: -c * x}, {x: 2 * exp(-c * t)}, {x: Integer(2)}),
    ({x: y, y: -(c**2) * x}, {x: cos(c * t), y: -c * sin(c * t)}, {x: Integer(1), y: Integer(0)}),
    ({x: 1 - x**2}, {x: tanh(t + c)}, {x: tanh(c)}),
    ({x: c * t * x}, {x: exp(c * t**2 / 2)}, {x: Integer(1)}),
    ({x: 1 / (2 * x)}, {x: sqrt(c + t)}, {x: sqrt(c)}),
]


@pytest.mark.parametrize(("equations", "solution", "initial"), FLOWS)
def test_solutions_hold_and_damaged_ones_fail(equations, solution, initial):
    domains = {c: th.Interval(Rational(1, 2), 2), t: th.Interval(0, 1)}
    claim = Flow(equations, t, solution, initial)
    assert judged(ODE, claim, domains) is Verdict.HOLDS
    for name, damage in (("time", lambda e: e.subs(t, 2 * t)), ("scale", lambda e: e * Rational(1001, 1000))):
        wrong = Flow(equations, t, {**solution, x: damage(solution[x])}, initial)
        assert judged(ODE, wrong, domains) is Verdict.FAILS, name
        assert judged(SUBSTITUTION, wrong, domains) is Verdict.FAILS, name


def test_a_wrong_initial_value_and_backward_time():
    domains = {c: th.Interval(Rational(1, 2), 2), t: th.Interval(-1, 0)}
    assert judged(ODE, Flow({x: -c * x}, t, {x: exp(-c * t)}, {x: Integer(1)}), domains) is Verdict.HOLDS
    wrong = Flow({x: -c * x}, t, {x: exp(-c * t)}, {x: Rational(101, 100)})
    assert judged(ODE, wrong, domains) is Verdict.FAILS
    assert judged(SUBSTITUTION, wrong, domains) is Verdict.FAILS


def test_integration_agrees_with_an_independent_integrator():
    u, v, s = symbols("u v s")
    equations = {u: v, v: -sin(u) + s * sqrt(1 + v**2) + log(2 + u)}
    found = solve(equations, s, lambda digits: {u: arb(1), v: arb(0)}, Integer(1), 15)
    with mpmath.workdps(18):
        rates = lambda z, w: [w[1], -mpmath.sin(w[0]) + z * mpmath.sqrt(1 + w[1] ** 2) + mpmath.log(2 + w[0])]  # noqa: E731
        expected = mpmath.odefun(rates, 0, [1, 0])(1)
    assert abs(float(found[u].mid()) - float(expected[0])) < 1e-13
    assert abs(float(found[v].mid()) - float(expected[1])) < 1e-13


def test_poles_and_functions_without_series_are_refused():
    u, s = symbols("u s")
    with pytest.raises(PrecisionError, match="pole"):
        solve({u: u**2}, s, lambda digits: {u: arb(1)}, Integer(2), 12)
    with pytest.raises(UnsupportedError, match="Max"):
        solve({u: Max(u, 0)}, s, lambda digits: {u: arb(1)}, Integer(1), 12)
    claim = Flow({x: 1 + x**2}, t, {x: tan(t)}, {x: Integer(0)})
    assert judged(ODE, claim, {t: th.Interval(2, 3)}) is Verdict.UNDECIDED


INVARIANT = [
    ((x**2 + y**2 - c,), {x: -y * x, y: x * x}),
    ((x * y - c,), {x: x, y: -y}),
    ((y - x**2,), {x: Integer(1) * x, y: 2 * y}),
]


@pytest.mark.parametrize(("manifold", "flow"), INVARIANT)
def test_manifolds_hold_and_damaged_ones_fail(manifold, flow):
    domains = {x: th.Interval(-2, 2), y: th.Interval(-2, 2), c: th.Interval(Rational(1, 2), 2)}
    if not any(c in e.free_symbols for e in manifold):
        del domains[c]
    claim = Invariance(manifold, flow)
    for method in (ODE, SUBSTITUTION):
        assert judged(method, claim, domains) is Verdict.HOLDS, method.name
        assert judged(method, Invariance(manifold, {**flow, y: flow[y] + y / 100}), domains) is Verdict.FAILS, (
            method.name
        )


def test_points_of_a_manifold_are_proved_and_absent_ones_reported():
    place = manifold_point([x**2 + y**2 - 5, x * y - 2], {x: Rational(3), y: Rational(1, 2)}, 20)
    assert {round(float(v.mid()), 12) for v in place.values()} in ({1.0, 2.0}, {-1.0, -2.0})
    with pytest.raises(UnsupportedError):
        manifold_point([x**2 + y**2 + 1], {x: Rational(1), y: Rational(1)}, 20)


@pytest.mark.parametrize("name", ["deep_linear_mode_growth", "layer_balance_invariant"])
def test_theorems(name):
    report = verify(name, "quick")
    assert report.verdict is Verdict.HOLDS, str(report)
    assert {e.method for e in report.evidence} == {"ode", "substitution"}
    assert all(e.killed == e.mutants > 0 for e in report.evidence)


def test_points_of_a_manifold_do_not_rest():
    """At the origin every copy of the manifold is kept; points with zeros come last."""
    statement = th.lookup("cloned_units_under_adam")
    gathered = ODE.gather(statement, Budget.named("quick"), 7109)
    zeros = [sum(value == 0 for value in point.values()) for point in gathered.points]
    assert zeros == sorted(zeros)
    assert all(ODE.judge(copy, gathered).verdict is Verdict.FAILS for copy in statement.damaged_claims())

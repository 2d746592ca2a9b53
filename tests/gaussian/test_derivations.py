"""Derivations: every step is certified on its own, and a damaged step is not."""

import pytest
from sympy import Max, Min, Piecewise, Rational, Symbol, erf, exp, sin, sqrt, tanh

import theory as th
from theory.derivation import Derivation

x, rho = Symbol("x", real=True), Symbol("rho")
tau = Symbol("tau", positive=True)
UNITS = {
    "relu": Max(x, 0),
    "gelu": x * (1 + erf(x / sqrt(2))) / 2,
    "elu": Piecewise((exp(x) - 1, x < 0), (x, True)),
    "sine": sin(2 * x),
    "hard tanh": Min(Max(x, -1), 1),
    "thresholded": Max(x - tau, 0),
    "bump": Max(x, 0) * exp(-(x**2) / 3),
}


@pytest.mark.parametrize("name", UNITS)
def test_every_step_is_certified(name):
    derivation = th.Activation(UNITS[name], x).derive_dual(rho)
    assert th.is_closed_form(derivation.result)
    checks = derivation.check(points=2)
    assert len(checks) == len(derivation.steps) >= 2
    assert all(check.holds for check in checks), [c for c in checks if not c.holds]


@pytest.mark.parametrize("name", ["relu", "gelu", "thresholded"])
def test_a_damaged_step_is_refuted(name):
    whole = th.Activation(UNITS[name], x).derive_dual(rho)
    for place, step in enumerate(whole.steps):
        steps = list(whole.steps)
        steps[place] = step._replace(rhs=step.rhs + Rational(1, 10**15))
        damaged = Derivation(steps, whole.result, whole.conditions, whole._samples)
        assert [c.holds for c in damaged.check(points=1)] == [i != place for i in range(len(steps))]


def test_unequal_variances():
    q1, q2 = Symbol("q1"), Symbol("q2")
    derivation = th.Activation(UNITS["elu"], x).derive_dual(rho, q1, q2)
    assert all(check.holds for check in derivation.check(points=1))


def test_outside_the_class_says_so():
    derivation = th.Activation(tanh(x), x).derive_dual(rho)
    assert not th.is_closed_form(derivation.result)
    assert "definition" in str(derivation)


def test_latex_is_balanced_and_one_display():
    text = th.Activation(UNITS["elu"], x).derive_dual(rho).latex()
    assert text.startswith(r"\begin{align*}")
    assert text.endswith(r"\end{align*}")
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")

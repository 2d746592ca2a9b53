"""Derivations: every step is certified on its own, a tampered step is refuted, the LaTeX is balanced."""

import pytest
from sympy import Heaviside, Max, Min, Piecewise, Rational, Symbol, cos, erf, exp, sin, sqrt, symbols, tanh

from theory.activations import Activation
from theory.derivation import Derivation, Step
from theory.identities import dual_identities

x, rho = symbols("x rho")
q1, q2 = symbols("q1 q2", positive=True)
tau = Symbol("tau", positive=True)
CASES = {
    "relu": (Max(x, 0), ()),
    "gelu": (x * (1 + erf(x / sqrt(2))) / 2, ()),
    "elu": (Piecewise((exp(x) - 1, x < 0), (x, True)), ()),
    "sine": (sin(2 * x), ()),
    "hard tanh": (Min(1, Max(-1, x)), ()),
    "threshold": (Max(x - tau, 0), ()),
    "gabor": (exp(-(x**2) / 2) * cos(3 * x), ()),
    "window": (Heaviside(x + 1) - Heaviside(x - tau), ()),
}


def derivation(name, *variances):
    expr, assume = CASES[name]
    return Activation(expr, x, assume=assume).derive_dual(rho, *variances)


@pytest.mark.parametrize("name", CASES)
def test_every_step_holds(name):
    steps = derivation(name)
    checks = steps.check(points=2)
    assert len(checks) == len(steps.steps) + len(steps.identities) >= 4
    for check in checks:
        assert check.holds, check.worst


@pytest.mark.parametrize("name", ["relu", "sine"])
def test_every_step_holds_at_two_variances(name):
    assert all(check.holds for check in derivation(name, q1, q2).check(points=2))


@pytest.mark.parametrize("name", ["relu", "elu", "threshold"])
def test_a_tampered_step_is_refuted(name):
    original = derivation(name)
    for i, step in enumerate(original.steps):
        damaged = step._replace(rhs=step.rhs * (1 + Rational(1, 10**9)) + Rational(1, 10**9))
        steps = (*original.steps[:i], damaged, *original.steps[i + 1 :])
        checks = Derivation(steps, original.result, original.conditions, original._samples).check(points=1)
        assert [c.holds for c in checks].index(False) == i


@pytest.mark.parametrize(("name", "rules"), [("relu", 4), ("window", 3)])
def test_identities_refute_a_damaged_result(name, rules):
    """A jump leaves Price's theorem out; each of the others sees the damage it is meant for."""
    expr, assume = CASES[name]
    phi, small = Activation(expr, x, assume=assume), Rational(1, 10**9)
    steps = phi.derive_dual(rho)
    damages = {"zero correlation": small * (1 - rho), "slope at zero": small * rho * (1 - rho), "diagonal": small * rho}
    damages |= {"Price": small * rho**2 * (1 - rho)}
    found = [identity.rule for identity in dual_identities(phi, rho, 1, 1, steps.result)]
    assert found == list(damages)[:rules]
    for rule in found:
        identities = [Step(*i) for i in dual_identities(phi, rho, 1, 1, steps.result + damages[rule])]
        checks = Derivation((), steps.result, (), steps._samples, identities).check(points=1)
        assert rule in {check.step.rule for check in checks if not check.holds}


def test_a_number_as_correlation_has_no_identities():
    assert Activation(Max(x, 0), x).derive_dual(Rational(1, 3)).identities == ()


def test_notation_of_the_latex():
    steps = Activation(Max(x, 0), x).derive_dual(rho, q1, q2)
    assert "K_{11}" in steps.latex(notation="pdlt")
    assert "q_{1}" in steps.latex()
    assert r"\varrho" in steps.latex(notation={rho: r"\varrho"})


@pytest.mark.parametrize("name", CASES)
def test_latex_is_balanced(name):
    text = derivation(name).latex()
    assert text.startswith(r"\begin{align*}")
    assert text.endswith(r"\end{align*}")
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")


def test_without_closed_form_the_definition_stays():
    steps = Activation(tanh(x), x).derive_dual(rho)
    assert steps.steps[-1].rule == "no closed form"
    assert "1." in str(steps)
    assert "steps" in repr(steps)

"""Identities that every closed form of the calculus must satisfy, and where it must refuse."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from independent_quadrature import pair_mean
from scipy import special
from sympy import (
    Abs,
    And,
    Heaviside,
    Max,
    Min,
    Or,
    Piecewise,
    Rational,
    S,
    Symbol,
    cos,
    erf,
    erfc,
    exp,
    lambdify,
    pi,
    sign,
    sin,
    sqrt,
    symbols,
)  # fmt: skip

from theory.activations import Activation
from theory.enclosure import enclose
from theory.errors import DivergenceError, DomainError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian
from theory.normal_form import is_zero
from theory.random_activations import random_expression

x, u, v, rho, q1, q2, c, a, b = symbols("x u v rho q1 q2 c a b")
POINT = {rho: Rational(1, 3), q1: Rational(3, 2), q2: Rational(4, 5), c: Rational(1, 4), a: Rational(2), b: Rational(3)}


def vectorised(e, variable=x):
    f = lambdify(variable, e, [{"erf": special.erf, "erfc": special.erfc}, "numpy"])
    return lambda z: f(z) * np.ones_like(z)


def gap(phi, r, s, t, value):
    """Distance of a closed form to the quadrature, in units of sqrt(kappa(q1) kappa(q2))."""
    f, kinks = vectorised(phi.expr, phi.variable), [float(k) for k in phi.pieces.breaks]
    r, s, t = float(r), float(s), float(t)
    scale = np.sqrt(pair_mean(f, f, 1, s, s, kinks, kinks) * pair_mean(f, f, 1, t, t, kinks, kinks))
    return abs(float(enclose(value, 18)) - pair_mean(f, f, r, s, t, kinks, kinks, width=0.3)) / scale


UNTRIED = {
    "nested switches": Max(Min(x, 1), Min(-x, Rational(1, 2)), -Abs(x - 3)),
    "and or": Piecewise((x, And(x > -1, x < 1)), (2, Or(x > 3, x < -3)), (Abs(x), True)),
    "step times exponential": exp(x) * Heaviside(x - 1),
    "product of pieces": sign(x - 1) * Max(x, -x / 2) * Min(x + 2, 3),
    "rectified quadratic": Max(x**2 - 1, 0),
    "irrational breakpoints": Abs(x**2 - pi) / 4,
    "cubic with irrational roots": Max(x**3 - sqrt(2) * x, 0),
    "cubic with algebraic roots": Heaviside(x**3 - 3 * x + 1),
    "gelu and rectifier": x * (1 + erf(x / sqrt(2))) / 2 + Max(x - 1, 0),
    "gaussian with erf": exp(-(x**2)) * erf(x),
    "laplace": exp(-Abs(x)),
    "oscillation on a half-line": Piecewise((sin(x), x < 1), (cos(x), True)),
    "sine of a rectifier": sin(Max(x, 0)),
    "chirp": sin(3 * x**2 / 2),
    "cosine chirp": cos(x**2),
    "growing bump": Piecewise((exp(x**2 / 10), Abs(x) < 1), (0, True)),
    "floats": Max(0.5 * x - 0.25, 0) + 0.1 * x,
    "complementary": x * erfc(x + 1),
    "power of two": 2 ** (-x) * Max(x, 0),
    "tiny": Rational(1, 10**9) * Abs(x),
}


@pytest.mark.parametrize("name", UNTRIED)
def test_untried_activations_agree_with_the_quadrature(name):
    phi = Activation(UNTRIED[name], x)
    for r, s, t in [(Rational(3, 10), 1, 1), (Rational(-7, 10), Rational(1, 2), Rational(5, 2)), (1, 1, 2), (-1, 2, 1)]:
        value = phi.dual(r, s, t)
        assert not value.has(GaussianExpectation)
        assert gap(phi, r, s, t, value) < 2e-12
    assert gap(phi, Rational(3, 10), 1, 1, phi.dual(Rational(31, 100))) > 2e-12


PARAMETRIC = {
    "leaky slope": (Max(x, a * x), [a < 1, a > -1], {a: Rational(-1, 3)}),
    "window": (Heaviside(x - a) - Heaviside(x - b), [a < b], {a: Rational(-1, 2), b: Rational(3, 2)}),
    "ramp": (Min(Max(x, a), b), [a < b], {a: Rational(-1, 2), b: Rational(3, 2)}),
    "frequency": (sin(a * x), [], {a: Rational(3, 2)}),
    "scaled erf": (erf(a * x), [a > 0], {a: Rational(3, 2)}),
    "exponential tail": (Piecewise((a * (exp(x / a) - 1), x < 0), (x, True)), [a > 0], {a: Rational(2)}),
    "gaussian bump": (exp(-a * x**2), [a > 0], {a: Rational(2, 3)}),
}


@pytest.mark.parametrize("name", PARAMETRIC)
def test_symbolic_parameters_under_assumptions(name):
    expr, assume, values = PARAMETRIC[name]
    formula = Activation(expr, x, assume=assume).dual(rho, q1, q2).subs(values)
    phi = Activation(expr.subs(values), x)
    for r, s, t in [(Rational(3, 10), 1, 1), (Rational(-7, 10), Rational(1, 2), 2)]:
        assert gap(phi, r, s, t, formula.subs({rho: r, q1: s, q2: t})) < 2e-12


@settings(deadline=None, max_examples=8, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from([-0.8, -0.3, 0.4, 0.9]))
def test_random_members_of_the_class(seed, r):
    phi = Activation(random_expression(random.Random(seed), x), x)
    r = Rational(str(r))
    assert gap(phi, r, Rational(1, 2), 2, phi.dual(r, Rational(1, 2), 2)) < 2e-12


def random_piecewise(rng):
    """Two pieces at most of polynomial times exponential times {1, sin, cos}."""

    def term():
        power, rate = rng.randint(0, 1), Rational(rng.randint(-3, 3), 2)
        grow = exp(rate * x) if rng.random() < 0.5 else exp(-abs(rate) * x**2 / 2)
        wave = rng.choice([S.One, S.One, sin(x), cos(2 * x)])
        return Rational(rng.randint(-6, 6), rng.randint(1, 4)) * x**power * grow * wave

    if rng.random() < 0.3:
        return term() + term()
    return Piecewise((term(), x < Rational(rng.randint(-6, 6), 3)), (term(), True))


@settings(deadline=None, max_examples=5, derandomize=True)
@given(st.integers(0, 10**6))
def test_random_piecewise_products(seed):
    phi = Activation(1 + random_piecewise(random.Random(seed)), x)
    for r, s, t in [(Rational(-2, 5), Rational(1, 2), 1), (1, 1, Rational(1, 3))]:
        assert gap(phi, r, s, t, phi.dual(r, s, t)) < 2e-12


SMALL = {
    "relu": Max(x, 0),
    "gelu": x * (1 + erf(x / sqrt(2))) / 2,
    "sine": sin(x),
    "quartic": x**4 - x,
    "gaussian": exp(-(x**2) / 2),
    "hard tanh": Min(1, Max(-1, x)),
}


@pytest.mark.parametrize("name", SMALL)
def test_price_identity(name):
    phi = Activation(SMALL[name], x)
    left = phi.dual_cov(q1, q2, c).diff(c)
    derived = Activation(phi.derivative(), phi.variable)
    right = derived.dual_cov(q1, q2, c)
    assert is_zero(left - right, POINT) or enclose((left - right).subs(POINT), 30).contains(0)
    assert not enclose((left - right * Rational(1001, 1000)).subs(POINT), 30).contains(0)


@pytest.mark.parametrize("name", SMALL)
def test_symmetry_zero_and_one(name):
    phi = Activation(SMALL[name], x)
    dual = phi.dual(rho, q1, q2)
    swapped = phi.dual(rho, q2, q1)
    assert enclose((dual - swapped).subs(POINT), 30).contains(0)
    assert enclose(phi.dual(0) - phi.moment(1) ** 2, 30).contains(0)
    assert enclose(phi.dual(1) - phi.moment(2), 30).contains(0)
    assert enclose(phi.dual(1), 10) > 0


@pytest.mark.parametrize("name", ["quartic", "sine", "gaussian"])
def test_parseval(name):
    phi = Activation(SMALL[name], x)
    partial = sum((phi.hermite(k) ** 2 for k in range(13)), S.Zero)
    rest = enclose(phi.moment(2) - partial, 20)
    assert rest.contains(0) or (rest > 0 and rest < 1e-3)
    assert not enclose(phi.moment(2) - partial - phi.hermite(1) ** 2, 20).contains(0)


@settings(deadline=None, max_examples=15, derandomize=True)
@given(st.integers(0, 10**6), st.integers(-5, 5), st.integers(-5, 5))
def test_expectation_is_linear_and_blind_to_the_order_of_variables(seed, m, n):
    rng = random.Random(seed)
    f, g = (random_expression(rng, x).subs(x, s) * s**k for s, k in ((u, 0), (v, 1)))
    cov = [[S(2), Rational(1, 2)], [Rational(1, 2), S.One]]
    law = Gaussian([u, v], cov=cov)
    turned = Gaussian([v, u], cov=[[cov[1][1], cov[0][1]], [cov[0][1], cov[0][0]]])
    whole = expect(m * f * g + n * u, law) + n
    assert enclose(whole - m * expect(f * g, turned) - n, 25).contains(0)


@pytest.mark.parametrize("order", range(7))
def test_moments(order):
    value = Activation(Max(x, 0) + x / 2, x).moment(order, 2)
    f = vectorised((Max(x, 0) + x / 2) ** order if order else S.One)
    expected = pair_mean(f, vectorised(S.One), 0, 2, 1, [0])
    assert abs(float(enclose(value, 18)) - expected) < 1e-12 * max(1, abs(expected))


@pytest.mark.parametrize(("expr", "value"), [(S.Zero, 0), (S(3), 9), (x, Rational(1, 3)), (x**2, 1 + Rational(2, 9))])
def test_constants_and_powers(expr, value):
    assert Activation(expr, x).dual(Rational(1, 3)) == value


def test_correlation_may_be_an_expression():
    theta = Symbol("theta")
    kernel = Activation(Max(x, 0), x).dual(cos(theta))
    assert enclose(kernel.subs(theta, pi / 3) - Activation(Max(x, 0), x).dual(Rational(1, 2)), 25).contains(0)


def test_three_variables_and_joint_switches():
    w = Symbol("w")
    cov = [[1, Rational(1, 2), 0], [Rational(1, 2), 1, 0], [0, 0, 1]]
    assert expect(u**2 * v**2 * w**2, Gaussian([u, v, w], cov=cov)) == Rational(3, 2)
    assert expect(Heaviside(u) * Heaviside(v) * Heaviside(w), Gaussian([u, v, w], cov=cov)) == Rational(1, 6)
    difference = expect(Max(u, v), Gaussian([u, v], corr=rho))
    assert enclose(difference.subs(rho, Rational(1, 4)) - sqrt(Rational(3, 4) / pi), 25).contains(0)


class TestDivergence:
    @pytest.mark.parametrize(
        ("expr", "law"),
        [
            (exp(u**2), Gaussian(u)),
            (exp(u**2 / 2), Gaussian(u)),
            (exp(u**2) * Heaviside(u), Gaussian(u)),
            (exp(u**2 / 3) * exp(v**2 / 3), Gaussian([u, v], corr=Rational(3, 5))),
            (exp(u * v), Gaussian([u, v], cov=[[1, 0], [0, 1]])),
        ],
    )
    def test_is_refused(self, expr, law):
        with pytest.raises(DivergenceError, match="infinite"):
            expect(expr, law)

    def test_names_the_condition_in_the_variables_of_the_caller(self):
        with pytest.raises(DivergenceError, match=r"1 - 2\*Var\(x\) > 0.*Var\(x\) = 1") as error:
            Activation(exp(x**2), x).moment(1)
        assert str(error.value.condition) == "-1 > 0"

    def test_sees_irrational_variances_and_correlations(self):
        with pytest.raises(DivergenceError):
            Activation(exp(x**2 / 3), x).dual(rho, 2, 2)
        with pytest.raises(DivergenceError):
            Activation(exp(x**2 / 4), x).dual(sqrt(3) / 2, Rational(3, 2), Rational(3, 2))

    @pytest.mark.parametrize(
        "expr",
        [
            sin(3 * u**2),
            exp(u**2) * exp(-2 * u**2),
            Piecewise((exp(u**2), Abs(u) < 1), (0, True)),
            Piecewise((exp(u**2) * erfc(u), u > 0), (1, True)),
        ],
    )
    def test_is_not_claimed_of_what_converges(self, expr):
        value = enclose(expect(expr, Gaussian(u)), 12)
        f, kinks = vectorised(expr, u), [-1.0, 0.0, 1.0]
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            expected = pair_mean(lambda z: np.nan_to_num(f(z)), vectorised(S.One, u), 0, 1, 1, kinks, width=0.2)
        assert abs(float(value) - expected) < 1e-10

    def test_a_strong_decay_in_one_variable_saves_a_growth_in_the_other(self):
        value = expect(exp(Rational(3, 4) * u**2 - 5 * v**2), Gaussian([u, v], corr=Rational(9, 10)))
        near = integrate_tilt(0.75, -5, 0.9)
        assert abs(float(enclose(value, 18)) - near) < 1e-9


def integrate_tilt(alpha, beta, r):
    """det(1 - Sigma A)**(-1/2) in floating point."""
    sigma = np.array([[1, r], [r, 1]])
    return np.linalg.det(np.eye(2) - sigma @ np.diag([2 * alpha, 2 * beta])) ** -0.5


def test_symbolic_variances_keep_their_region_of_convergence():
    value = Activation(exp(x**2 / 4), x).moment(1, q1)
    assert enclose(value.subs(q1, 1) - sqrt(2), 20).contains(0)
    with pytest.raises((DivergenceError, ValueError)):
        enclose(value.subs(q1, 3), 10)


def test_contradictory_assumptions_are_named():
    with pytest.raises(DomainError, match="contradict"):
        Activation(Max(x - a, 0), x, assume=[a > 1, a < 1]).moment(1)


@pytest.mark.parametrize("name", ["power of two", "laplace", "tilted rectifier", "rectified quadratic"])
def test_full_correlation_by_substitution(name):
    phi = Activation({**UNTRIED, "tilted rectifier": exp(-((x - 1) ** 2) / 2) * Max(x, 0)}[name], x)
    formula = phi.dual(rho, q1, q2)
    for r, s, t in [(1, Rational(1, 2), Rational(1, 3)), (-1, Rational(1, 3), 1), (1, 1, 1), (-1, 1, 1)]:
        substituted = enclose(formula.subs({rho: r, q1: s, q2: t}), 20)
        direct = enclose(phi.dual(r, s, t), 20)
        assert abs(float(substituted - direct)) < 1e-15
        assert abs(float(substituted - direct) + 1e-14) > 1e-15

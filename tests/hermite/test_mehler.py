"""Mehler series and the lattice rule meet tensor panels and each other; damaged copies do not."""

import math

import pytest
from flint import arb
from sympy import Abs, Heaviside, Integer, Max, N, Rational, Symbol, atan, cos, erf, exp, log, sqrt, tanh

import theory as th
from theory.balls import workprec
from theory.errors import DomainError, TheoryError
from theory.gaussian.integration import integrate_ball
from theory.gaussian.law import Gaussian
from theory.hermite import pair
from theory.hermite.evaluation import expectation_ball
from theory.hermite.mehler import mehler_cross_dual, mehler_dual
from theory.hermite.pair import pair_lattice
from theory.hermite.profile import Profile

x, u, v = (Symbol(s, real=True) for s in "xuv")
SMOOTH = {
    "tanh": tanh(x),
    "silu": x / (1 + exp(-x)),
    "mish": x * tanh(log(1 + exp(x))),
    "pole near the axis": 1 / (1 + 25 * x**2),
    "wave": exp(-(x**2) / 2) * cos(3 * x),
    "growth": exp(x),
}
RHOS = [Rational(-95, 100), Rational(-1, 2), 0, Rational(3, 10), Rational(7, 10), Rational(95, 100)]


@pytest.fixture(autouse=True)
def fine_balls():
    """Arithmetic of the tests themselves must not round at double precision."""
    with workprec(400):
        yield


def law(rho, q1=1, q2=1, mean=(0, 0)):
    cov = rho * sqrt(Integer(1) * q1 * q2)
    return Gaussian([u, v], cov=[[q1, cov], [cov, q2]], mean=list(mean))


def correlation(rho):
    return arb(Integer(rho * 1000).p) / 1000


def profile(e, q=1):
    return Profile(e, x, Integer(0), sqrt(Integer(1) * q))


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize(("q1", "q2"), [(1, 1), (Rational(1, 2), 2), (Rational(1, 10000), 30)], ids=str)
def test_lattice_meets_tensor_panels(name, q1, q2):
    e = SMOOTH[name]
    rho = RHOS[(len(name) + int(2 * q2)) % len(RHOS)]
    value = pair_lattice(profile(e, q1), profile(e, q2), correlation(rho), -40 * math.log(10))
    if name == "growth":
        true = th.enclose(exp((q1 + q2 + 2 * rho * sqrt(Integer(1) * q1 * q2)) / 2), 30)
    else:
        true = integrate_ball(e.subs(x, u) * e.subs(x, v), law(rho, q1, q2), 9)
    assert value.rad() < arb("1e-38") * (1 + abs(value))
    assert value.overlaps(true)
    assert not (value * (1 + arb("1e-7")) + arb("1e-9")).overlaps(true)


@pytest.mark.parametrize("name", ["tanh", "silu", "growth"])
@pytest.mark.parametrize("rho", RHOS, ids=str)
def test_lattice_meets_the_series(name, rho):
    e = SMOOTH[name]
    phi = th.Activation(e, x)
    series = mehler_dual(phi, rho, Rational(1, 2), 2, 25)
    value = pair_lattice(profile(e, Rational(1, 2)), profile(e, 2), correlation(rho), -30 * math.log(10))
    assert value.overlaps(series)
    assert not value.overlaps(series * (1 + arb("1e-18")) + arb("1e-19"))


@pytest.mark.parametrize("name", ["tanh", "silu", "pole near the axis"])
def test_half_the_exponent_of_the_aliasing_is_noticed(name, monkeypatch):
    p = profile(SMOOTH[name])
    true = pair_lattice(p, p, correlation(Rational(7, 10)), -80.0)
    step, aliasing = pair._Side.step, pair._Side.log_aliasing
    monkeypatch.setattr(pair._Side, "step", lambda *args: 2 * step(*args))
    monkeypatch.setattr(pair._Side, "log_aliasing", lambda side, h: aliasing(side, h / 2))
    assert not pair_lattice(p, p, correlation(Rational(7, 10)), -60.0).overlaps(true)


@pytest.mark.parametrize("log_tolerance", [-2.0, -6.0, -15.0])
@pytest.mark.parametrize("name", SMOOTH)
def test_the_lattice_bound_holds_where_it_is_coarse(name, log_tolerance):
    p = profile(SMOOTH[name])
    for rho in (Rational(-95, 100), Rational(3, 10)):
        fine = pair_lattice(p, p, correlation(rho), -70.0)
        assert pair_lattice(p, p, correlation(rho), log_tolerance).overlaps(fine)


@pytest.mark.parametrize("rho", [Rational(-1, 2), Rational(95, 100)], ids=str)
def test_series_of_a_kinked_function_meets_the_closed_form(rho):
    phi = th.Activation(Max(x, 0), x)
    series = mehler_dual(phi, rho, 1, 3, 10)
    true = th.enclose(phi.dual(rho, 1, 3), 30)
    assert series.overlaps(true)
    assert not (series * (1 + arb("1e-8"))).overlaps(true)


def test_cross_series():
    value = mehler_cross_dual(th.Activation(tanh(x), x), th.Activation(erf(x), x), Rational(3, 5), 1, 2, 25)
    true = integrate_ball(tanh(u) * erf(v), law(Rational(3, 5), 1, 2), 15)
    assert value.overlaps(true)
    assert not (value * (1 + arb("1e-13"))).overlaps(true)


@pytest.mark.parametrize("rho", [1, -1])
def test_full_correlation(rho):
    value = mehler_dual(th.Activation(x / (1 + exp(-x)), x), rho, 1, 4, 30)
    e = u / (1 + exp(-u)) * (2 * rho * u) / (1 + exp(-2 * rho * u))
    true = integrate_ball(e, Gaussian(u), 25)
    assert value.overlaps(true)
    assert not (value * (1 + arb("1e-20"))).overlaps(true)


@pytest.mark.parametrize("e", [tanh(x), x / (1 + exp(-x)), atan(x), x / (1 + Abs(x))], ids=str)
@pytest.mark.parametrize("digits", [15, 40])
def test_digits_of_a_node(e, digits):
    kappa = th.Activation(e, x).dual(Rational(7, 10), Rational(1, 2), 2)
    assert kappa.has(th.GaussianExpectation)
    assert str(N(kappa, digits)) == str(N(N(kappa, digits + 12), digits))


def test_a_hundred_digits():
    kappa = th.Activation(tanh(x), x).dual(Rational(19, 20))
    assert str(N(kappa, 100)) == str(N(N(kappa, 115), 100))


def test_means_and_sums_of_products():
    shifted = law(Rational(1, 3), 1, 2, (Rational(1, 2), -1))
    e = tanh(u) * (v**2 + 1 / (1 + exp(-v))) + exp(u / 3) * v
    value = expectation_ball(e, shifted, 25)
    true = integrate_ball(e, shifted, 13)
    assert value.overlaps(true)
    assert not (value * (1 + arb("1e-11"))).overlaps(true)


@pytest.mark.parametrize("digits", [12, 25])
def test_a_step_takes_panels(digits):
    e = tanh(u) * Heaviside(v - Rational(1, 2))
    value = expectation_ball(e, law(Rational(1, 3)), digits)
    assert value.overlaps(integrate_ball(e, law(Rational(1, 3)), 16))


def test_near_full_correlation():
    """The lattice gives way to the series, whose cost does not depend on the correlation."""
    value = expectation_ball(tanh(u) * tanh(v), law(1 - Rational(1, 10**12)), 12)
    square = integrate_ball(tanh(u) ** 2, Gaussian(u), 20)
    slope = integrate_ball((1 - tanh(u) ** 2) ** 2, Gaussian(u), 20)  # Price: the derivative in rho
    assert abs(square - value - slope * arb("1e-12")) < arb("1e-11") * value * arb("1e-1")


@pytest.mark.parametrize("rho", [Rational(3, 2), -2, Symbol("r", real=True), "0"], ids=str)
def test_bad_correlations(rho):
    with pytest.raises(DomainError):
        mehler_dual(th.Activation(tanh(x), x), rho)


@pytest.mark.parametrize("e", [exp(u**2) * tanh(v), tanh(u) * exp(v**2 / 4), tanh(u) / v], ids=str)
def test_infinite_expectations_are_refused(e):
    with pytest.raises(TheoryError):
        expectation_ball(e, law(Rational(1, 2)), 12)

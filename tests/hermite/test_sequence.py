"""Certified coefficient sequences: enclosures from the definition, their accuracy, and what is refused."""

import math

import mpmath
import pytest
from flint import arb
from sympy import (
    Abs,
    Float,
    Heaviside,
    Integer,
    Max,
    Piecewise,
    Rational,
    Symbol,
    acos,
    cos,
    erf,
    exp,
    lambdify,
    log,
    pi,
    sign,
    sin,
    sqrt,
    tan,
    tanh,
)  # fmt: skip

import theory as th
from theory.balls import workprec
from theory.errors import DomainError, PrecisionError, TheoryError
from theory.gaussian.integration import integrate_ball
from theory.gaussian.law import Gaussian
from theory.hermite import sequence
from theory.hermite.profile import Profile
from theory.hermite.sequence import HermiteCoefficients, hermite_coefficients
from theory.hermite.tail import hermite_tail

x, a = Symbol("x", real=True), Symbol("a", positive=True)
KINKED = {
    "relu": Max(x, 0),
    "softsign": x / (1 + Abs(x)),
    "elu": Piecewise((exp(x) - 1, x < 0), (x, True)),
    "tanh after a step": tanh(x) * Heaviside(x - Rational(1, 3)),
    "sigmoid of a kink": 1 / (1 + exp(-Abs(x - 1))),
    "three pieces": Piecewise((tanh(x), x < -1), (x**2, x < 2), (log(1 + exp(x)), True)),
}


@pytest.fixture(autouse=True)
def fine_balls():
    """Arithmetic of the tests themselves must not round at double precision."""
    with workprec(400):
        yield


def hermite(k):
    values = [Integer(1), x]
    while len(values) <= k:
        values.append((x * values[-1] - (len(values) - 1) * values[-2]).expand())
    return values[k] / sqrt(Integer(math.factorial(k)))


@pytest.mark.parametrize("name", KINKED)
@pytest.mark.parametrize("q", [1, 3])
def test_kinked_functions_meet_panel_integration_one_by_one(name, q):
    e = KINKED[name]
    c = hermite_coefficients(th.Activation(e, x), 13, q, 24)
    assert c.radius < arb("1e-24")
    scaled = sqrt(Integer(q))
    for k in (0, 1, 13):
        true = integrate_ball(e * hermite(k).subs(x, x / scaled), Gaussian(x, cov=[[q]]), 17)
        assert c[k].overlaps(true)
        assert not (c[k] + arb("1e-14")).overlaps(true)


def test_relu_against_its_closed_form():
    c = hermite_coefficients(th.Activation(Max(x, 0), x), 60, 2, 40)
    scale = (arb(2) / (2 * arb.pi())).sqrt()
    for k in range(2, 61, 2):
        odd = math.prod(range(1, k - 2, 2))
        true = scale * (-1) ** (k // 2 - 1) * odd / arb(math.factorial(k)).sqrt()
        assert c[k].overlaps(true)
        assert not c[k].overlaps(true * (1 + arb("1e-30")))


def test_many_coefficients_of_an_analytic_function():
    """E f^2 from its own integral is at least the sum of squares, and close to it."""
    c = hermite_coefficients(th.Activation(tanh(x), x), 300)
    square = integrate_ball(tanh(x) ** 2, Gaussian(x), 30)
    rest = square - sum(v * v for v in c)
    assert arb("1e-26") < rest < arb("1e-20")
    assert c.method == "trapezoidal rule"


@pytest.mark.parametrize("digits", [5, 30, 60, 120])
def test_the_radius_is_kept(digits):
    phi = th.Activation(x / (1 + exp(-x)), x)
    c = hermite_coefficients(phi, 20, Rational(7, 3), digits)
    assert c.radius < arb(10) ** -digits
    assert c[2].overlaps(hermite_coefficients(phi, 3, Rational(7, 3), 2 * digits)[2])


@pytest.mark.parametrize("q", [Rational(1, 10000), 30, Float("0.3"), pi, 10**-9], ids=str)
def test_small_and_large_variances(q):
    c = hermite_coefficients(th.Activation(tanh(x), x), 9, q, 30)
    true = integrate_ball(tanh(sqrt(th.gaussian.law.exact(q)) * x) * hermite(9), Gaussian(x), 16)
    assert c[9].overlaps(true)
    assert c[1] > 0
    assert not (c[1] * (1 + arb("1e-19"))).overlaps(c[1])


def test_a_scaled_function_has_scaled_radii():
    tiny = hermite_coefficients(th.Activation(tanh(x) / 10**20, x), 5)
    assert tiny.radius < arb("1e-49")
    assert (tiny[1] * 10**20).overlaps(hermite_coefficients(th.Activation(tanh(x), x), 5)[1])


def test_sequence_protocol():
    c = hermite_coefficients(th.Activation(tanh(x), x), 7)
    assert isinstance(c, HermiteCoefficients)
    assert len(c) == 8
    assert len(list(c)) == 8
    assert c[-1] is c.balls[7]
    assert c[1:6:2] == c.balls[1:6:2]
    assert c.to_floats()[1] == pytest.approx(0.6057055096021, rel=1e-12)
    assert repr(c).startswith("HermiteCoefficients(c_0..c_7 = 0")


def test_kept_sequences_are_used_again_and_are_few(monkeypatch):
    calls = []
    original = sequence._compute
    monkeypatch.setattr(sequence, "_compute", lambda *args: calls.append(1) or original(*args))
    monkeypatch.setattr(sequence, "_KEPT", 5)
    phi = th.Activation(tanh(x + Rational(1, 17)), x)
    first = hermite_coefficients(phi, 30)
    assert hermite_coefficients(phi, 10).balls == first[:11]
    assert len(calls) == 1
    for i in range(sequence._KEPT + 3):
        hermite_coefficients(th.Activation(x + i, x), 1)
    assert len(sequence._known) == sequence._KEPT


@pytest.mark.parametrize("K", [-1, 2.0, True, 10**9, "3", None], ids=repr)
def test_bad_indices(K):
    with pytest.raises(DomainError, match="K must"):
        hermite_coefficients(th.Activation(x, x), K)


@pytest.mark.parametrize("q", [0, -1, Symbol("q", positive=True), "1"], ids=str)
def test_bad_variances(q):
    with pytest.raises(DomainError):
        hermite_coefficients(th.Activation(x, x), 3, q)


def test_symbolic_parameters_are_named():
    with pytest.raises(DomainError, match="parameters a"):
        hermite_coefficients(th.Activation(tanh(a * x), x), 3)


@pytest.mark.parametrize(
    "e",
    [
        exp(exp(x)),
        exp(x**2),
        exp(x**2 / 3),
        tan(x),
        1 / x,
        1 / (x - 1) ** 2,
        log(x**2),
        acos(tanh(x)) / x,
        sqrt(Abs(x)),
    ],
    ids=str,
)
def test_what_is_not_proved_is_refused(e):
    with pytest.raises(TheoryError):
        hermite_coefficients(th.Activation(e, x), 4, 1, 20)


def test_a_complex_function_is_refused():
    with pytest.raises(TheoryError):
        sequence.coefficient_balls(Profile(tanh(x) * (-1) ** Rational(1, 3), x, Integer(0), Integer(1)), 3, -40.0)


@pytest.mark.parametrize("e", [tanh(x), erf(x), Max(x, 0), sign(x), x**3, x / (1 + Abs(x))], ids=str)
@pytest.mark.parametrize("K", [0, 4, 11])
def test_tail_is_the_square_less_the_coefficients(e, K):
    phi = th.Activation(e, x)
    tail = hermite_tail(phi, K, 2, 20)
    square = integrate_ball(e**2, Gaussian(x, cov=[[2]]), 30)
    c = hermite_coefficients(phi, K, 2, 40)
    assert tail >= 0
    assert tail.overlaps(square - sum(v * v for v in c))
    if e != x**3 or K < 3:
        assert not (tail * (1 + arb("1e-15"))).overlaps(tail)
    else:
        assert tail < arb("1e-39")


def test_tail_without_its_last_coefficient_is_too_large():
    phi = th.Activation(tanh(x), x)
    assert not hermite_tail(phi, 4).overlaps(hermite_tail(phi, 5))


def test_tail_refuses():
    with pytest.raises(DomainError):
        hermite_tail(th.Activation(x, x), -1)
    with pytest.raises((PrecisionError, DomainError)):
        hermite_tail(th.Activation(exp(x**2 / 3), x), 3)


REMOVABLE = {
    "tanh(x)/x": (tanh(x) / x, 2),
    "(exp(x) - 1)/x": ((exp(x) - 1) / x, 1),
    "expanded": (exp(x) / x - 1 / x, 1),
    "sin(x)/x": (sin(x) / x, Rational(1, 2)),
    "Bernoulli": (x / (exp(x) - 1), 1),
    "third order": ((tanh(x) - x) / x**3, 1),
    "off centre": (log(1 + (x - 1) ** 2) / (x - 1), 1),
    "inside": (tanh(tanh(x) / x), 1),
    "Langevin": (1 / tanh(x) - 1 / x, 1),
}


@pytest.mark.parametrize("name", REMOVABLE)
def test_removable_singularities(name):
    e, q = REMOVABLE[name]
    c = hermite_coefficients(th.Activation(e, x), 3, q, 25)
    f = lambdify(x, e, "mpmath")
    with mpmath.workdps(35):  # the plain rule, whose nodes miss the point of 0/0
        root, h = mpmath.sqrt(mpmath.mpf(Rational(q).p) / Rational(q).q), mpmath.mpf(1) / 20
        nodes = [(j + mpmath.mpf(1) / 3) * h for j in range(-260, 260)]
        weights = [h * f(root * s) * mpmath.npdf(s) for s in nodes]
        for k, he in ((0, lambda s: 1), (1, lambda s: s), (2, lambda s: (s * s - 1) / mpmath.sqrt(2))):
            true = sum(w * he(s) for s, w in zip(nodes, weights, strict=True))
            assert abs(c[k] - arb(mpmath.nstr(true, 30))) < arb("1e-22")
    assert c.radius < arb("1e-25")


@pytest.mark.parametrize("e", [tanh(x) / x**2, cos(x) / x, (exp(x) - 1 - x / 2) / x**2, tanh(x) / (x - 1)], ids=str)
def test_poles_are_not_removed(e):
    with pytest.raises(TheoryError):
        hermite_coefficients(th.Activation(e, x), 3, 1, 15)

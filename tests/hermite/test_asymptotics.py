"""Decay laws of Hermite coefficients against coefficients from recurrences and from certified quadrature."""

from __future__ import annotations

import pytest
from flint import arb
from sympy import (
    Abs,
    Float,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    Symbol,
    acot,
    asinh,
    atan,
    cos,
    cosh,
    erf,
    exp,
    log,
    pi,
    sin,
    sqrt,
    tanh,
)

from theory.activations import Activation
from theory.errors import DomainError, UnsupportedError
from theory.hermite.asymptotics import HermiteAsymptotics, hermite_asymptotics
from theory.hermite.recurrence import coefficients_by_recurrence
from theory.hermite.sequence import hermite_coefficients

x = Symbol("x", real=True)

# Function, kind, exponent, rate at q = 1, and the accuracy of the leading term at the largest index.
BY_RECURRENCE = {
    "relu": (Max(x, 0), "algebraic", Rational(-5, 4), None, 0.001),
    "relu squared": (Max(x, 0) ** 2, "algebraic", Rational(-7, 4), None, 0.002),
    "step": (Heaviside(x, 0), "algebraic", Rational(-3, 4), None, 0.001),
    "hard tanh": (Min(1, Max(-1, x)), "algebraic", Rational(-5, 4), None, 0.002),
    "hat": (Max(0, 1 - Abs(x)), "algebraic", Rational(-5, 4), None, 0.001),
    "elu": (Piecewise((exp(x) - 1, x < 0), (x, True)), "algebraic", Rational(-7, 4), None, 0.03),
    "two kinds of kink": (Max(x - 1, 0) + 3 * Heaviside(x + S.Half, 0), "algebraic", Rational(-3, 4), None, 0.03),
    "cut gaussian": (Max(x, 0) * exp(-(x**2) / 2), "algebraic", Rational(-5, 4), None, 0.005),
    "gaussian": (exp(-(x**2) / 2), "geometric", Rational(-1, 4), sqrt(2) / 2, 0.001),
    "gabor": (exp(-(x**2) / 2) * cos(3 * x), "geometric", Rational(-1, 4), sqrt(2) / 2, 0.01),
    "growing gaussian": (x * exp(x**2 / 12 + x / 3), "geometric", Rational(1, 4), sqrt(5) / 5, 0.01),
    "shifted gaussian": (x**2 * exp(-(x**2) / 3 + x / 2), "geometric", Rational(3, 4), sqrt(10) / 5, 0.03),
    "erf": (erf(x), "geometric", Rational(-3, 4), sqrt(6) / 3, 0.001),
    "gelu": (x * (1 + erf(x / sqrt(2))) / 2, "geometric", Rational(-1, 4), sqrt(2) / 2, 0.002),
    "x sin x": (x * sin(x), "superexponential", S.One, S.One, 0.002),
    "waves": (cos(x) * exp(x / 2) + x**2 * exp(-x), "superexponential", S.Zero, sqrt(5) / 2, 0.001),
}
ANALYTIC = {
    "tanh": (tanh(x), Rational(-1, 4), pi / 2, 0.02),
    "tanh squared": (tanh(x) ** 2, Rational(1, 4), pi / 2, 0.02),
    "softplus": (log(1 + exp(x)), Rational(-3, 4), pi, 0.1),
    "silu": (x / (1 + exp(-x)), Rational(-1, 4), pi, 0.1),
    "mish": (x * tanh(log(1 + exp(x))), Rational(-1, 4), 3 * pi / 4, 0.05),
    "log cosh": (log(cosh(x)), Rational(-3, 4), pi / 2, 0.02),
    "atan": (atan(x), Rational(-3, 4), S.One, 0.005),
    "asinh": (asinh(x), S.NegativeOne, S.One, 0.015),
    "square plus": (sqrt(x**2 + 4), S.NegativeOne, S(2), 0.015),
    "cube root": ((x**2 + 4) ** Rational(1, 3), Rational(-11, 12), S(2), 0.02),
    "rational": (x / (x**2 + 2 * x + 5), Rational(-1, 4), S(2), 0.04),
}


def deviation(law: HermiteAsymptotics, c: list[arb], k: int) -> float:
    """|c_k - leading| / envelope, the largest of four neighbouring indices."""
    worst = 0.0
    for index in range(k - 3, k + 1):
        true = Float(c[index].mid().str(25, radius=False), 25)
        worst = max(worst, abs(float((true - law.leading(index).evalf(25)) / law.envelope(index).evalf(25))))
    return worst


def damaged(law: HermiteAsymptotics) -> list[HermiteAsymptotics]:
    """A constant off by a quarter, a power of k off by a half, the opposite sign."""
    k = next(iter(law.envelope_term.free_symbols))
    return [
        HermiteAsymptotics(law.kind, law.exponent, law.rate, law.reason, law.leading_term * factor, law.envelope_term)
        for factor in (Rational(5, 4), sqrt(k), -1)
    ]


@pytest.mark.parametrize("q", [1, Rational(3, 2)], ids=str)
@pytest.mark.parametrize("name", BY_RECURRENCE)
def test_leading_term_from_recurrences(name, q):
    f, kind, exponent, rate, accuracy = BY_RECURRENCE[name]
    law = hermite_asymptotics(Activation(f, x), q)
    assert (law.kind, law.exponent) == (kind, exponent)
    if q == 1:
        assert law.rate == rate
    c = coefficients_by_recurrence(Activation(f, x), 3000, q, digits=10)
    assert deviation(law, c, 3000) < accuracy * (1.5 if q != 1 else 1)
    assert deviation(law, c, 3000) <= deviation(law, c, 300)
    assert all(deviation(twin, c, 3000) > 4 * deviation(law, c, 3000) for twin in damaged(law))


@pytest.mark.parametrize("name", ANALYTIC)
def test_leading_term_of_analytic_functions(name):
    f, exponent, rate, accuracy = ANALYTIC[name]
    law = hermite_asymptotics(Activation(f, x))
    assert (law.kind, law.exponent, law.rate) == ("stretched_exponential", exponent, rate)
    c = list(hermite_coefficients(Activation(f, x), 300, 1, 40))
    assert deviation(law, c, 300) < accuracy
    assert deviation(law, c, 300) <= deviation(law, c, 40)
    assert all(deviation(twin, c, 300) > 0.1 for twin in damaged(law))


def test_square_root_law_at_thousands():
    phi = Activation(atan(x), x)
    assert deviation(hermite_asymptotics(phi, 2), coefficients_by_recurrence(phi, 1000, 2, digits=10), 1000) < 0.004


def test_parameters():
    a, q = Symbol("a", positive=True), Symbol("q", positive=True)
    law = hermite_asymptotics(Activation(tanh(a * x), x), q)
    assert law.rate.subs(q, 1) == pi / (2 * a)
    fixed = hermite_asymptotics(Activation(tanh(3 * x), x), 2)
    assert law.leading(7).subs({a: 3, q: 2}).equals(fixed.leading(7))
    assert not law.leading(7).subs({a: 2, q: 2}).equals(fixed.leading(7))
    kink = hermite_asymptotics(Activation(Max(x - a, 0), x))
    assert kink.reason == "jump of derivative 1 at x = a"


def test_reason_and_finite():
    assert hermite_asymptotics(Activation(x**3 - x, x)).kind == "finite"
    assert hermite_asymptotics(Activation(x**3 - x, x)).leading(9) == 0
    assert hermite_asymptotics(Activation(tanh(x), x)).reason.startswith("pole of the function at x = I*pi/2")
    assert hermite_asymptotics(Activation(Max(x, 0), x))._repr_latex_().startswith("$c_{k}")


@pytest.mark.parametrize(
    "f",
    [
        acot(x),  # jumps at 0, where its derivative does not show it
        atan(1 / x),
        sqrt(x**4 + x**2),
        Max(x - 1, 0) ** 2 + sqrt(x**4 + x**2),  # the kink of the root is the stronger one
        log(Abs(x)) + Heaviside(x - 1, 0),
        sqrt(Abs(x)),
        sin(x**3) / (1 + x**2),
        sin(sqrt(x**2 + 1)) + 1 / (x**2 + 25),  # the branch point is nearer than the pole
        exp(x**2 / 3) * Heaviside(x, 0),
        exp(-(x**4)),
        tanh(x**3),
        1 / (2 + cos(x)),
        1 / (x**2 + 1 + exp(x)),
        erf(x) ** 2,
        sin(x) / x,
        exp(exp(x)),
    ],
    ids=str,
)
def test_no_law_is_guessed(f):
    with pytest.raises(UnsupportedError):
        hermite_asymptotics(Activation(f, x))


def test_wrong_arguments():
    with pytest.raises(DomainError, match="positive variance"):
        hermite_asymptotics(Activation(tanh(x), x), -1)
    with pytest.raises(DomainError, match="rename"):
        hermite_asymptotics(Activation(tanh(Symbol("k", integer=True, nonnegative=True) * x), x))

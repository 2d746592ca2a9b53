"""Recurrences of Hermite coefficients against coefficients integrated by an independent rule in double precision."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sympy import (
    Abs,
    Heaviside,
    Integer,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    asinh,
    atan,
    cos,
    erf,
    exp,
    expand,
    factorial,
    lambdify,
    log,
    sin,
    sqrt,
    symbols,
    tanh,
)

from theory.activations import Activation
from theory.errors import DivergenceError, DomainError, UnsupportedError
from theory.hermite.recurrence import HermiteRecurrence, coefficients_by_recurrence, hermite_recurrence
from theory.symbols import k

x = Symbol("x", real=True)
TOP = 40
NODES, WEIGHTS = np.polynomial.legendre.leggauss(30)

FUNCTIONS = {
    "relu": Max(x, 0),
    "relu squared": Max(x, 0) ** 2,
    "step": Heaviside(x, 0),
    "erf": erf(x),
    "gaussian": exp(-(x**2) / 2),
    "sinc": sin(x) / x,
    "gabor": exp(-(x**2) / 2) * cos(3 * x),
    "atan": atan(x),
    "asinh": asinh(x),
    "square plus": sqrt(x**2 + 4),
    "hard tanh": Min(1, Max(-1, x)),
    "gelu": x * (1 + erf(x / sqrt(2))) / 2,
    "elu": Piecewise((exp(x) - 1, x < 0), (x, True)),
    "hard swish": x * Min(6, Max(0, x + 3)) / 6,
    "x sin x": x * sin(x),
    "softsign": x / (1 + Abs(x)),
    "cut exponential": x**2 * exp(-x) * Heaviside(x, 0),
    "cut gaussian": Max(x, 0) * exp(-(x**2) / 2),
    "erf squared": erf(x) ** 2,
    "half power": Max(x, 0) ** Rational(3, 2),
    "logarithm": log(1 + x**2) * Abs(x),
    "irrational kink": Heaviside(x - sqrt(2), 0) * exp(x / 3),
}
NO_START_VALUES = {"half power"}  # no rule integrates the power at its branch point


def reference(phi: Activation, q: float, top: int) -> np.ndarray:
    """c_0, ..., c_top by Gauss-Legendre panels that end at the kinks."""
    pieces = phi.pieces
    scale = np.sqrt(q)
    kinks = [float(b) / scale for b in pieces.breaks]
    ends = sorted({*np.linspace(-15.9, 16, 70), *kinks})
    total = np.zeros(top + 1)
    for a, b in itertools.pairwise(ends):
        part = pieces.parts[sum(1 for c in kinks if c <= a)]
        z = (a + b) / 2 + (b - a) / 2 * NODES
        values = lambdify(phi.variable, part, ["scipy", "numpy"])(scale * z) * np.ones_like(z)
        values *= np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * WEIGHTS * (b - a) / 2
        before, now = np.zeros_like(z), np.ones_like(z)
        for n in range(top + 1):
            total[n] += np.sum(values * now)
            before, now = now, (z * now - np.sqrt(n) * before) / np.sqrt(n + 1)
    return total


def largest_residual(recurrence: HermiteRecurrence, c: np.ndarray, start: int) -> float:
    """Largest residual of the relation divided by sqrt(k!), relative to the largest of its terms' factors."""
    worst = 0.0
    for n in range(start, TOP - recurrence.order + 1):
        ratios = [np.sqrt(float(factorial(n + j) / factorial(n))) for j in range(recurrence.order + 1)]
        factors = [float(p.subs(k, n)) * r for p, r in zip(recurrence.coefficients, ratios, strict=True)]
        residual = sum(f * c[n + j] for j, f in enumerate(factors))
        worst = max(worst, abs(residual) / max(1e-300, *(abs(f) for f in factors)))
    return worst


@pytest.mark.parametrize("q", [1, Rational(5, 3)], ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_relation_holds_for_integrated_coefficients(name, q):
    phi = Activation(FUNCTIONS[name], x)
    recurrence = hermite_recurrence(phi, q)
    c = reference(phi, float(q), TOP)
    tolerance = 1e-4 if name == "half power" else 1e-12  # the panels do not resolve the branch point
    assert largest_residual(recurrence, c, recurrence.start) < tolerance
    damaged = [*recurrence.coefficients]
    damaged[0] *= Rational(8, 7)
    twin = HermiteRecurrence(phi, recurrence.q, tuple(damaged), recurrence.start)
    assert largest_residual(twin, c, recurrence.start) > 1e-6


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - NO_START_VALUES))
def test_balls_contain_integrated_coefficients(name):
    phi = Activation(FUNCTIONS[name], x)
    balls = coefficients_by_recurrence(phi, TOP, Rational(5, 3), digits=20)
    assert len(balls) == TOP + 1
    assert max(abs(float(b) - r) for b, r in zip(balls, reference(phi, 5 / 3, TOP), strict=True)) < 1e-13
    assert all(b.is_zero() or b.rel_accuracy_bits() > 60 for b in balls)


@pytest.mark.parametrize(
    ("name", "order", "step", "start"),
    [
        ("relu", 2, 2, 0),
        ("hard tanh", 4, 2, 0),
        ("gelu", 2, 2, 0),
        ("erf", 2, 2, 0),
        ("asinh", 4, 2, 0),
        ("elu", 3, 1, 1),
    ],
)
def test_shape_of_the_relation(name, order, step, start):
    found = hermite_recurrence(Activation(FUNCTIONS[name], x))
    assert (found.order, found.step, found.start) == (order, step, start)


def test_known_relations():
    assert hermite_recurrence(Activation(FUNCTIONS["relu"], x)).coefficients == (k - 1, 0, 1)
    assert [expand(p) for p in hermite_recurrence(Activation(FUNCTIONS["hard tanh"], x)).coefficients] == [
        *(expand(k * (k - 1)), 0, 2 * k, 0, 1)
    ]
    gelu = hermite_recurrence(Activation(FUNCTIONS["gelu"], x)).coefficients
    assert [expand(p) for p in gelu] == [expand((k - 1) * (k + 3)), 0, 2 * k + 2]


@pytest.mark.parametrize("name", ["elu", "bent", "polynomial", "snake"])
def test_start_index_is_sharp(name):
    expr = {
        "bent": x + (sqrt(x**2 + 1) - 1) / 2,
        "polynomial": x**5 - 2 * x**4 + x / 3 + 1,
        "snake": x + sin(x) ** 2,
    }.get(name, FUNCTIONS.get(name))
    recurrence = hermite_recurrence(Activation(expr, x))
    assert recurrence.start > 0
    c = reference(recurrence.activation, 1.0, recurrence.start + recurrence.order + 3)
    values = [Rational(float(v)) * sqrt(factorial(i)) for i, v in enumerate(c)]
    assert abs(recurrence.apply(values, recurrence.start).evalf()) < 1e-10
    assert abs(recurrence.apply(values, recurrence.start - 1).evalf()) > 1e-2


def test_check_uses_exact_values():
    recurrence = hermite_recurrence(Activation(FUNCTIONS["elu"], x))
    assert recurrence.check(5)
    early = HermiteRecurrence(recurrence.activation, Integer(1), recurrence.coefficients, 0)
    assert not early.check(5)


def test_symbolic_parameters():
    a, q = Symbol("a", positive=True), Symbol("q", positive=True)
    clip = hermite_recurrence(Activation(Min(a, Max(-a, x)), x))
    assert [expand(p) for p in clip.coefficients] == [expand(k * (k - 1)), 0, 2 * k + 1 - a**2, 0, 1]
    assert [expand(p) for p in hermite_recurrence(Activation(erf(x), x), q).coefficients] == [2 * k * q, 0, 2 * q + 1]
    at_two = hermite_recurrence(Activation(Min(2, Max(-2, x)), x))
    assert [expand(p.subs(a, 2)) for p in clip.coefficients] == [expand(p) for p in at_two.coefficients]
    assert [expand(p.subs(a, 3)) for p in clip.coefficients] != [expand(p) for p in at_two.coefficients]


def test_singular_indices_restart_from_exact_values():
    """The leading coefficient of x sin x vanishes at k = 1."""
    phi = Activation(x * sin(x), x)
    assert hermite_recurrence(phi).coefficients[-1].subs(k, 1) == 0
    balls, expected = coefficients_by_recurrence(phi, 6), reference(phi, 1.0, 6)
    assert all(abs(float(b) - c) < 1e-14 for b, c in zip(balls, expected, strict=True))


def test_many_coefficients_keep_their_digits():
    relu = coefficients_by_recurrence(Activation(Max(x, 0), x), 2000)
    hard = coefficients_by_recurrence(Activation(FUNCTIONS["hard tanh"], x), 2001)
    assert relu[2000].rel_accuracy_bits() > 99
    assert hard[2001].rel_accuracy_bits() > 99
    assert relu[1999] == 0
    again = coefficients_by_recurrence(Activation(FUNCTIONS["hard tanh"], x), 2001, digits=60)
    assert again[2001].overlaps(hard[2001])


@pytest.mark.parametrize("f", [tanh(x), log(1 + exp(x)), 1 / (2 + cos(x)), x / (1 + exp(-x))], ids=str)
def test_infinitely_many_singularities_are_the_reason(f):
    with pytest.raises(UnsupportedError, match="infinitely many complex zeros"):
        hermite_recurrence(Activation(f, x))


@pytest.mark.parametrize("f", [atan(1 / x), sqrt(x**4 + x**2), log(Abs(x)), exp(sin(x))], ids=str)
def test_points_without_a_rule_are_refused(f):
    with pytest.raises(UnsupportedError):
        hermite_recurrence(Activation(f, x))


def test_wrong_arguments():
    relu = Activation(Max(x, 0), x)
    with pytest.raises(DomainError, match="positive variance"):
        hermite_recurrence(relu, 0)
    with pytest.raises(DomainError, match="limit is K"):
        coefficients_by_recurrence(relu, 10**9)
    with pytest.raises(DomainError, match="non-negative integer"):
        coefficients_by_recurrence(relu, -1)
    with pytest.raises(DivergenceError):
        hermite_recurrence(Activation(exp(x**2), x))
    with pytest.raises(DomainError, match="free"):
        coefficients_by_recurrence(Activation(Max(x - Symbol("a", positive=True), 0), x), 5)
    with pytest.raises(DomainError, match="rename"):
        hermite_recurrence(Activation(sin(k * x), x))
    slope, other = symbols("slope other")
    assert hermite_recurrence(Activation(Piecewise((slope * x, x < 0), (other * x, True)), x)).order == 2


def test_too_many_constants_are_refused():
    f = Piecewise((sin(x), x < -1), (x**2, x < 2), (exp(-x), True))
    with pytest.raises(UnsupportedError, match="out of reach"):
        hermite_recurrence(Activation(f, x))


def test_latex():
    assert hermite_recurrence(Activation(Max(x, 0), x)).latex() == (
        r"C_{k + 2} + \left(k - 1\right)C_{k} = 0 \quad (k \ge 0)"
    )

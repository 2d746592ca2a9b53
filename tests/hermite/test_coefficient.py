"""Closed Hermite coefficients against Gauss-Legendre quadrature of the definition to 22 digits."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import flint
import mpmath
import pytest
from flint import arb
from mpmath import mp
from sympy import (
    Abs,
    Heaviside,
    I,
    Integer,
    Max,
    Min,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    asinh,
    atan,
    cos,
    cosh,
    erf,
    exp,
    factorial,
    lambdify,
    log,
    nan,
    pi,
    sign,
    sin,
    sqrt,
    symbols,
    tanh,
    zoo,
)

import theory as th
from benchmarks.yardstick import EXACT, OUTSIDE, expression
from theory.hermite.coefficient import hermite_coefficient

x = Symbol("x", real=True)
k, q = symbols("k q")
a, b, tau, w, m, alpha = symbols("a b tau w m alpha")

DIGITS, REACH, ORDER, HIGHEST = 22, 16, 24, 10
BEYOND = ("sinc", "arctan", "squareplus", "arcsinh", "bent_identity")
WITH_FORMULA = [*EXACT, *BEYOND]
WITHOUT = sorted(set(OUTSIDE) - set(BEYOND))


@cache
def nodes():
    """Nodes and weights of Gauss and Legendre on [-1, 1]."""
    before = flint.ctx.prec
    flint.ctx.prec = 150
    try:
        pairs = [arb.legendre_p_root(ORDER, i, weight=True) for i in range(ORDER)]
        return [tuple(mpmath.mpf(v.str(40, radius=False)) for v in pair) for pair in pairs]
    finally:
        flint.ctx.prec = before


@cache
def grid(edges, highest):
    """Points between the edges, and for each degree the weights of the normalised Hermite polynomial there."""
    points, weights = [], []
    for left, right in pairwise(edges):
        half = (right - left) / 2
        for t, weight in nodes():
            z = left + half * (1 + t)
            points.append(z)
            weights.append(weight * half * mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi))
    before, rows = [mpmath.mpf(0)] * len(points), [weights]
    for n in range(highest):
        up, down = 1 / mpmath.sqrt(n + 1), mpmath.sqrt(mpmath.mpf(n) / (n + 1))
        after = [z * h * up - down * g for z, h, g in zip(points, rows[-1], before, strict=True)]
        before = rows[-1]
        rows.append(after)
    return points, rows


def reference(e, variance, kinks=(), highest=HIGHEST):
    """E[phi(sqrt(variance) Z) He_k(Z)]/sqrt(k!) for k = 0, ..., highest, from the definition."""
    with mp.workdps(36):
        f = lambdify(x, e, "mpmath")
        s = mpmath.sqrt(mpmath.mpf(variance.p) / variance.q)
        inner = [mpmath.mpf(c.p) / c.q / s for c in map(Rational, kinks)]
        edges = sorted({mpmath.mpf(i) for i in range(-REACH, REACH + 1)} | {c for c in inner if abs(c) < REACH})
        points, rows = grid(tuple(edges), highest)
        values = [f(s * z) for z in points]
        return [mpmath.fdot(values, row) for row in rows]


def kinks_of(phi):
    return [Rational(c) for c in phi.pieces.breaks]


def agrees(value, expected):
    """Equality to the digits of the quadrature, absolute below one."""
    if value.has(nan, zoo, I):
        return False
    with mp.workdps(40):
        number = mpmath.mpf(th.enclose(value, DIGITS + 5).mid().str(35, radius=False))
        return abs(number - expected) < mpmath.mpf(10) ** -DIGITS * max(1, abs(expected))


@pytest.mark.parametrize("name", WITH_FORMULA)
@pytest.mark.parametrize("variance", [Integer(1), Rational(1, 2)], ids=["unit", "half"])
def test_formula_of_the_yardstick(name, variance):
    phi = th.Activation(expression((EXACT | OUTSIDE)[name]))
    formula = hermite_coefficient(phi, k, variance)
    expected = reference(phi.expr.xreplace({phi.variable: x}), variance, kinks_of(phi))
    assert not formula.has(I)
    for n, value in enumerate(expected):
        assert agrees(formula.subs(k, n), value), n
        damage = Rational(1, 10 ** (DIGITS - 1)) * (1 + abs(int(value)))
        assert not agrees(formula.subs(k, n) + damage, value), n


def test_the_formula_counts():
    assert len(WITH_FORMULA) == 42
    closed = [n for n in WITH_FORMULA if th.is_closed_form(hermite_coefficient(activation(n), k))]
    assert set(WITH_FORMULA) - set(closed) == {"elu", "selu", "celu"}


def activation(name):
    return th.Activation(expression((EXACT | OUTSIDE)[name]))


@pytest.mark.parametrize("name", WITHOUT)
def test_no_formula_is_an_error_with_a_reason(name):
    with pytest.raises(th.UnsupportedError, match=r"no formula in k .*: no .*rule"):
        hermite_coefficient(activation(name), k)


PARAMETRIC = [
    (Piecewise((a * x, x < 0), (x, True)), (), {a: Rational(1, 7)}, [0]),
    (Max(x - tau, 0), (), {tau: Rational(-3, 4)}, [Rational(-3, 4)]),
    (Max(x - tau, 0), (), {tau: 0}, [0]),
    (Min(m, Max(0, x)), (m > 0,), {m: 2}, [0, 2]),
    (sign(x) * Min(m, Max(0, Abs(x) - tau)), (m > 0, tau > 0), {m: 2, tau: 1}, [-3, -1, 1, 3]),
    (Piecewise((alpha * (exp(x / alpha) - 1), x < 0), (x, True)), (alpha > 0,), {alpha: Rational(2, 3)}, [0]),
    (sin(w * x) + x**2 * cos(w * x), (), {w: -2}, []),
    (erf(a * x), (), {a: -2}, []),
    (x * (1 + erf(a * x)) / 2, (), {a: -2}, []),
    (x**2 * (1 + erf(a * x + b)), (), {a: Rational(1, 2), b: 1}, []),
    (x**3 * exp(a * x), (), {a: Rational(-1, 2)}, []),
    (x * exp(-a * x**2 + b * x), (a > 0,), {a: Rational(1, 2), b: -1}, []),
    (sin(w * x) / x + x**2, (), {w: -2}, []),
    (atan(a * x), (a > 0,), {a: Rational(1, 2)}, []),
    (asinh(x / a), (a > 0,), {a: 2}, []),
    (x**2 * sqrt(x**2 + a), (a > 0,), {a: 3}, []),
    ((x**2 + a) ** Rational(1, 3), (a > 0,), {a: 3}, []),
]


@pytest.mark.parametrize("case", PARAMETRIC, ids=lambda case: str(case[0]))
def test_formula_with_parameters_and_symbolic_variance(case):
    e, assume, values, kinks = case
    formula = hermite_coefficient(th.Activation(e, x, assume), k, q)
    assert {s.name for s in formula.free_symbols - {Symbol("j", integer=True, nonnegative=True)}} <= {
        "k",
        "q",
        *(s.name for s in values),
    }
    variance = Rational(3, 2)
    expected = reference(e.subs(values), variance, kinks, 6)
    for n, value in enumerate(expected):
        assert agrees(formula.subs({**values, q: variance}).subs(k, n), value), n


UNSEEN = [
    (x**2 * exp(x**2 / 8 + x / 3), []),
    (Max(x - 1, 0) ** 2 * exp(-(x**2) / 2 + x), [1]),
    (Piecewise((0, x < 0), (sin(2 * x), True)), [0]),
    (x * erf(x) * exp(-(x**2) / 4), []),
    (erf(x - Rational(1, 2)) * exp(x), []),
    (x * (1 + erf(x / sqrt(2))) * sin(x), []),
    (x * (1 + erf(x / sqrt(2))) / 2 + Max(x - 1, 0) + x**2 / 10, [1]),
    (Piecewise((0, x < 1), (x**2 * exp(-x), x < 2), (0, True)), [1, 2]),
    (exp(x) * cos(2 * x + 1), []),
    (erf(x) ** 2, []),
    (Max(x, 0) * erf(x), [0]),
    ((1 + x**2) * sin(3 * x) / x, []),
    (x * atan(x), []),
    (x**3 / (2 + x**2) ** 2, []),
    (x * sqrt(x**2 + 1) + Max(x, 0), [0]),
    ((x**2 + 4) ** Rational(3, 2), []),
    (x * cosh(x), []),
    (Heaviside(x) - Rational(1, 2), [0]),
    (1 / ((x**2 + 2) * (x**2 + 4)), []),
]


@pytest.mark.parametrize("case", UNSEEN, ids=lambda case: str(case[0]))
def test_formula_of_unseen_activations(case):
    e, kinks = case
    formula = hermite_coefficient(th.Activation(e, x), k)
    for n, value in enumerate(reference(e, Integer(1), kinks, 7)):
        assert agrees(formula.subs(k, n), value), n


@pytest.mark.parametrize("name", ["relu", "hard_tanh", "gelu", "elu", "arctan", "sinc", "clipped_soft_threshold"])
def test_high_degree(name):
    phi = activation(name)
    expected = reference(phi.expr.xreplace({phi.variable: x}), Integer(1), kinks_of(phi), 60)
    for n in (39, 40, 59, 60):
        assert agrees(hermite_coefficient(phi, n), expected[n])
    at_200 = hermite_coefficient(phi, k).subs(k, 200)
    assert hermite_coefficient(phi, 200).evalf(15) == pytest.approx(float(th.enclose(at_200, 15)), rel=1e-13)


@pytest.mark.parametrize("name", ["relu", "erf", "elu", "hat", "squareplus"])
def test_parseval(name):
    phi = activation(name)
    formula = hermite_coefficient(phi, k)
    partial = [float(th.enclose(formula.subs(k, n), 12)) ** 2 for n in range(41)]
    total = float(th.enclose(phi.moment(2), 12))
    assert sum(partial[:21]) < total
    assert sum(partial) == pytest.approx(total, rel=1e-2)
    assert sum(partial) != pytest.approx(total - max(partial), rel=1e-2)


def test_the_rectifier_needs_no_branches():
    relu = hermite_coefficient(th.Activation(Max(x, 0), x), k)
    assert not relu.has(Piecewise)
    assert relu.subs(k, 7) == 0
    assert hermite_coefficient(th.Activation(Abs(x), x), k).subs(k, 1) == 0


def test_an_exponential_that_is_cut_off_is_a_finite_sum():
    formula = hermite_coefficient(th.Activation(Max(x, 0) + Min(exp(x) - 1, 0), x), k)
    assert formula.has(Sum)
    assert not th.is_closed_form(formula)
    assert not hermite_coefficient(th.Activation(Max(x, 0) + Min(exp(x) - 1, 0), x), 5).has(Sum)


def test_summation_index_and_parameter_of_one_name_stay_apart():
    j = Symbol("j", integer=True, nonnegative=True)
    plain = hermite_coefficient(th.Activation(Piecewise((a * (exp(x) - 1), x < 0), (x, True)), x), k)
    named = hermite_coefficient(th.Activation(Piecewise((j * (exp(x) - 1), x < 0), (x, True)), x), k)
    values = [f.subs({s: 3}).subs(k, 4).doit() for f, s in ((plain, a), (named, j))]
    assert values[0] == values[1]
    assert named.free_symbols == {j, k}


def test_an_index_expression_is_put_in():
    n = Symbol("n", integer=True, nonnegative=True)
    relu = th.Activation(Max(x, 0), x)
    assert hermite_coefficient(relu, 2 * n).subs(n, 3) == hermite_coefficient(relu, 6)
    assert hermite_coefficient(relu, 2 * n).subs(n, 3) != hermite_coefficient(relu, 4)


@pytest.mark.parametrize(
    "index", [-1, Rational(1, 2), 1.5, I, pi, "k", None, True, Symbol("k", negative=True), Symbol("k", imaginary=True)]
)
def test_an_index_is_a_natural_number(index):
    with pytest.raises(th.DomainError):
        hermite_coefficient(th.Activation(Max(x, 0), x), index)


@pytest.mark.parametrize("variance", [-1, I, "q"])
def test_a_variance_is_non_negative(variance):
    with pytest.raises(th.DomainError):
        hermite_coefficient(th.Activation(Max(x, 0), x), k, variance)


def test_index_and_parameter_are_different_symbols():
    with pytest.raises(th.DomainError, match="shares"):
        hermite_coefficient(th.Activation(k * x, x), k)


def test_variance_zero_leaves_the_value_at_zero():
    phi = th.Activation(cos(x), x)
    formula = hermite_coefficient(phi, k, 0)
    assert [formula.subs(k, n) for n in range(3)] == [1, 0, 0]
    assert [hermite_coefficient(phi, n, 0) for n in range(3)] == [1, 0, 0]


@pytest.mark.parametrize("index", [k, 4])
def test_divergence(index):
    phi = th.Activation(exp(x**2 / 4), x)
    for variance in (2, 3):
        with pytest.raises(th.DivergenceError, match="infinite"):
            hermite_coefficient(phi, index, variance)
    value = hermite_coefficient(phi, index, Rational(1, 2)).subs(k, 4)
    assert agrees(value, reference(exp(x**2 / 4), Rational(1, 2))[4])


def test_symbolic_variance_carries_the_condition_of_convergence():
    formula = hermite_coefficient(th.Activation(exp(x**2 / 4), x), k, q)
    assert formula.args[0].cond == (q < 2)
    assert formula.subs({q: 1, k: 2}) == hermite_coefficient(th.Activation(exp(x**2 / 4), x), 2)


def test_a_growing_factor_that_is_cut_off_is_refused():
    with pytest.raises(th.UnsupportedError, match="outgrows"):
        hermite_coefficient(th.Activation(Piecewise((exp(x**2), Abs(x) < 1), (0, True)), x), k)


def test_a_jump_hidden_in_an_inverse_function_is_no_antiderivative():
    with pytest.raises(th.UnsupportedError):
        hermite_coefficient(th.Activation(Piecewise((0, x <= 0), (atan(1 / x), True)), x), k)


def test_an_integer_without_closed_form_still_evaluates():
    value = hermite_coefficient(th.Activation(tanh(x), x), 5)
    assert value.has(th.GaussianExpectation)
    assert agrees(value, reference(tanh(x), Integer(1), (), 5)[5])
    assert hermite_coefficient(th.Activation(tanh(x), x), 6) == 0


def test_an_expectation_that_is_left_over_stands_in_its_branch():
    formula = hermite_coefficient(th.Activation(log(1 + x**2), x), k)
    assert formula.subs(k, 0).has(th.GaussianExpectation)
    assert agrees(formula.subs(k, 6), reference(log(1 + x**2), Integer(1))[6])
    assert formula.subs(k, 5) * sqrt(factorial(5)) == 0


def test_assumptions_decide_the_formula():
    e = Max(Min(x, a), b)
    formulas = [hermite_coefficient(th.Activation(e, x, assume), k) for assume in ((b < a,), (a < b,))]
    assert formulas[0] != formulas[1]
    assert formulas[1].subs(k, 0) == b
    assert formulas[1].subs(k, 3) == 0
    clipped = hermite_coefficient(th.Activation(Max(Min(x, 1), -2), x), 3)
    assert th.enclose(formulas[0].subs(k, 3).subs({a: 1, b: -2}) - clipped, 20).contains(0)


def test_a_declared_bound_settles_convergence():
    free = hermite_coefficient(th.Activation(exp(a * x**2), x), k)
    bounded = hermite_coefficient(th.Activation(exp(a * x**2), x, a < Rational(1, 2)), k)
    assert free.has(Piecewise)
    assert not bounded.has(Piecewise)
    for value in (Rational(-1, 3), Rational(1, 9)):
        expected = reference(exp(value * x**2), Integer(1), (), 4)
        assert all(agrees(bounded.subs(a, value).subs(k, n), expected[n]) for n in range(5))


def test_a_reason_names_the_symbols_of_the_caller():
    with pytest.raises(th.UnsupportedError, match=r"covers sqrt\(a \+ x\*\*2\), only powers of x\^2 \+ a with a > 0"):
        hermite_coefficient(th.Activation(sqrt(x**2 + a), x), k)

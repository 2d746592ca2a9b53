"""Activations: what is accepted, what is refused and why, derivatives, parity, the catalogue."""

import pytest
from sympy import (
    Abs,
    Function,
    Heaviside,
    I,
    Integer,
    Matrix,
    Max,
    Piecewise,
    Rational,
    S,
    Symbol,
    acos,
    asin,
    atanh,
    cos,
    erf,
    exp,
    latex,
    log,
    nan,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
)  # fmt: skip

from theory.activations import Activation, activation, activation_names
from theory.enclosure import enclose
from theory.errors import DomainError, OrderingError, UnknownNameError, UnsupportedError
from theory.gaussian.expectation import GaussianExpectation, expect
from theory.gaussian.law import Gaussian

x, a, b, rho, q = symbols("x a b rho q")
RELU = Activation(Max(x, 0), x)


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (sqrt(x), "not real at x"),
        (log(x), "not real at x"),
        (x ** Rational(1, 3), "not real at x"),
        (acos(x), "not real at x"),
        (atanh(x), "not real at x"),
        (sqrt(x - 100), "not real at x"),
        (log(x + 1000), "not real at x"),
        (sqrt((x - 5) * (x - Rational(51, 10))), "not real at x"),
        (x * exp(I * x), "is real"),
        (nan, "finite"),
        (x + oo, "finite"),
        ("max(x, 0)", "theory.parsing"),
        (x < 1, "scalar expression"),
        (Matrix([x]), "scalar expression"),
        (Piecewise((x, x < 0)), "final branch"),
        (Piecewise((x, x < 0), (1, x > 2)), "final branch"),
        (Symbol("x", positive=True) * x, "share the name x"),
    ],
)
def test_bad_expressions_are_refused(expr, message):
    with pytest.raises(DomainError, match=message):
        Activation(expr, x)


@pytest.mark.parametrize(
    "expr",
    [
        Piecewise((sqrt(x), x > 0), (0, True)),
        log(x**2 + x + 1),
        sqrt(Abs(x)),
        Piecewise((asin(x), Abs(x) < 1), (x, True)),
        sin(x) / x,
        (x**2) ** Rational(1, 3),
        S.Zero,
    ],
)
def test_real_expressions_are_accepted(expr):
    assert Activation(expr, x).variable.is_real


def test_the_variable_must_be_clear():
    assert Activation(x**2).variable.name == "x"
    with pytest.raises(DomainError, match="name the variable"):
        Activation(a * x)
    with pytest.raises(DomainError, match="is a symbol"):
        Activation(a * x, 3)


@pytest.mark.parametrize("bad", [2, Rational(-101, 100), 1.001, I, oo, nan, "0.3"])
def test_a_correlation_lies_between_minus_one_and_one(bad):
    with pytest.raises(DomainError):
        RELU.dual(bad)


@pytest.mark.parametrize(
    "call",
    [
        lambda: RELU.dual(rho, -1),
        lambda: RELU.moment(2, -1),
        lambda: RELU.dual_cov(-1, 1, 0),
        lambda: RELU.dual_cov(1, 1, 2),
        lambda: RELU.moment(-1),
        lambda: RELU.moment(1.5),
        lambda: RELU.hermite(-1),
        lambda: RELU.dual_derivative(rho, order=-1),
        lambda: Activation(S.Zero, x).kernel_map(rho),
        lambda: Activation(S.One, x).centered_kernel_map(rho),
        lambda: expect("u", Gaussian(x)),
        lambda: expect(exp(I * x), Gaussian(x)),
    ],
)
def test_bad_arguments_are_refused(call):
    with pytest.raises(DomainError):
        call()


def test_derivatives_of_jumps_are_refused_with_the_jump():
    with pytest.raises(UnsupportedError, match="jumps by 1 at x = 0"):
        Activation(Heaviside(x), x).derivative()
    with pytest.raises(UnsupportedError, match="derivative of order 1 jumps"):
        RELU.derivative(2)
    assert RELU.dual_derivative(0) == Rational(1, 4)


def test_symbolic_breakpoints_ask_for_their_order():
    ramp = Max(x - a, 0) - Max(x - b, 0)
    with pytest.raises(OrderingError, match="assume="):
        Activation(ramp, x).moment(1)
    value = Activation(ramp, x, assume=a < b).moment(1)
    assert enclose(value.subs({a: -1, b: 1}) - 1, 25).contains(0)


def test_assumptions_make_parameters_positive():
    value = Activation(exp(-a * x**2), x, assume=[a > 0]).dual(rho)
    assert not value.has(Piecewise)
    assert value.subs({a: Rational(1, 2), rho: 0}) == Rational(1, 2)


@pytest.mark.parametrize(
    ("expr", "parity"),
    [
        (Abs(x), "even"),
        (tanh(x), "odd"),
        (Max(x, 0), None),
        (x * erf(x), "even"),
        (sin(x) + x**3, "odd"),
        (cos(x) + x, None),
    ],
)
def test_parity(expr, parity):
    assert Activation(expr, x).parity == parity


def test_outside_the_class_a_node_remains_and_knows_its_value():
    first, second = (Activation(tanh(x), x).dual(rho) for _ in range(2))
    assert isinstance(first, GaussianExpectation)
    assert first == second
    assert first.free_symbols == {rho}
    assert str(first) == "E[tanh(u)*tanh(v)]"
    assert "mathbb{E}" in latex(first)
    assert abs(first.subs(rho, 0).evalf(20)) < 1e-19
    assert first.subs(rho, 1).evalf(20) == Activation(tanh(x), x).moment(2).evalf(20)
    derivative = first.diff(rho).subs(rho, Rational(1, 2)).evalf(20)
    price = Activation(tanh(x), x).dual_derivative(Rational(1, 2)).evalf(20)
    assert abs(derivative - price) < 1e-18
    assert abs(derivative - price * Rational(1001, 1000)) > 1e-18


def test_odd_integrands_vanish_only_where_they_are_integrable():
    assert expect(tanh(x) * Abs(x), Gaussian(x)) == 0
    assert isinstance(expect(1 / x, Gaussian(x)), GaussianExpectation)
    assert isinstance(expect(tanh(x) * exp(x**2), Gaussian(x)), GaussianExpectation)
    assert isinstance(expect(tanh(x), Gaussian(x, mean=[1])), GaussianExpectation)


def test_unknown_functions_stay_symbolic():
    f = Function("f")
    assert Activation(f(x), x).dual(rho).has(f)


def test_names_with_parameters_and_suggestions():
    assert "gelu" in activation_names()
    assert activation("leaky_relu", slope=Rational(1, 10)).dual(1) == Rational(101, 200)
    assert activation("leaky_relu", slope=0.1).dual(1) == Rational(101, 200)
    with pytest.raises(UnknownNameError, match="gelu"):
        activation("gellu")
    with pytest.raises(UnknownNameError, match="slope"):
        activation("leaky_relu", slop=1)


def test_calling_comparing_and_hashing():
    phi = Activation(x**2 + a, x)
    assert phi(3) == 9 + a
    assert phi.parameters == (a,)
    assert phi == Activation(x**2 + a, x)
    assert hash(phi) == hash(Activation(x**2 + a, x))
    assert "varphi" in phi._repr_latex_()


def test_hermite_coefficients_of_a_rectifier():
    assert RELU.hermite(0) == 1 / sqrt(2 * pi)
    assert RELU.hermite(1) == Rational(1, 2)
    assert RELU.hermite(2, 4) == 1 / sqrt(pi)
    assert Activation(x**3, x).hermite(3, q) == sqrt(6) * q ** Rational(3, 2)
    assert Activation(Integer(2), x).hermite(1) == 0

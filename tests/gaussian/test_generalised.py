"""Point masses: duals of generalised derivatives against Price's theorem, brackets against the heat equation."""

from __future__ import annotations

import pytest
from sympy import Heaviside, Max, Piecewise, Rational, Symbol, cos, exp, oo, pi, sin, sqrt, tanh

import theory as th
from theory.gaussian.generalised import derivative_dual, generalised_derivative
from theory.symbols import q, q1, q2, q12, rho

x = Symbol("x", real=True)
AT = {q1: Rational(3, 2), q2: Rational(2, 3), q12: Rational(2, 5), q: Rational(7, 4)}
R = AT[q12] / sqrt(AT[q1] * AT[q2])
UNITS = {
    "step": Heaviside(x),
    "shifted step": Heaviside(x - Rational(1, 2)),
    "relu": Max(x, 0),
    "jump and slope": Piecewise((x + 1, x < 0), (exp(x / 2), x < 1), (sin(x), True)),
    "hat": Max(1 - abs(x), 0),
    "hard tanh": Max(-1, -Max(-x, -1)),
    "gelu like": th.activation("gelu").expr.subs(th.activation("gelu").variable, x),
    "elu": th.activation("elu").expr.subs(th.activation("elu").variable, x),
}


def near(left, right, digits=20):
    a, b = th.enclose(left, digits), th.enclose(right, digits)
    return a.overlaps(b) and a.rad() < 1e-15 and b.rad() < 1e-15


ORDERS = [(name, order) for name in UNITS for order in (1, 2)] + [("step", 3), ("relu", 3), ("hat", 3)]


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_dual_of_a_derivative_is_the_derivative_in_the_covariance(name, order):
    phi = th.Activation(UNITS[name], x)
    price = phi.dual_cov(q1, q2, q12).diff(q12, order).subs(AT)
    value = derivative_dual(phi, R, AT[q1], AT[q2], order)
    assert near(value, price)
    assert not near(value + Rational(1, 10**12), price)


def test_symbolic_form_of_the_step():
    assert th.activation("step").dual_derivative(rho) == 1 / (2 * pi * sqrt(1 - rho**2))


def test_diverges_at_full_correlation_only_with_a_mass():
    step, relu = th.activation("step"), th.activation("relu")
    for correlation in (1, -1):
        with pytest.raises(th.DivergenceError, match="point masses"):
            step.dual_derivative(correlation)
    assert relu.dual_derivative(1) == Rational(1, 2)
    with pytest.raises(th.DivergenceError):
        relu.dual_derivative(1, order=2)


def test_masses():
    masses = generalised_derivative(th.Activation(Piecewise((0, x < 1), (x, True)), x), 2).masses
    assert {(m.place, m.order, m.weight) for m in masses} == {(1, 1, 1), (1, 0, 1)}
    assert generalised_derivative(th.activation("gelu"), 5).masses == ()
    for bad in (-1, True, Rational(1, 2)):
        with pytest.raises(th.DomainError):
            generalised_derivative(th.activation("relu"), bad)


@pytest.mark.parametrize("name", UNITS)
def test_heat_equation_of_brackets(name):
    """d/dK <phi> = <phi''>/2 and d^2/dK^2 <phi> = <phi''''>/4, kinks and jumps included."""
    phi = th.Activation(UNITS[name], x)
    mean = phi.bracket("phi", q)
    assert near(mean.diff(q).subs(AT), phi.bracket("phi''", q).subs(AT) / 2)
    assert near(mean.diff(q, 2).subs(AT), phi.bracket("phi''''", q).subs(AT) / 4)
    assert not near(mean.diff(q).subs(AT), phi.bracket("phi''", q).subs(AT) / 2 + Rational(1, 10**12))


@pytest.mark.parametrize("name", ["gelu", "erf", "relu", "elu", "hat", "hard_swish"])
def test_heat_equation_of_squares(name):
    """d/dK <phi^2> = <phi'^2> + <phi phi''> for a continuous activation."""
    phi = th.activation(name)
    second = phi.moment(2, q).diff(q).subs(AT)
    assert near(second, (phi.bracket("(phi')^2 + phi*phi''", q)).subs(AT))
    assert not near(second, (phi.bracket("(phi')^2 + 2*phi*phi''", q)).subs(AT)) or name == "relu"


def test_integration_by_parts_in_brackets():
    for name in ("gelu", "relu", "elu", "sin"):
        phi = th.activation(name)
        left, right = phi.bracket("z*phi^2", q).subs(AT), 2 * (q * phi.bracket("phi*phi'", q)).subs(AT)
        assert near(left, right)


def test_both_letters_name_the_activation():
    gelu = th.activation("gelu")
    assert gelu.bracket("sigma*sigma''", q) == gelu.bracket("phi*phi''", q)


@pytest.mark.parametrize(
    "text", ["", "z", "phi + psi", "sin(phi)", "phi/phi'", "phi^(1/2)", "phi''''''''''''''", "__import__('os')"]
)
def test_texts_that_are_no_bracket(text):
    with pytest.raises(th.TheoryError):
        th.activation("gelu").bracket(text, q)


def test_products_without_meaning():
    relu, step = th.activation("relu"), th.activation("step")
    with pytest.raises(th.DomainError, match="jumps"):
        relu.bracket("phi'*phi''", q)
    with pytest.raises(th.DomainError, match="two point masses"):
        relu.bracket("(phi'')^2", q)
    with pytest.raises(th.DomainError, match="jumps"):
        step.bracket("phi*phi'", q)
    assert relu.bracket("phi*phi''", q) == 0
    with pytest.raises(th.DomainError, match="positive"):
        relu.bracket("phi", 0)
    with pytest.raises(th.TheoryError):
        relu.bracket("phi", oo)


def test_smooth_brackets_without_closed_form_have_certified_digits():
    phi = th.Activation(tanh(x), x)
    value = phi.bracket("phi*phi''", 1)
    assert near(value, th.expect(tanh(x) * tanh(x).diff(x, 2), th.Gaussian(x)))


def test_cross_dual():
    sign, relu, cosine = th.activation("sign"), th.activation("relu"), th.Activation(cos(x), x)
    y = Symbol("y", real=True)
    assert sign.cross_dual(th.Activation(y, y), rho) == sqrt(2) * rho / sqrt(pi)
    first, second = relu.cross_dual(cosine, Rational(1, 3), 2, 3), cosine.cross_dual(relu, Rational(1, 3), 3, 2)
    assert near(first, second)
    assert not near(first, relu.cross_dual(cosine, Rational(1, 3), 3, 2))
    assert relu.cross_dual(relu, rho) == relu.dual(rho)
    with pytest.raises(th.DomainError, match="two activations"):
        relu.cross_dual(x, rho)
    with pytest.raises(th.DomainError, match="rename"):
        th.Activation(Max(y, 0), y).cross_dual(th.Activation(x * Symbol("y"), x), rho)


def test_cross_dual_is_the_series_of_both_coefficients():
    """sum c_k(phi) c_k(psi) rho^k, here with a polynomial whose series ends."""
    gelu, cubic = th.activation("gelu"), th.activation("cubic")
    r = Rational(2, 5)
    series = sum(gelu.hermite(k) * cubic.hermite(k) * r**k for k in range(4))
    assert near(gelu.cross_dual(cubic, r), series)

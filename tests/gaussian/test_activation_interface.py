"""Activations as a user meets them: values at the ends, plain symbols, kernel maps, and clear refusals."""

import pytest
from sympy import (
    Abs,
    Heaviside,
    I,
    Integer,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    cos,
    erf,
    exp,
    log,
    nan,
    oo,
    sin,
    sqrt,
    symbols,
    tan,
    tanh,
    zoo,
)

import theory as th
from theory.balls import workprec
from theory.definitions import DEFINITIONS

x, rho, q1, q2, q12, a, b = symbols("x rho q1 q2 q12 a b")  # plain symbols, without assumptions

UNITS = {
    "relu": Max(x, 0),
    "gelu": x * (1 + erf(x / sqrt(2))) / 2,
    "hard tanh": Min(Max(x, -1), 1),
    "elu": Piecewise((exp(x) - 1, x < 0), (x, True)),
    "gabor": exp(-(x**2) / 2) * cos(3 * x),
    "threshold": Max(x - Rational(1, 2), 0),
    "tanh": tanh(x),
}


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("end", [1, -1, 0])
def test_exact_values_at_the_ends(name, end):
    phi = th.Activation(UNITS[name], x)
    for first, second in ((1, 1), (2, 3)):
        value = phi.dual(end, first, second)
        assert not value.has(nan, zoo, oo)
        substituted = phi.dual(rho, q1, q2).subs({q1: first, q2: second}).subs(rho, end)
        assert not substituted.has(nan, zoo)
        with workprec(200):
            assert th.enclose(value, 25).overlaps(th.enclose(substituted, 25))
            assert not th.enclose(value + Rational(1, 10**20), 25).overlaps(th.enclose(substituted, 25))


@pytest.mark.parametrize("name", UNITS)
def test_zero_correlation_is_the_product_of_means(name):
    phi = th.Activation(UNITS[name], x)
    with workprec(200):
        product = th.enclose(phi.moment(1, 2), 25) * th.enclose(phi.moment(1, 3), 25)
        assert th.enclose(phi.dual(0, 2, 3), 25).overlaps(product)
        assert not th.enclose(phi.dual(0, 2, 3) + Rational(1, 10**20), 25).overlaps(product)


@pytest.mark.parametrize("name", ["relu", "gelu", "hard tanh", "elu"])
def test_covariance_form_agrees(name):
    phi = th.Activation(UNITS[name], x)
    point = {q1: Rational(1, 2), q2: 3, q12: Rational(2, 5)}
    by_covariance = phi.dual_cov(q1, q2, q12).subs(point)
    by_correlation = phi.dual(Rational(2, 5) / sqrt(Rational(3, 2)), Rational(1, 2), 3)
    with workprec(200):
        assert th.enclose(by_covariance, 25).overlaps(th.enclose(by_correlation, 25))
        assert not th.enclose(by_covariance, 25).overlaps(th.enclose(by_correlation * (1 + S(10) ** -20), 25))


@pytest.mark.parametrize("name", UNITS)
def test_kernel_maps_are_one_at_one(name):
    phi = th.Activation(UNITS[name], x)
    with workprec(200):
        for value in (phi.kernel_map(1), phi.centered_kernel_map(1)):
            assert (th.enclose(value, 25) - 1).contains(0)
        assert abs(float(th.enclose(phi.centered_kernel_map(0), 20))) < 1e-19


def test_derivative_kernel_and_its_refusal():
    phi = th.Activation(UNITS["relu"], x)
    assert phi.dual_derivative(rho) == th.Activation(Heaviside(x), x).dual(rho)
    assert th.Activation(Heaviside(x), x).dual_derivative(rho) == phi.dual_derivative(rho, order=2)
    with pytest.raises(th.DivergenceError, match="point masses"):
        phi.dual_derivative(1, order=2)
    with pytest.raises(th.UnsupportedError, match="jumps by 1 at x = 0"):
        th.Activation(Heaviside(x), x).derivative()


def test_parity():
    assert th.Activation(tanh(x), x).parity == "odd"
    assert th.Activation(Max(0, 1 - Abs(x)), x).parity == "even"
    assert th.Activation(Max(x, 0), x).parity is None


@pytest.mark.parametrize("k", range(5))
def test_hermite_coefficients_are_derivatives_at_zero(k):
    """c_k^2 k! is the k-th derivative of the dual at zero correlation."""
    phi = th.Activation(UNITS["gelu"], x)
    r = symbols("r", real=True)
    from sympy import factorial

    derivative = phi.dual(r).diff(r, k).subs(r, 0) if k else phi.dual(0)
    with workprec(200):
        square = th.enclose(phi.hermite(k) ** 2 * factorial(k), 25)
        assert th.enclose(derivative, 25).overlaps(square)
        assert not th.enclose(derivative + S(10) ** -15, 25).overlaps(square)


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_catalogue_is_defined_and_normalisable(name):
    phi = th.activation(name)
    second = th.enclose(phi.moment(2), 20)
    assert second > 0


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: th.Activation(sqrt(x), x), th.DomainError, "not real"),
        (lambda: th.Activation(log(x), x), th.DomainError, "not real"),
        (lambda: th.Activation(I * x, x), th.DomainError, "real"),
        (lambda: th.Activation(x * a), th.DomainError, "name the variable"),
        (lambda: th.Activation("x"), th.DomainError, "parse_expression"),
        (lambda: th.Activation(S(nan), x), th.DomainError, "finite"),
        (lambda: th.Activation(Max(x, 0), x).dual(Rational(3, 2)), th.DomainError, r"\[-1, 1\]"),
        (lambda: th.Activation(Max(x, 0), x).dual(rho, -1, 1), th.DomainError, "variance"),
        (lambda: th.Activation(Max(x, 0), x).moment(-1), th.DomainError, "integer, at least 0"),
        (lambda: th.Activation(Max(x, 0), x).hermite(-2), th.DomainError, "non-negative integer"),
        (lambda: th.Activation(exp(x**2), x).dual(rho), th.DivergenceError, "> 0"),
        (lambda: th.Activation(Max(x, a * x), x).dual(rho), th.OrderingError, "assume"),
        (lambda: th.Activation(Integer(0), x).kernel_map(rho), th.DomainError, r"E\[phi\^2\] > 0"),
        (lambda: th.activation("rellu"), th.UnknownNameError, "relu"),
        (lambda: th.activation("leaky_relu", slop=1), th.UnknownNameError, "slope"),
        (lambda: th.Gaussian([x, a], cov=[[1, 2], [2, 1]]), th.DomainError, "correlation"),
        (lambda: th.Gaussian([x, a], cov=[[1, 2], [3, 1]]), th.DomainError, "symmetric"),
        (lambda: th.Gaussian([x], cov=[[-1]]), th.DomainError, "variance"),
        (lambda: th.Gaussian([x, a], corr=rho, cov=[[1, 0], [0, 1]]), th.DomainError, "not both"),
    ],
)
def test_bad_input_is_refused_in_words(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_region_of_convergence_is_kept():
    moment = th.Activation(exp(x**2), x).moment(1, q1)
    assert moment.subs(q1, Rational(1, 4)) == sqrt(2)
    with pytest.raises((th.DivergenceError, th.PrecisionError)):
        moment.subs(q1, 1).evalf(20)


def test_unresolved_functions_are_refused_with_the_reason():
    with pytest.raises(th.PrecisionError, match="tan"):
        th.Activation(tan(x), x).moment(2).evalf(20)


def test_singular_laws():
    u, v = symbols("u v")
    assert th.expect(u * v, th.Gaussian([u, v], cov=[[1, 2], [2, 4]])) == 2
    assert th.expect(Max(u, 0) * Max(v, 0), th.Gaussian([u, v], cov=[[1, -2], [-2, 4]])) == 0
    assert th.expect(cos(u) * v, th.Gaussian([u, v], cov=[[0, 0], [0, 1]])) == 0


def test_joint_integrands():
    u, v = symbols("u v")
    law = th.Gaussian([u, v], cov=[[q1, q12], [q12, q2]])
    assert th.expect(u**2 * v**2, law) == q1 * q2 + 2 * q12**2
    assert th.expect(Max(u + v, 0) * u, law) == q1 / 2 + q12 / 2
    assert th.expect(sin(u) * cos(v), law) == 0


@pytest.mark.parametrize(
    "use",
    [
        lambda text: th.Activation(Max(x, 0), x)(text),
        lambda text: th.Activation(Max(x, 0), x).dual(text),
        lambda text: th.Activation(Max(x, 0), x).hermite(2, text),
        lambda text: th.Activation([text], x),
        lambda text: th.Gaussian([x], cov=[[text]]),
        lambda text: th.expect(text, th.Gaussian([x])),
        lambda text: th.enclose(text),
    ],
    ids=["call", "dual", "hermite", "list", "law", "expect", "enclose"],
)
def test_text_is_never_evaluated(use, tmp_path):
    trace = tmp_path / "trace"
    with pytest.raises(th.TheoryError):
        use(f"__import__('pathlib').Path({str(trace)!r}).touch()")
    assert not trace.exists()

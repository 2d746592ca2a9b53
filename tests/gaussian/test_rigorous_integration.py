"""Ball integration of the definition: the true value lies inside, and a damaged one outside."""

import mpmath
import pytest
from flint import arb
from sympy import Abs, Heaviside, Max, N, Rational, Symbol, asinh, atan, cosh, erf, exp, log, sin, sqrt, tanh

import theory as th
from theory.balls import workprec
from theory.errors import DivergenceError, PrecisionError
from theory.gaussian.growth import growth
from theory.gaussian.integration import integrate_ball

u, v, x = (Symbol(s, real=True) for s in "uvx")


@pytest.fixture(autouse=True)
def fine_balls():
    """Arithmetic of the tests themselves must not round at double precision."""
    with workprec(300):
        yield


ONE_VARIABLE = {
    "tanh squared": tanh(u) ** 2,
    "silu": u / (1 + exp(-u)),
    "softplus": log(1 + exp(u)),
    "softsign": u**2 / (1 + Abs(u)),
    "steep": tanh(20 * u) * u,
    "oscillating": sin(12 * u) ** 2,
    "tanh after a step": tanh(u) * Heaviside(u - Rational(1, 3)),
    "log cosh": log(cosh(u)),
    "fast growth": exp(3 * u),
    "narrow bump": exp(-50 * (u - 1) ** 2),
    "square root": sqrt(u**2 + Rational(1, 100)),
    "sinc": sin(3 * u) / u,
}


def reference(integrand, kinks=()):
    """mpmath's adaptive quadrature at 30 digits, split at the kinks."""
    from sympy import lambdify

    with mpmath.workdps(30):
        f = lambdify(u, integrand, "mpmath")
        cuts = sorted(
            {mpmath.mpf(c) for c in range(-16, 17)}
            | {mpmath.mpf(0.013)}
            | {mpmath.mpf(top) / bottom for top, bottom in kinks}
        )
        return mpmath.quad(lambda t: f(t) * mpmath.npdf(t), cuts)


@pytest.mark.parametrize("name", ONE_VARIABLE)
def test_one_variable(name):
    integrand = ONE_VARIABLE[name]
    ball = integrate_ball(integrand, th.Gaussian([u]), 22)
    kinks = [(1, 3)] if "step" in name else []
    true = arb(mpmath.nstr(reference(integrand, kinks), 25))
    assert abs(ball - true) <= abs(true) * arb("1e-19") + ball.rad()
    assert ball.rad() <= abs(ball.mid()) * arb("1e-22")
    assert not (ball * (1 + arb("1e-18"))).overlaps(true)


@pytest.mark.parametrize(
    ("integrand", "stated"),
    [
        (Max(u, 0) * Max(v, 0), th.Activation(Max(x, 0), x)),
        (erf(u) * erf(v), th.Activation(erf(x), x)),
        (sin(2 * u) * sin(2 * v), th.Activation(sin(2 * x), x)),
        (exp(u) * exp(v), th.Activation(exp(x), x)),
    ],
    ids=["relu", "erf", "sin", "exp"],
)
@pytest.mark.parametrize("rho", [Rational(-9, 10), Rational(1, 10), Rational(99, 100), Rational(999, 1000)])
def test_two_variables_meet_the_closed_form(integrand, stated, rho):
    ball = integrate_ball(integrand, th.Gaussian([u, v], corr=rho), 25)
    closed = th.enclose(stated.dual(rho), 30)
    assert ball.overlaps(closed)
    assert not ball.overlaps(closed * (1 + arb("1e-20")))


def test_unequal_variances_and_means():
    law = th.Gaussian([u, v], cov=[[Rational(1, 2), Rational(1, 3)], [Rational(1, 3), 2]], mean=[1, Rational(-1, 2)])
    ball = integrate_ball(u**2 * v**2, law, 25)
    exact = th.enclose(th.expect(u**2 * v**2, law), 30)
    assert ball.overlaps(exact)
    assert not ball.overlaps(exact + arb("1e-20"))


@pytest.mark.parametrize("phi", [tanh(x), x / (1 + exp(-x)), atan(x), asinh(x), log(1 + exp(x))], ids=str)
def test_digits_of_a_node_are_correct(phi):
    kappa = th.Activation(phi, x).dual(Rational(1, 2))
    assert kappa.has(th.GaussianExpectation)
    assert str(N(kappa, 20)) == str(N(N(kappa, 45), 20))


def test_node_at_full_correlation_is_the_second_moment():
    phi = th.Activation(tanh(x), x)
    assert th.enclose(phi.dual(1), 25).overlaps(integrate_ball(tanh(u) ** 2, th.Gaussian([u]), 25))
    assert not th.enclose(phi.dual(1), 25).overlaps(integrate_ball(tanh(u) ** 4, th.Gaussian([u]), 25))


@pytest.mark.parametrize("integrand", [1 / u, 1 / (u - 1), log(Abs(u - 1)) / (u - 2)], ids=str)
def test_singularities_are_not_passed_over(integrand):
    with pytest.raises(PrecisionError):
        integrate_ball(integrand, th.Gaussian([u]), 20)


@pytest.mark.parametrize("integrand", [exp(u**2), tanh(u) ** 2 * exp(u**2)], ids=str)
def test_growth_beyond_the_law_is_refused(integrand):
    with pytest.raises((DivergenceError, PrecisionError)):
        integrate_ball(integrand, th.Gaussian([u]), 20)


@pytest.mark.parametrize(
    "e",
    [x**3 - 4 * x, exp(x / 2) * x, tanh(x) + x, log(1 + exp(x)), x / (1 + exp(-x)), 1 / (1 + Abs(x)), sqrt(x**2 + 1)],
    ids=str,
)
@pytest.mark.parametrize("side", [1, -1])
def test_growth_is_a_bound(e, side):
    part = e.subs(Abs(x), side * x)
    bound = growth(part, x, side)
    for t in (1, 2, 5, 17, 60):
        value = abs(float(part.subs(x, side * t).evalf(30)))
        top = mpmath.exp(bound.log_a + bound.b * t + bound.c * t * t)
        assert value <= top * (1 + 1e-12)


def test_growth_rejects_what_it_cannot_bound():
    from sympy import tan

    with pytest.raises(PrecisionError, match="growth"):
        growth(tan(x), x, 1)

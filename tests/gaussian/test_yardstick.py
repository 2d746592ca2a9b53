"""The closed forms of 37 activations against an independent quadrature, and at correlations 1, -1 and 0."""

from functools import cache

import numpy as np
import pytest
from flint import acb, fmpq
from independent_quadrature import pair_mean
from scipy import special
from sympy import Abs, Max, Min, Piecewise, Rational, S, Symbol, cos, erf, exp, lambdify, nan, oo, sign, sin, sqrt, zoo

from theory.activations import Activation
from theory.balls import ball_function, workprec
from theory.closedness import is_closed_form
from theory.enclosure import enclose

x, rho, q1, q2 = (Symbol(s) for s in ("x", "rho", "q1", "q2"))  # no assumptions on purpose
HALF = Rational(1, 2)
SCALE, ALPHA = Rational("1.0507009873554805"), Rational("1.6732632423543772")

YARDSTICK = {
    "identity": (x, []),
    "step": (Piecewise((0, x < 0), (1, True)), [0]),
    "sign": (sign(x), [0]),
    "abs": (Abs(x), [0]),
    "relu": (Max(0, x), [0]),
    "leaky_relu": (Piecewise((x / 10, x < 0), (x, True)), [0]),
    "prelu": (Piecewise((x / 4, x < 0), (x, True)), [0]),
    "relu_sq": (Max(0, x) ** 2, [0]),
    "relu_cube": (Max(0, x) ** 3, [0]),
    "relu6": (Min(6, Max(0, x)), [0, 6]),
    "hard_tanh": (Min(1, Max(-1, x)), [-1, 1]),
    "hard_sigmoid": (Min(6, Max(0, x + 3)) / 6, [-3, 3]),
    "hard_swish": (x * Min(6, Max(0, x + 3)) / 6, [-3, 3]),
    "shifted_relu": (Max(0, x - HALF), [0.5]),
    "soft_threshold": (sign(x) * Max(0, Abs(x) - HALF), [-0.5, 0.5]),
    "clipped_relu": (Min(1, Max(0, x - HALF)), [0.5, 1.5]),
    "clipped_soft_threshold": (sign(x) * Min(1, Max(0, Abs(x) - HALF)), [-1.5, -0.5, 0.5, 1.5]),
    "erf": (erf(x), []),
    "normal_cdf": (erf(sqrt(2) * x / 2) / 2 + HALF, []),
    "gelu": (x * (erf(sqrt(2) * x / 2) / 2 + HALF), []),
    "elu": (Piecewise((exp(x) - 1, x < 0), (x, True)), [0]),
    "selu": (Piecewise((SCALE * ALPHA * (exp(x) - 1), x < 0), (SCALE * x, True)), [0]),
    "celu": (Piecewise((2 * exp(x / 2) - 2, x < 0), (x, True)), [0]),
    "exp": (exp(x), []),
    "gaussian": (exp(-(x**2) / 2), []),
    "gabor": (exp(-(x**2) / 2) * cos(3 * x), []),
    "sin": (sin(2 * x), []),
    "cos": (cos(2 * x), []),
    "sin_plus_cos": (sin(x) + cos(x), []),
    "snake": (x + sin(x) ** 2, []),
    "x_sin_x": (x * sin(x), []),
    "he3": (x**3 - 3 * x, []),
    "he4": (x**4 - 6 * x**2 + 3, []),
    "cubic": (x**3, []),
    "quadratic": (x**2, []),
    "poly5": (x**5 - 2 * x**4 + x / 3 + 1, []),
    "hat": (Max(0, 1 - Abs(x)), [-1, 0, 1]),
}
RHOS = [Rational(r) for r in ("-9/10", "-1/2", "1/10", "3/10", "7/10", "19/20")]
VARIANCES = [(S.One, S.One), (HALF, S(2))]
TOLERANCE = 1e-12


@cache
def symbolic(name):
    return Activation(YARDSTICK[name][0], x).dual(rho, q1, q2)


def numeric(name):
    f = lambdify(x, YARDSTICK[name][0], [{"erf": special.erf}, "numpy"])
    return lambda z: f(z) * np.ones_like(z)


def reference(name, r, a, b):
    f, kinks = numeric(name), YARDSTICK[name][1]
    return pair_mean(f, f, float(r), float(a), float(b), kinks, kinks)


def scale(name, a, b):
    return np.sqrt(reference(name, 1, a, a) * reference(name, 1, b, b))


def worst_gap(name, formula):
    """Largest distance to the quadrature at |rho| < 1, in units of sqrt(kappa(q1) kappa(q2))."""
    value = ball_function(formula, [rho, q1, q2])
    gaps = []
    for a, b in VARIANCES:
        for r in RHOS:
            with workprec(90):
                ball = value([acb(fmpq(int(c.p), int(c.q))) for c in (r, a, b)], False).real
            gaps.append(abs(float(ball) - reference(name, r, a, b)) / scale(name, a, b))
    return max(gaps)


def test_there_are_37():
    assert len(YARDSTICK) == 37


@pytest.mark.parametrize("name", YARDSTICK)
def test_symbolic_dual_agrees_with_the_quadrature(name):
    formula = symbolic(name)
    assert is_closed_form(formula)
    assert formula.free_symbols <= {rho, q1, q2}
    assert worst_gap(name, formula) < TOLERANCE


@pytest.mark.parametrize("name", ["relu", "gelu", "hat", "gabor"])
@pytest.mark.parametrize("damage", [lambda e: e * (1 + Rational(1, 10**10)), lambda e: e.subs(rho, rho**2)])
def test_a_damaged_formula_is_refuted(name, damage):
    assert worst_gap(name, damage(symbolic(name))) > TOLERANCE


@pytest.mark.parametrize("name", YARDSTICK)
def test_correlation_one_by_substitution_and_by_the_direct_route(name):
    phi = Activation(YARDSTICK[name][0], x)
    for a, b in VARIANCES:
        substituted = symbolic(name).subs({rho: 1, q1: a, q2: b})
        expected = reference(name, 1, a, b)
        for value in (substituted, phi.dual(1, a, b)):
            assert not value.has(nan, zoo, oo, -oo)
            assert abs(float(enclose(value, 20)) - expected) < TOLERANCE * scale(name, a, b)


@pytest.mark.parametrize("name", YARDSTICK)
def test_exact_ends_are_finite_expressions(name):
    phi = Activation(YARDSTICK[name][0], x)
    square = phi.moment(1) ** 2
    for r in (0, 1, -1):
        value = symbolic(name).subs({rho: r, q1: 1, q2: 1})
        assert not value.has(nan, zoo, oo, -oo)
    assert enclose(phi.dual(0) - square, 20).contains(0)
    assert enclose(symbolic(name).subs({rho: 1, q1: 1, q2: 1}) - phi.moment(2), 20).contains(0)


@pytest.mark.parametrize("name", ["clipped_soft_threshold", "clipped_relu", "hard_tanh", "relu6"])
@pytest.mark.parametrize("r", [1, -1])
def test_full_correlation_with_symbolic_variances_covers_every_order_of_the_kinks(name, r):
    cases = Activation(YARDSTICK[name][0], x).dual(r, q1, q2)
    for a, b in [(1, 1), (1, 2), (2, 1), (1, 20), (20, 1), (Rational(1, 30), 3)]:
        value = cases.subs({q1: a, q2: b})
        assert abs(float(enclose(value, 18)) - reference(name, r, a, b)) < TOLERANCE * scale(name, a, b)

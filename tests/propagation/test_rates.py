"""Rates: local expansions against iteration of the maps."""

import mpmath
import pytest
from sympy import Integer, Rational, Symbol, log, oo, pi, sqrt, tanh

from theory.activations import Activation, activation
from theory.errors import PrecisionError, UnsupportedError
from theory.network import NetworkSpec
from theory.propagation.fixed_points import correlation_fixed_points, variance_fixed_points
from theory.propagation.local_expansion import terms_at_one, terms_at_zero
from theory.propagation.maps import correlation_map
from theory.propagation.rates import Geometric, PowerLaw, SuperExponential, certified_sign, power_law
from theory.symbols import rho

x = Symbol("x", real=True)


def residual(law, step, start, depth):
    """The O(1) rest of e^(-1/p) - c^(-1/p) l - b log l at two depths: it settles where the law is right."""
    p, c, b = (mpmath.mpf(v.evalf(30)) for v in (law.exponent, law.constant, law.log_coefficient))
    rests, e = [], mpmath.mpf(start)
    for layer in range(1, depth + 1):
        e = step(e)
        if layer in (depth // 8, depth):
            rests.append(e ** (-1 / p) - c ** (-1 / p) * layer - b * mpmath.log(layer))
    return abs(rests[1] - rests[0])


def test_rectifier_law():
    (point,) = correlation_fixed_points(NetworkSpec(activation("relu"), C_W=2))
    assert point.rate == PowerLaw(Integer(2), 9 * pi**2 / 2, sqrt(2) / (2 * pi))


def relu_step(e):
    r = 1 - e
    return e - (mpmath.sqrt(1 - r * r) - r * mpmath.acos(r)) / mpmath.pi


@pytest.mark.parametrize(("log_factor", "settles"), [(1, True), (0, False), (Rational(1, 2), False)])
def test_log_coefficient_of_the_rectifier_against_iteration(log_factor, settles):
    law = power_law(terms_at_one(activation("relu"), Integer(1), Integer(2)))
    damaged = PowerLaw(law.exponent, law.constant, law.log_coefficient * log_factor)
    with mpmath.workdps(20):
        assert (residual(damaged, relu_step, 0.3, 1600) < 0.03) == settles


@pytest.mark.parametrize(("log_factor", "settles"), [(1, True), (0, False), (-1, False)])
def test_exponential_law_against_iteration(log_factor, settles):
    phi = activation("exp")
    (point,) = correlation_fixed_points(NetworkSpec(phi, C_W=1 / phi.moment(2)), 1)
    law = point.rate
    assert (law.exponent, law.constant, law.log_coefficient) == (1, 2, Rational(1, 6))
    damaged = PowerLaw(law.exponent, law.constant, law.log_coefficient * log_factor)
    with mpmath.workdps(20):
        assert (residual(damaged, lambda e: -mpmath.expm1(-e), 0.3, 1600) < 0.03) == settles


def test_kinks_off_the_origin_agree_with_the_closed_map():
    phi = activation("soft_threshold")
    map_ = correlation_map(NetworkSpec(phi, C_W=1 / phi.dual_derivative(1)), rho, 1)
    scale = phi.moment(2) / phi.dual_derivative(1)
    scaled = map_ * scale
    terms = terms_at_one(phi, Integer(1), 1 / phi.dual_derivative(1))
    e = Rational(1, 10**8)
    rest = (scale - scaled.subs(rho, 1 - e) - e).evalf(40)
    leading = (terms[0][1] * e ** Rational(3, 2)).evalf(40)
    both = leading + (terms[1][1] * e**2).evalf(40)
    assert abs(rest - leading) > abs(both) * 1e-6 or terms[1][1] == 0
    assert abs(rest - both) < abs(leading) * 1e-7


def test_critical_tanh_variance():
    (point,) = variance_fixed_points(NetworkSpec(activation("tanh")))
    assert (point.value, point.stability) == (0, "attracting")
    assert point.rate == PowerLaw(Integer(1), Rational(1, 2), Rational(-5, 6))


def test_zero_is_repelling_where_the_bend_is_upward():
    points = variance_fixed_points(NetworkSpec(Activation(x + x**3 / 10, x)))
    assert [(p.value, p.stability) for p in points] == [(0, "repelling")]


def test_kink_at_the_origin_gives_half_powers():
    phi = activation("penalized_tanh")
    terms = dict(terms_at_zero(Activation(phi.expr - x**2 / 5, x), Integer(1), Integer(0), 2))
    # sqrt(2/pi) times the difference of the cubic coefficients 2 s (-1/5) of phi^2, with slopes s = 1 and 1/4
    assert terms[Rational(3, 2)].evalf(20) == (sqrt(2 / pi) * 2 * Rational(-1, 5) * Rational(3, 4)).evalf(20)


def test_geometric_and_super_exponential():
    (zero, _) = variance_fixed_points(NetworkSpec(activation("cubic")))
    assert zero.rate == SuperExponential(Integer(3))
    sine = correlation_fixed_points(NetworkSpec(activation("hermite_3"), C_W=Rational(1, 6)), 1)
    assert sine[1].rate == SuperExponential(Integer(3))
    (point,) = variance_fixed_points(NetworkSpec(activation("relu"), C_W=1, C_b=1))
    assert point.rate == Geometric(Rational(1, 2))
    (constant,) = variance_fixed_points(NetworkSpec(activation("sign"), C_W=3))
    assert constant.rate == SuperExponential(oo)


def test_power_law_rules():
    assert power_law([(Integer(2), Integer(1))]) is None
    assert power_law([(Integer(2), Integer(0)), (Integer(3), Integer(-1))]) == PowerLaw(Rational(1, 2), sqrt(2) / 2)
    mixed = power_law([(Integer(2), Integer(-1)), (Rational(5, 2), Integer(1)), (Integer(3), Integer(1))])
    assert mixed.log_coefficient is None
    with pytest.raises(UnsupportedError, match="identity"):
        power_law([(Integer(2), Integer(0))])


def test_signs_are_never_guessed():
    assert certified_sign(sqrt(8) - 2 * sqrt(2), "it") == 0
    assert certified_sign(tanh(1) - Rational(761, 1000), "it") == 1
    with pytest.raises(PrecisionError, match="not settled"):
        certified_sign(log(2) + log(3) - log(6), "it")

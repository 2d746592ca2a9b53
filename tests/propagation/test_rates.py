"""Rates: local expansions against iteration of the maps."""

import mpmath
import pytest
from sympy import Abs, Integer, Max, Piecewise, Rational, Symbol, lambdify, log, oo, pi, sin, sqrt, tanh

from theory.activations import Activation, activation
from theory.enclosure import enclose
from theory.errors import PrecisionError, UnsupportedError
from theory.network import NetworkSpec
from theory.propagation.fixed_points import correlation_fixed_points, variance_fixed_points
from theory.propagation.local_expansion import terms_at_one, terms_at_zero
from theory.propagation.maps import correlation_map, variance_map
from theory.propagation.rates import Geometric, Logarithmic, PowerLaw, SuperExponential, certified_sign, power_law
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


def gap(net, q, digits=20):
    return enclose(variance_map(net, q) - q, digits)


@pytest.mark.parametrize(("factor", "settles"), [(1, True), (Rational(1, 2), False), (2, False)])
def test_flat_contact_decays_like_the_inverse_logarithm(factor, settles):
    net = NetworkSpec(activation("hard_tanh"))
    points = variance_fixed_points(net)
    assert [(p.value, p.stability, p.rate) for p in points] == [(0, "attracting", Logarithmic(Rational(1, 2)))]
    assert points.complete
    q = Rational(1, 400)
    # q - F(q) = exp(-c/q + O(log q)), and dq/dl = -exp(-c/q) has q ~ c/log l.
    exponent = float((-(-gap(net, q, 100)).log() / 400).mid())
    assert (abs(exponent - float(points[0].rate.constant * factor)) < 0.05) == settles


def test_flat_contact_upward_repels():
    phi = Activation(Piecewise((x, x < 3), (2 * x - 3, True)), x)
    points = variance_fixed_points(NetworkSpec(phi))
    assert [(p.value, p.stability) for p in points] == [(0, "repelling")]
    assert points.complete
    assert gap(NetworkSpec(phi), Rational(1, 2)) > 0


def test_zero_near_the_origin_beats_every_power():
    points = variance_fixed_points(NetworkSpec(Activation(Max(Abs(x) - Rational(1, 3), 0), x), C_W=Rational(1, 2)))
    assert (points[0].value, points[0].rate) == (0, SuperExponential(oo))


@pytest.mark.parametrize(("log_factor", "settles"), [(1, True), (0, False), (-1, False)])
def test_unseen_critical_activation_against_iteration(log_factor, settles):
    phi = Activation(sin(x) - x**3 / 12, x)
    net = NetworkSpec(phi)
    law = variance_fixed_points(net)[0].rate
    # phi^2 = x^2 - x^4/2 + ..., so F(q) = q - 3 q^2/2 + ...
    assert (law.exponent, law.constant) == (1, Rational(2, 3))
    damaged = PowerLaw(law.exponent, law.constant, law.log_coefficient * log_factor)
    q = Symbol("q", positive=True)
    step = lambdify(q, variance_map(net, q), "mpmath")
    with mpmath.workdps(20):
        assert (residual(damaged, step, 0.1, 1600) < 0.03) == settles


def test_geometric_rate_of_an_unseen_activation_against_iteration():
    net = NetworkSpec(Activation(tanh(x) + x / 5, x), C_W=Rational(3, 2), C_b=Rational(1, 5))
    points = variance_fixed_points(net)
    (point,) = points
    assert points.complete
    value = Rational(str(point.value.evalf(40)))
    quotient = enclose(variance_map(net, value + Rational(1, 10**8)) - variance_map(net, value), 15) * 10**8
    assert abs(quotient - enclose(point.multiplier, 15)) < 1e-7
    assert abs(quotient - enclose(point.rate.multiplier**2, 15)) > 1e-3


def test_half_stable_point_of_an_unseen_activation():
    weight, bias = Rational(4, 25), Rational(12, 25)
    net = NetworkSpec(Activation(x**2 + x / 2, x), C_W=weight, C_b=bias)
    (point,) = variance_fixed_points(net)
    assert (point.value, point.stability) == (1, "attracting_from_below")
    assert all(gap(net, 1 + s * Rational(1, 50)) > 0 for s in (-1, 1))
    # F = 1 + (q - 1) + 3 C_W (q - 1)^2: distances from below decay like 1/(3 C_W l), with the log term of the square.
    law = point.rate
    assert (law.exponent, law.constant) == (1, 1 / (3 * weight))
    with mpmath.workdps(20):
        assert residual(law, lambda e: e - mpmath.mpf(12) / 25 * e**2, 0.3, 1600) < 0.03
        damaged = PowerLaw(law.exponent, law.constant, -law.log_coefficient)
        assert residual(damaged, lambda e: e - mpmath.mpf(12) / 25 * e**2, 0.3, 1600) > 0.03


def test_continuum_of_an_unseen_activation():
    phi = Activation(Piecewise((x / 3, x < 0), (2 * x, True)), x)
    kinds = [[p.stability for p in variance_fixed_points(NetworkSpec(phi, C_W=w))] for w in (Rational(18, 37), 1)]
    assert kinds == [["continuum"], ["repelling"]]

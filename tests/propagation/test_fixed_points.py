"""Fixed points of the correlation and the variance map: values, kinds, completeness, refusals."""

import pickle

import pytest
from flint import arb
from sympy import (
    Abs,
    Integer,
    LambertW,
    Max,
    Rational,
    Symbol,
    asin,
    cos,
    exp,
    log,
    oo,
    pi,
    piecewise_fold,
    sign,
    sin,
    sqrt,
    tanh,
)

from theory.activations import Activation, activation
from theory.balls import workprec
from theory.enclosure import enclose
from theory.errors import DivergenceError, DomainError, UnsupportedError
from theory.layers import Skip
from theory.network import NetworkSpec
from theory.propagation.exact_roots import closed_root
from theory.propagation.fixed_points import correlation_fixed_points, variance_fixed_points
from theory.propagation.isolated_root import IsolatedRoot, ball_at
from theory.propagation.maps import correlation_map, parallel_susceptibility, variance_map
from theory.propagation.rates import SuperExponential
from theory.propagation.variance_root import VarianceRoot
from theory.symbols import rho

x = Symbol("x", real=True)
t = Symbol("t", positive=True)


def normalised(phi: Activation) -> NetworkSpec:
    return NetworkSpec(phi, C_W=1 / phi.moment(2))


def attracting(points):
    (point,) = [p for p in points if p.stability == "attracting"]
    return point


KNOWN = {
    "gelu": "0.760401904895909",
    "elu": "0.597568446666600",
    "hard_swish": "0.510995293202167",
    "relu_squared": "0.379956552999409",
    "step": "0.789832628373442",
    "snake": "0.733817130628522",
}


@pytest.mark.parametrize("name", KNOWN)
def test_published_correlation_fixed_points(name):
    points = correlation_fixed_points(normalised(activation(name)), 1)
    assert [p.stability for p in points] == ["attracting", "repelling"]
    assert points[1].value == 1
    assert points.complete
    assert enclose(points[0].value, 30).str(15, radius=False) == KNOWN[name]
    assert 0 < points[0].multiplier.evalf(10) < 1


@pytest.mark.parametrize("name", ["gelu", "snake"])
def test_fifty_digits_satisfy_the_equation_and_a_shifted_value_does_not(name):
    net = normalised(activation(name))
    root = attracting(correlation_fixed_points(net, 1)).value
    ball = attracting(correlation_fixed_points(net, 1)).enclosure(50)
    near = Rational(ball.mid().str(60, radius=False))
    equation = correlation_map(net, rho, 1) - rho
    with workprec(400):
        above = [bool(ball_at(equation, rho, near + s * Rational(1, 10**48)) > 0) for s in (-1, 1, 3)]
    assert above == [True, False, False]
    assert root.is_positive


def test_even_cosine_has_a_root_near_zero():
    point = attracting(correlation_fixed_points(normalised(Activation(cos(2 * x), x)), 1))
    assert point.enclosure(25).str(20, radius=False) == "0.037021239533470260823"


def test_exponential_is_solved_by_lambert():
    a = Rational(3, 2)
    point = attracting(correlation_fixed_points(normalised(Activation(exp(a * x), x)), 1))
    assert point.value.has(LambertW)
    assert not point.value.has(IsolatedRoot)
    assert enclose(point.value + LambertW(-(a**2) * exp(-(a**2))) / a**2, 30).contains(0)
    assert not enclose(point.value - Rational(146, 1000), 30).contains(0)


@pytest.mark.parametrize(
    ("expr", "kinds"), [(sin(x), [-1, 0, 1]), (tanh(x) ** 3, [-1, 0, 1]), (x**2, [Rational(1, 2), 1])]
)
def test_kinds_by_parity(expr, kinds):
    points = correlation_fixed_points(normalised(Activation(expr, x)), 1)
    assert [p.value for p in points] == kinds
    assert [p.stability for p in points].count("attracting") == 1


@pytest.mark.parametrize("name", ["gaussian", "normal_cdf", "cos"])
def test_only_one_below_unit_slope(name):
    points = correlation_fixed_points(normalised(activation(name)), 1)
    assert [p.value for p in points] == [1]
    assert points[0].stability == "attracting"
    assert points[0].multiplier.evalf(10) < 1


def test_marginal_slope_is_decided_exactly():
    near_one = Rational(10**12 + 1, 10**12)
    above = correlation_fixed_points(normalised(Activation(exp(near_one * x), x)), 1)
    marginal = correlation_fixed_points(normalised(Activation(exp(x), x)), 1)
    assert [len(above), len(marginal)] == [2, 1]
    assert marginal[0].multiplier == 1


def test_linear_map_is_a_continuum():
    assert correlation_fixed_points(NetworkSpec(activation("identity")), 1)[0].stability == "continuum"
    biased = correlation_fixed_points(NetworkSpec(activation("identity"), C_W=1, C_b=1), 1)
    assert [(p.value, p.multiplier) for p in biased] == [(1, Rational(1, 2))]


def test_jumps_make_one_vertical():
    points = correlation_fixed_points(normalised(activation("box")), 1)
    assert points[-1].multiplier == oo
    assert points[-1].stability == "repelling"


def test_published_variance_of_tanh():
    points = variance_fixed_points(NetworkSpec(activation("tanh"), C_W=1, C_b=Rational(1, 10)))
    assert points.complete
    assert [p.enclosure(20).str(8, radius=False) for p in points] == ["0.29498506"]


def test_variance_multiplier_is_the_slope_of_the_map():
    net = NetworkSpec(activation("erf"), C_W=3, C_b=Rational(1, 10))
    (point,) = variance_fixed_points(net)
    assert enclose(parallel_susceptibility(net, point.value) - point.multiplier, 20).contains(0)
    assert enclose(variance_map(net, point.value) - point.value, 20).contains(0)
    assert not enclose(variance_map(net, point.value + Rational(1, 10**6)) - point.value, 20).contains(0)


def test_exact_variances():
    sine = variance_fixed_points(NetworkSpec(activation("sin"), C_W=2))
    assert [p.value for p in sine] == [0, 1 + LambertW(-2 * exp(-2)) / 2]
    assert [p.stability for p in sine] == ["repelling", "attracting"]
    both = variance_fixed_points(NetworkSpec(activation("exp"), C_W=Rational(1, 20), C_b=Rational(1, 2)))
    assert [p.stability for p in both] == ["attracting", "repelling"]
    for p in both:
        assert abs(enclose(exp(2 * p.value) / 20 + Rational(1, 2) - p.value, 20)) < 1e-20
    square = variance_fixed_points(NetworkSpec(activation("quadratic"), C_W=Rational(1, 10), C_b=Rational(1, 10)))
    assert [p.value for p in square] == [Rational(5, 3) - sqrt(22) / 3, Rational(5, 3) + sqrt(22) / 3]


def test_no_fixed_point_says_why():
    for name, weight in (("relu", 2), ("relu", 3), ("quadratic", 1), ("exp", 1)):
        points = variance_fixed_points(NetworkSpec(activation(name), C_W=weight, C_b=1))
        assert list(points) == []
        assert points.complete
        assert points.reason


def test_continuum_and_constant_maps():
    relu = NetworkSpec(activation("relu"), C_W=2)
    assert [p.stability for p in variance_fixed_points(relu)] == ["continuum"]
    assert [p.stability for p in variance_fixed_points(relu.with_(C_W=Integer(1)))] == ["attracting"]
    assert [p.value for p in variance_fixed_points(NetworkSpec(activation("step"), C_W=3))] == [Rational(3, 2)]
    skipped = NetworkSpec(activation("relu"), C_W=2, skip=Skip("projection", Rational(1, 2)))
    assert [p.stability for p in variance_fixed_points(skipped)] == ["continuum"]


def test_half_stable_point_of_gelu_is_exact():
    gelu, K = activation("gelu"), (3 + sqrt(17)) / 2
    weight = 1 / gelu.dual_derivative(1, K, K)
    net = NetworkSpec(gelu, C_W=weight, C_b=K - weight * gelu.moment(2, K))
    points = variance_fixed_points(net)
    assert points.complete
    assert [p.stability for p in points] == ["attracting", "attracting_from_above"]
    assert points[1].value == K
    assert points[0].enclosure(12).str(8, radius=False) == "3.0349814"
    assert abs(points[1].rate.constant.evalf(8) - 6962.5) < 0.1


def test_critical_erf_at_unit_variance():
    net = NetworkSpec(activation("erf"), C_W=pi * sqrt(5) / 4, C_b=1 - sqrt(5) / 2 * asin(Rational(2, 3)))
    assert [p.value for p in variance_fixed_points(net)] == [1]
    (point,) = correlation_fixed_points(net)
    assert point.multiplier == 1


def test_correlation_at_the_fixed_variance():
    net = NetworkSpec(activation("erf"), C_W=3, C_b=Rational(1, 10))
    (variance,) = variance_fixed_points(net)
    value = attracting(correlation_fixed_points(net)).value
    assert enclose(correlation_map(net, value, variance.value) - value, 20).contains(0)
    assert not enclose(correlation_map(net, value, 1) - value, 20).contains(0)


def test_unseen_activation():
    phi = Activation(Max(x, 0) + sin(x) / 3, x)
    points = correlation_fixed_points(normalised(phi), 1)
    assert [p.stability for p in points] == ["attracting", "repelling"]
    assert enclose(correlation_map(normalised(phi), points[0].value, 1) - points[0].value, 20).contains(0)


def test_refusals():
    gelu = activation("gelu")
    with pytest.raises(UnsupportedError, match="need numbers"):
        variance_fixed_points(NetworkSpec(gelu, C_W=t))
    with pytest.raises(UnsupportedError, match="batch"):
        correlation_fixed_points(NetworkSpec(gelu, normalization="batch"))
    with pytest.raises(DomainError, match="positive"):
        correlation_fixed_points(NetworkSpec(gelu), -1)
    with pytest.raises(DomainError, match="normalised"):
        correlation_fixed_points(NetworkSpec(Activation(0 * x, x)), 1)
    with pytest.raises(DivergenceError):
        correlation_fixed_points(NetworkSpec(Activation(exp(x**2), x)), 1)
    with pytest.raises(DomainError, match="depends on the variance"):
        correlation_fixed_points(NetworkSpec(activation("sin")))


def test_isolated_root_is_a_number_with_a_certified_change_of_sign():
    root = IsolatedRoot(t**2 - 2, t, 1, 2)
    assert (root**2).evalf(30) == Integer(2).evalf(30)
    assert closed_root(root) == sqrt(2)
    assert root == IsolatedRoot(t**2 - 2, t, 1, 2)
    assert (root - root) == 0
    with pytest.raises(DomainError, match="change of sign"):
        IsolatedRoot(t**2 - 2, t, 2, 3)
    with pytest.raises(DomainError, match="one unknown"):
        IsolatedRoot(t**2 - Symbol("a"), t, 1, 2)
    assert closed_root(IsolatedRoot(cos(t) - t, t, 0, 1)).has(IsolatedRoot)
    assert Abs(root) == root


def test_normalisation_before_an_open_activation_makes_the_variance_map_constant():
    net = NetworkSpec(activation("tanh"), C_W=2, normalization="rms")
    (point,) = variance_fixed_points(net)
    assert point.rate == SuperExponential(oo)
    assert enclose(point.value - 2 * activation("tanh").moment(2), 20).contains(0)


def test_fixed_point_of_the_clipped_rectifier_next_to_one():
    # The slope at one exceeds one by 2e-9, so the fixed point is closer to one than a double can tell.
    net = NetworkSpec(activation("relu6"), normalization="rms")
    points = correlation_fixed_points(net)
    assert [p.stability for p in points] == ["attracting", "repelling"]
    gap = 1 - points[0].enclosure(40)
    assert 1e-17 < gap < 1e-16
    assert points[0].multiplier.evalf(15) < 1


@pytest.mark.parametrize(
    ("name", "weight", "bias", "count"),
    [
        ("relu6", 2, 0, 1),
        ("elu", 2, 0, 1),
        ("clipped_relu", 1, 0, 1),
        ("bent_identity", Rational(3, 2), Rational(1, 10), 0),
        ("arctan", 2, 0, 2),
        ("softsign", 8, 0, 2),
    ],
)
def test_lists_are_proved_complete(name, weight, bias, count):
    points = variance_fixed_points(NetworkSpec(activation(name), C_W=weight, C_b=bias))
    assert points.complete, points.reason
    assert len(points) == count


def test_open_root_is_known_to_any_digits():
    net = NetworkSpec(activation("tanh"), C_W=Rational(3, 2), C_b=Rational(1, 10))
    (point,) = variance_fixed_points(net)
    near = Rational(point.enclosure(50).str(60, radius=False))
    shifted = [near + s * Rational(1, 10**48) for s in (-1, 1)]
    below, above = (enclose(variance_map(net, q) - q, 25) for q in shifted)
    assert below > 0 > above
    assert pickle.loads(pickle.dumps(point.value)) == point.value


def test_rational_fixed_point_of_an_open_map_is_named():
    phi = Activation(tanh(x) + x / 7, x)
    points = variance_fixed_points(NetworkSpec(phi, C_W=1 / phi.moment(2)))
    assert [p.value for p in points] == [0, 1]
    nearly = variance_fixed_points(NetworkSpec(phi, C_W=(1 + Rational(1, 10**9)) / phi.moment(2)))
    assert nearly[1].value.has(VarianceRoot)


def test_a_root_of_a_piecewise_activation_stays_whole_under_rewriting():
    net = NetworkSpec(activation("isrlu"), C_W=Rational(3, 2), C_b=Rational(1, 10))
    (point,) = variance_fixed_points(net)
    assert point.value.has(VarianceRoot)
    assert piecewise_fold(point.value * t) == point.value * t
    assert pickle.loads(pickle.dumps(point.value)) == point.value


def test_one_value_and_the_slope_end_the_refinement():
    # g(t) = t^2/2 + 1/10 - t 6/10: convex, zero at 1; its other zero is 1/5.
    equation = t**2 / 2 + Rational(1, 10) - Rational(6, 10) * t
    fast, slow = (IsolatedRoot(equation, t, 0, Rational(1, 2), zero) for zero in (Integer(1), None))
    for root in (fast, slow):
        with workprec(300):
            gap = enclose(root, 60) - arb(1) / 5
        assert gap.contains(0)
        assert not (gap + arb("1e-55")).contains(0)


@pytest.mark.parametrize(
    ("e", "stability", "others"),
    [
        (Max(x, 0) ** Rational(3, 2), "attracting", [pi / 8]),
        (sign(x) * sqrt(Abs(x)), "repelling", [8 / pi]),
        (x + Max(x, 0) ** Rational(2, 3), "repelling", []),
    ],
)
def test_zero_is_listed_where_the_activation_has_no_taylor_series(e, stability, others):
    points = variance_fixed_points(NetworkSpec(Activation(e, x), C_W=2))
    assert (points[0].value, points[0].stability) == (0, stability)
    assert [p.value for p in points[1:]] == others


def test_zero_without_known_powers_is_refused():
    with pytest.raises(UnsupportedError, match="whether the fixed point q = 0 attracts"):
        variance_fixed_points(NetworkSpec(Activation(x * log(Abs(x)) ** 2 * exp(-Abs(x)), x), C_W=2))


def test_kinks_next_to_correlation_one():
    # The slope at one is just above one, so that the other fixed point is next to it.
    net = NetworkSpec(activation("penalized_tanh"), C_W=2)
    point, one = correlation_fixed_points(net, Rational(1, 10))
    assert (point.stability, one.value) == ("attracting", 1)
    rest = 1 - point.value
    for share, above in ((Rational(9, 10), False), (Rational(11, 10), True)):
        place = 1 - share * rest.evalf(8)
        gap = net.correlation_map(Rational(str(place)), Rational(1, 10)) - Rational(str(place))
        assert (enclose(gap, 10) > 0) == above


def test_latex_of_fixed_points_says_stability_and_rate():
    erf_net = NetworkSpec(activation("erf"), C_W=2, C_b=1)
    table = variance_fixed_points(erf_net)._repr_latex_()
    assert r"x^* \approx 2.214877209 & \text{attracting}" in table
    assert r"\text{complete}" in table
    (point,) = correlation_fixed_points(NetworkSpec(activation("relu"), C_W=2))
    assert r"e_\ell \sim c\,\ell^{-2},\; c = \frac{9 \pi^{2}}{2}" in point._repr_latex_()
    (every,) = variance_fixed_points(NetworkSpec(activation("relu"), C_W=2))
    assert "every " in every._repr_latex_()
    empty = variance_fixed_points(NetworkSpec(activation("identity"), C_W=1, C_b=1))
    assert r"\text{none, complete: F(q)" in empty._repr_latex_()

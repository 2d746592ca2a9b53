"""Critical initialisations: published values, the definition by independent quadrature, and reasons for none."""

from __future__ import annotations

import mpmath
import pytest
from sympy import Abs, Max, Rational, Symbol, cos, erf, exp, oo, sign, sin, sqrt, tanh

import theory as th
from theory.propagation.criticality import critical_points, depth_scales
from theory.propagation.variance_mean import K
from theory.propagation.variance_root import VarianceRoot

x = Symbol("x", real=True)
GELU = x * (1 + erf(x / sqrt(2))) / 2


def near(value, stated, digits):
    with mpmath.workdps(digits + 10):
        return abs(mpmath.mpf(str(value.evalf(digits + 5))) - mpmath.mpf(stated)) < mpmath.mpf(10) ** -digits


def mean(f, variance):
    sd = mpmath.sqrt(variance)
    weight = lambda z: f(sd * z) * mpmath.exp(-z * z / 2)  # noqa: E731
    return mpmath.quad(weight, [-14, -7, -3, 0, 3, 7, 14]) / mpmath.sqrt(2 * mpmath.pi)


def susceptibilities(f, point):
    """Excess of the fixed point equation and of both susceptibilities, with derivatives by differences."""
    k, weight, bias = (mpmath.mpf(str(v.evalf(20))) for v in (point.K, point.C_W, point.C_b))
    second = lambda q: mean(lambda z: f(z) ** 2, q)  # noqa: E731
    slope = mean(lambda z: mpmath.diff(f, z) ** 2, k)
    return bias + weight * second(k) - k, weight * mpmath.diff(second, k) - 1, weight * slope - 1


def test_gelu_is_exact():
    (point,) = critical_points(th.activation("gelu"))
    assert (3 + sqrt(17)) / 2 == point.K
    assert near(point.C_b, "0.172922390756067", 13)
    assert near(point.C_W, "1.98305825743755", 13)
    assert not near(point.C_b, "0.172895198263784", 5)  # the value of its tanh approximation
    assert (point.universality_class, point.stability) == ("half-stable", "attracting_from_above")
    assert near(point.coefficient, "-1.43625e-4", 8)
    assert near(point.perpendicular_slope, "9.33355e-3", 7)


def test_swish_to_many_digits():
    (point,) = found = critical_points(th.activation("silu"))
    assert isinstance(point.K, VarianceRoot)
    assert found.lower == 0
    assert found.upper > 50
    assert not found.complete
    assert near(point.K, "14.320173618025798816587304223689992000117744670850", 30)
    assert near(point.C_b, "0.5551431707215304", 14)
    assert near(point.C_W, "1.988004678269492", 14)
    assert not near(point.C_W, "2", 3)
    assert point.stability == "attracting_from_below"
    assert near(point.coefficient, "2.850e-6", 9)
    assert th.enclose(point.K, 50).rad() < 1e-48


def test_a_value_at_zero_does_not_exclude_criticality():
    (point,) = critical_points(th.Activation(GELU + Rational(1, 100), x))
    assert near(point.K, "4.06332", 5)
    assert near(point.C_W, "1.975273", 6)
    assert near(point.C_b, ".159596", 6)


@pytest.mark.parametrize(
    ("expr", "numeric"),
    [
        (x + sin(x) ** 2, lambda z: z + mpmath.sin(z) ** 2),
        (x**3 - 3 * x, lambda z: z**3 - 3 * z),
    ],
)
def test_the_definition_holds_at_points_of_unseen_activations(expr, numeric):
    points = [p for p in critical_points(th.Activation(expr, x)) if p.K != 0]
    assert points
    for point in points:
        excess = susceptibilities(numeric, point)
        assert max(map(abs, excess)) < 1e-8
        damaged = susceptibilities(numeric, type(point)(**vars(point) | {"K": point.K + Rational(1, 1000)}))
        assert max(map(abs, damaged)) > 1e-6


@pytest.mark.parametrize(
    ("name", "weight", "coefficient"),
    [("tanh", "1", -2), ("sin", "1", -1), ("erf", "0.78539816339744831", -2), ("arctan", "1", -2)],
)
def test_class_of_variance_zero(name, weight, coefficient):
    found = critical_points(th.activation(name))
    (point,) = found
    assert found.complete
    assert (point.K, point.C_b, point.universality_class) == (0, 0, "K*=0")
    assert near(point.C_W, weight, 15)
    assert (point.coefficient, point.power, point.perpendicular_slope) == (coefficient, 2, coefficient)


def test_first_coefficient_of_a_general_smooth_activation():
    s1, s2 = Rational(1, 2), Rational(1, 3)
    phi = th.Activation(s1 * sin(x) + s2 * (1 - cos(x)), x)
    third = -s1
    (point, *_) = critical_points(phi)
    stated = third / s1 + Rational(3, 4) * (s2 / s1) ** 2
    assert point.coefficient == stated
    assert point.coefficient != third / s1 + Rational(1, 2) * (s2 / s1) ** 2
    assert point.perpendicular_slope == third / s1 + (s2 / s1) ** 2


def test_kinks_at_zero_change_the_power():
    (point,) = critical_points(th.activation("elu"))
    assert point.power == Rational(3, 2)
    assert near(point.coefficient, "-0.7978845608028654", 14)
    (flat,) = critical_points(th.activation("hard_tanh"))
    assert flat.coefficient == 0
    assert flat.stability == "attracting_from_above"


def test_scale_invariant_class_with_a_parameter():
    a = Symbol("a", positive=True)
    (point,) = found = critical_points(th.Activation(Max(x, a * x), x, assume=[a < 1]))
    assert point.K == K
    assert found.continuum
    assert point.stability == "continuum"
    assert (point.C_W - 2 / (1 + a**2)).factor() == 0
    assert point.spec(depth=3).depth == 3


def test_scaling_covariance_with_a_parameter():
    c = Symbol("c", positive=True)
    (point,) = critical_points(th.Activation(GELU.subs(x, c * x), x))
    assert (point.K - (3 + sqrt(17)) / (2 * c**2)).expand() == 0
    assert near(point.C_W.subs(c, 2), "0.4957645643593883", 13)  # 1.98305825743755/4
    assert near(point.C_b.subs(c, 2), "0.0432305976890168", 13)


@pytest.mark.parametrize(("name", "sign"), [("sigmoid", "negative"), ("softplus", "positive"), ("exp", "positive")])
def test_the_reason_for_an_empty_list(name, sign):
    found = critical_points(th.activation(name))
    assert not found
    assert found.complete
    assert sign in found.reason
    assert any("phi(0)" in line for line in found.excluded)


def test_a_jump_has_no_criticality():
    assert "jumps" in critical_points(th.activation("step")).reason
    assert "constant" in critical_points(th.Activation(Rational(2) + 0 * x, x)).reason


def test_repelling_zero_is_named_and_left_out():
    found = critical_points(th.Activation(sqrt(1 + x**2) - 1 + x / 2, x))
    assert not found
    assert any("repelling" in line for line in found.excluded)


def test_every_point_of_a_shifted_rectifier_is_critical():
    tau = Symbol("tau", positive=True)
    (point,) = critical_points(th.Activation(Max(x - tau, 0), x))
    assert point.K == K
    assert point.stability == "attracting_from_below"
    at = {K: 1, tau: Rational("1.0364333894937898")}
    assert near(point.C_W.subs(at), "6.6666666666666", 9)
    assert near(2 * point.coefficient.subs(at), ".8055", 4)
    assert not critical_points(th.Activation(Max(x + 1, 0), x))  # kink on the other side: C_b < 0


def test_depth_scales():
    tanh_net = th.NetworkSpec(th.activation("tanh"), C_W=1, C_b=Rational(1, 10))
    q = Rational("0.29498506")
    scales = depth_scales(tanh_net, q)
    assert near(exp(-1 / scales[0]), ".45649", 5)
    assert near(exp(-1 / scales[1]), ".68884", 5)
    assert not near(exp(-1 / scales[0]), ".68884", 2)
    assert depth_scales(critical_points(th.activation("relu"))[0].spec(), 3) == (oo, oo)


def test_bad_input():
    with pytest.raises(th.DomainError, match="Activation"):
        critical_points("gelu")
    b = Symbol("b", real=True)
    with pytest.raises(th.UnsupportedError, match="b"):
        critical_points(th.Activation(x * tanh(b * x), x))


def test_an_affine_activation_with_an_offset_has_no_bias_left():
    found = critical_points(th.Activation(3 * x + 2, x))
    assert not found
    assert "C_b" in found.reason
    assert critical_points(th.Activation(3 * x, x)).continuum


def test_the_reason_names_the_variances_of_a_finite_mean():
    assert "finite (K < 1/4)" in critical_points(th.Activation(exp(x**2), x)).reason
    assert "finite" not in critical_points(th.Activation(exp(x), x)).reason


@pytest.mark.parametrize("phi", [sign(x) * sqrt(Abs(x)), sqrt(Abs(x))])
def test_an_infinite_slope_is_named(phi):
    found = critical_points(th.Activation(phi, x))
    assert len(found) == 0
    assert not found.complete
    assert "the slope of" in found.reason
    assert "is infinite at x = 0" in found.reason
    assert all("nan" not in line for line in found.excluded)


def test_a_power_without_taylor_series_has_a_slope():
    found = critical_points(th.Activation(Abs(x) ** Rational(3, 2), x))
    assert found.complete
    assert "positive for every K > 0" in found.reason

"""The taxonomy of deep classifiers and the design equation of singular kernels."""

from __future__ import annotations

import mpmath
import pytest
from sympy import Rational, Symbol, log, oo, sqrt, tanh

import theory as th
from theory.propagation.infinite_depth import design_weight, infinite_depth_classifier

x = Symbol("x", real=True)
MIXED = th.Activation(x + Rational(6, 5) * (x**2 - 1) / sqrt(2), x)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("hermite_3", "nearest neighbour"),
        ("tanh", "singular kernel"),
        ("soft_threshold", "singular kernel"),
        ("sign", "singular kernel"),
        ("gelu", "majority vote"),
        ("step", "majority vote"),
        ("identity", "linear kernel"),
    ],
)
def test_kinds(name, kind):
    assert infinite_depth_classifier(th.activation(name)).kind == kind


def test_an_even_centred_activation_sees_angles_up_to_sign():
    found = infinite_depth_classifier(th.Activation(x**2 - 1, x))
    assert found.kind == "nearest neighbour"
    assert "|xi|" in found.hypotheses[0]


def test_a_small_gain_needs_a_ridge():
    for name in ("relu", "sigmoid", "cos"):
        found = infinite_depth_classifier(th.activation(name))
        assert found.kind == "majority vote"
        assert "ridge" in found.hypotheses[0]
    assert infinite_depth_classifier(th.activation("gelu")).hypotheses == ()


def test_exponent_and_gain():
    found = infinite_depth_classifier(MIXED)
    assert (found.slope, found.gain) == (Rational(25, 61), Rational(97, 61))
    assert abs(th.enclose(found.exponent, 20) - 1.92308466) < 1e-8
    swapped = -log(found.gain) / log(found.slope)
    assert abs(th.enclose(swapped, 20) - 1.92308466) > 1
    assert (found.order - 2 * found.exponent) == 0


def test_exponent_against_the_limit_kernel():
    """R(xi) = lim k^L(xi)/A'^(2L) by iteration: its slope in log(1 - xi)."""
    slope, bend = mpmath.mpf(25) / 61, mpmath.mpf(36) / 61

    def limit(gap):
        value = 1 - gap
        total = mpmath.mpf(1)
        for _ in range(400):
            total *= (slope * value + bend * value**2) / value / slope
            value = slope * value + bend * value**2
        return total

    with mpmath.workdps(40):
        gain = slope + 2 * bend
        # Over one period of the conjugacy the oscillation cancels.
        local = mpmath.log(limit(mpmath.mpf("1e-12")) / limit(mpmath.mpf("1e-12") * gain)) / mpmath.log(gain)
    stated = float(th.enclose(infinite_depth_classifier(MIXED).exponent, 20).mid())
    assert abs(local - stated) < 1e-9
    assert abs(local - stated / 2) > 0.5


def test_a_jump_has_a_logarithmic_singularity():
    found = infinite_depth_classifier(th.activation("sign"))
    assert (found.exponent, found.gain) == (None, oo)
    assert abs(th.enclose(found.log_power, 20) - mpmath.log(mpmath.pi / 2, 2)) < 1e-15
    with pytest.raises(th.DomainError, match="design equation"):
        found.design_equation(2)


def test_design_weight():
    p = Symbol("p")
    assert design_weight(3, 2) == Rational(1, 2)
    assert (design_weight(2, 4) - (3 - sqrt(5)) / 2).expand() == 0
    assert abs(th.enclose(design_weight(4, 1), 20) - 0.76759188) < 1e-8
    assert abs(th.enclose(design_weight(4, 3), 20) - 0.14939009) < 1e-8
    assert p not in design_weight(5, 7).free_symbols


@pytest.mark.parametrize("d", [3, 4])
def test_the_designed_activation_has_the_order(d):
    weight = design_weight(2, d)
    phi = th.Activation(sqrt(weight) * x + sqrt(1 - weight) * (x**2 - 1) / sqrt(2), x)
    found = infinite_depth_classifier(phi)
    assert abs(th.enclose(found.order, 20) - d) < 1e-15
    assert abs(th.enclose(1 + found.design_equation(d), 20) - 1) < 1e-15
    assert abs(th.enclose(1 + found.design_equation(d + 1), 20) - 1) > 0.1


def test_bad_input():
    with pytest.raises(th.DomainError, match=r"2/\(k - 1\)"):
        design_weight(2, 2)
    with pytest.raises(th.DomainError, match="degree"):
        design_weight(1, 5)
    with pytest.raises(th.DomainError, match="dimension"):
        design_weight(3, Rational(5, 2))
    with pytest.raises(th.DomainError, match="parameters"):
        infinite_depth_classifier(th.Activation(tanh(x * Symbol("a")), x))
    with pytest.raises(th.DomainError, match="zero activation"):
        infinite_depth_classifier(th.Activation(0 * x, x))
    with pytest.raises(th.DomainError, match="Activation"):
        infinite_depth_classifier("relu")

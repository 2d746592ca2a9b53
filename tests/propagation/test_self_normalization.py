"""Parameters that keep mean and variance: published values, unseen activations, completeness, refusals."""

import pickle

import pytest
from sympy import Max, Piecewise, Rational, cos, erf, exp, log, pi, sin, sqrt, symbols, tanh

from theory.activations import Activation
from theory.enclosure import enclose
from theory.errors import DomainError, PrecisionError, UnsupportedError
from theory.propagation.isolated_pair import PairCoordinate, Rectangle, isolated_pairs
from theory.propagation.self_normalization import self_normalizing_parameters

x, scale, alpha, shift = symbols("x scale alpha shift", real=True)
SELU = Activation(Piecewise((scale * alpha * (exp(x) - 1), x < 0), (scale * x, True)), x)
WITHIN = {scale: (Rational(1, 2), 2), alpha: (Rational(1, 2), 3)}
# erfc(1/sqrt 2) e^(1/2) is twice the mean of e^Z below zero.
LEFT = exp(Rational(1, 2)) * (1 - erf(1 / sqrt(2))) - 1
KNOWN_ALPHA = -sqrt(2 / pi) / LEFT
SQUARE = (exp(2) * (1 - erf(sqrt(2))) - 2 * exp(Rational(1, 2)) * (1 - erf(1 / sqrt(2))) + 1) / 2
KNOWN_SCALE = 1 / sqrt(KNOWN_ALPHA**2 * SQUARE + Rational(1, 2))


@pytest.mark.parametrize(("damage", "agrees"), [(0, True), (Rational(1, 10**28), False)])
def test_published_constants_to_thirty_digits(damage, agrees):
    (found,) = self_normalizing_parameters(SELU, WITHIN)
    assert not any(value.has(PairCoordinate) for value in found.values())
    for symbol, known in ((scale, KNOWN_SCALE), (alpha, KNOWN_ALPHA)):
        assert (abs(enclose(found[symbol], 40) - enclose(known + damage, 40)) < 1e-35) == agrees
    assert enclose(found[scale], 30).str(17, radius=False) == "1.0507009873554805"
    assert enclose(found[alpha], 30).str(17, radius=False) == "1.6732632423543773"


def test_the_mirror_image_is_found_with_it():
    both = self_normalizing_parameters(SELU, {scale: (-2, 2), alpha: (Rational(1, 2), 3)})
    assert [enclose(d[scale], 20).str(8, radius=False) for d in both] == ["-1.0507010", "1.0507010"]
    assert self_normalizing_parameters(SELU, {scale: (2, 3), alpha: (Rational(1, 2), 3)}) == []


@pytest.mark.parametrize(("mean", "variance", "q"), [(0, 1, 1), (0, 2, 2), (Rational(1, 3), Rational(1, 2), 1)])
def test_unseen_activation_keeps_what_is_asked_for(mean, variance, q):
    phi = Activation(scale * (tanh(x) + x / 3) + shift, x)
    within = {scale: (Rational(1, 10), 5), shift: (-2, Rational(21, 10))}
    (found,) = self_normalizing_parameters(phi, within, mean=mean, variance=variance, q=q)
    kept = Activation(phi.expr.subs(found), x)
    assert enclose(kept.moment(1, q) - mean, 20).contains(0)
    assert enclose(kept.moment(2, q) - mean**2 - variance, 20).contains(0)
    assert not enclose(
        Activation(phi.expr.subs({**found, scale: 2}), x).moment(2, q) - mean**2 - variance, 20
    ).contains(0)


def test_equations_without_elimination_are_solved_by_certified_numbers():
    phi = Activation(scale * exp(alpha * x) - 1, x)
    within = {scale: (Rational(1, 10), 3), alpha: (Rational(1, 10), 3)}
    (found,) = self_normalizing_parameters(phi, within)
    # E = s e^(a^2/2) - 1 = 0 and s^2 e^(2 a^2) = 2: e^(a^2) = 2.
    assert enclose(found[alpha] - sqrt(log(2)), 30).contains(0)
    assert enclose(found[scale] - sqrt(2) / 2, 30).contains(0)
    assert not enclose(found[scale] - sqrt(2) / 2 - Rational(1, 10**20), 30).contains(0)


def test_rectifier_shift_and_scale():
    (found,) = self_normalizing_parameters(
        Activation(scale * Max(x, 0) + shift, x), {scale: (Rational(1, 10), 3), shift: (-3, 3)}
    )
    assert enclose(found[scale] - sqrt(2 / (1 - 1 / pi)), 30).contains(0)


def test_several_pairs_are_all_found():
    a, b = symbols("a b", real=True)
    box = Rectangle(*map(Rational, (-2, 2, -2, Rational(21, 10))))
    circle = isolated_pairs((a**2 + b**2 - 2, sin(a) - b / 3), (a, b), box)
    assert [first.is_positive for first, _ in circle] == [False, True]
    for first, second in circle:
        assert enclose(first**2 + second**2 - 2, 30).contains(0)
        assert pickle.loads(pickle.dumps(first)) == first


def test_refusals():
    with pytest.raises(DomainError, match="two parameters"):
        self_normalizing_parameters(SELU, {scale: (0, 1)})
    with pytest.raises(DomainError, match="low < high"):
        self_normalizing_parameters(SELU, {scale: (1, 1), alpha: (0, 1)})
    with pytest.raises(DomainError, match="positive"):
        self_normalizing_parameters(SELU, WITHIN, variance=0)
    with pytest.raises(UnsupportedError, match="no closed form"):
        self_normalizing_parameters(Activation(tanh(alpha * x) + scale, x), {alpha: (1, 2), scale: (1, 2)})
    odd = Activation(scale * sin(alpha * x), x)
    with pytest.raises(PrecisionError, match="not told apart"):
        self_normalizing_parameters(odd, {scale: (Rational(1, 2), 2), alpha: (Rational(1, 2), 2)})
    assert self_normalizing_parameters(Activation(scale + cos(alpha * x), x), {scale: (1, 2), alpha: (1, 2)}) == []

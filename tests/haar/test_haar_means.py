"""Means that are not polynomial: enclosures against closed forms and against second routes."""

from __future__ import annotations

import pytest
from sympy import Integer, Rational, Symbol, expand_func, log, pi, simplify, sqrt

from theory.enclosure import enclose
from theory.errors import DomainError
from theory.haar.group import Haar
from theory.haar.means import IsometryGain, LogForm, Share, absolute_moment


def test_even_absolute_moments_are_the_polynomial_ones() -> None:
    n = Symbol("n", integer=True, positive=True)
    o = Haar("O", n)
    for powers in ((2,), (4,), (2, 2), (4, 2), (6,)):
        product = Integer(1)
        for j, power in enumerate(powers, 1):
            product *= o[1, j] ** power
        difference = expand_func(absolute_moment(list(powers), n) / o.mean(product))
        assert simplify(difference) == 1
        assert simplify(expand_func(absolute_moment([*powers, 2], n) / o.mean(product))) != 1


@pytest.mark.parametrize(("size", "value"), [(1, 1), (2, 2 / pi), (3, Rational(1, 2)), (4, 4 / (3 * pi))])
def test_mean_modulus_of_a_coordinate(size: int, value: Rational) -> None:
    assert absolute_moment([1], size) == value


def test_infinite_moments_are_refused() -> None:
    with pytest.raises(DomainError, match="a > -1"):
        absolute_moment([-1], 3)


def overlap(left: object, right: object, digits: int = 25) -> bool:
    return bool(enclose(left, digits).overlaps(enclose(right, digits)))  # type: ignore[arg-type]


def test_logarithm_of_a_form() -> None:
    a, b = Rational(2, 7), Integer(5)
    circle, pairs = 2 * log((sqrt(a) + sqrt(b)) / 2), (a * log(a) - b * log(b)) / (a - b) - 1
    assert overlap(LogForm(a, b), circle)
    assert overlap(LogForm(a, a, b, b), pairs)
    assert overlap(LogForm(a, b, a, b), pairs)  # equal eigenvalues that are not neighbours
    assert not overlap(LogForm(a, a, b, b), circle)
    assert overlap(LogForm(3, 3, 3), log(3))
    assert overlap(LogForm(a, b, 0, 0).subs({}), LogForm(0, a, 0, b))
    assert not overlap(LogForm(a, b, 0), LogForm(a, b))


def test_shares_add_up() -> None:
    a, b, c = Rational(1, 3), Integer(2), Integer(2)
    total = Share(a, b, c) + Share(b, a, c) + Share(c, a, b)
    assert overlap(total, 1)
    assert not overlap(total - Share(a, b, c) + Share(a, b), 1)
    assert overlap(Share(a, b), sqrt(a) / (sqrt(a) + sqrt(b)))


def test_isometry_gain_against_its_expansion() -> None:
    """Second and third order in the deviation from isometry; the quadratic term alone is off."""
    for t in (Rational(1, 200), Rational(-1, 200)):
        cubes = (2 * t) ** 3 - 2 * t**3
        second = 6 * t**2 / 15
        third = -Rational(8, 3) * cubes / (3 * 5 * 7)
        gain = enclose(IsometryGain(1 + 2 * t, 1 - t), 25)
        assert abs(float(gain - enclose(1 + second + third, 25))) < 20 * abs(float(t)) ** 4
        assert abs(float(gain - enclose(1 + second, 25))) > 20 * abs(float(t)) ** 4


def test_isometry_gain_at_equal_eigenvalues_is_one() -> None:
    assert overlap(IsometryGain(Rational(3, 4), Rational(3, 4)), 1)
    assert not overlap(IsometryGain(Rational(3, 4), Rational(3, 5)), 1)


def test_published_counterexamples() -> None:
    for spectrum, value in (((16, 7), "1.034969"), ((12, 9), "1.003890")):
        gain = enclose(IsometryGain(*(Rational(x, 10) for x in spectrum)), 20)
        assert gain.str(7, radius=False) == value

"""Bivariate orthant, density and conditional score: values, limits, derivatives."""

import pytest
from flint import acb
from scipy.stats import multivariate_normal
from sympy import N, Rational, S, Symbol, asin, erf, exp, oo, pi, sqrt, symbols

from theory.balls import workprec
from theory.enclosure import enclose
from theory.gaussian.functions import Phi, Phi2, conditional_score, phi2

h, k, r = symbols("h k r", real=True)


@pytest.fixture(autouse=True)
def fine_balls():
    """Arithmetic of the tests themselves must not round at double precision."""
    with workprec(300):
        yield


POINTS = [(0.3, -0.7, 0.4), (1.5, 1.5, -0.8), (-2.0, 0.1, 0.95), (0.0, 1.0, -0.3)]


@pytest.mark.parametrize("point", POINTS)
def test_orthant_agrees_with_scipy(point):
    a, b, c = point
    ours = float(N(Phi2(*(Rational(str(v)) for v in point)), 20))
    theirs = multivariate_normal.cdf([a, b], mean=[0, 0], cov=[[1, c], [c, 1]])
    assert abs(ours - theirs) < 1e-7
    wrong = multivariate_normal.cdf([a + 0.05, b + 0.05], mean=[0, 0], cov=[[1, c], [c, 1]])
    assert abs(ours - wrong) > 1e-7


@pytest.mark.parametrize("function", [Phi2, phi2, conditional_score])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_derivatives_are_difference_quotients(function, place):
    point = [Rational(3, 10), Rational(-7, 10), Rational(2, 5)]
    symbols_ = [h, k, r]
    exact = enclose(function(*symbols_).diff(symbols_[place]).subs(dict(zip(symbols_, point, strict=True))), 20)
    step = Rational(1, 10**6)
    ends = []
    for sign in (1, -1):
        moved = list(point)
        moved[place] += sign * step
        ends.append(enclose(function(*moved), 30))
    quotient = (ends[0] - ends[1]) / (2 * enclose(step, 30))
    assert abs(float((quotient - exact).mid())) < 1e-9
    assert abs(float((quotient - exact * 2).mid())) > 1e-9


def test_limits_at_full_correlation():
    assert Phi2(1, 2, 1) == Phi(S(1))
    assert Phi2(1, 2, -1) == Phi(S(2)) - Phi(S(-1))
    assert Phi2(-1, 1, -1) == 0
    assert Phi2(oo, k, r) == Phi(k)
    assert phi2(1, 2, 1) == 0
    assert phi2(1, 1, 1) is oo
    assert [conditional_score(2, 1, 1), conditional_score(1, 1, 1), conditional_score(1, -1, -1)] == [oo, 0, 0]
    assert erf(conditional_score(2, 1, 1)) == 1


def test_centred_and_independent_pairs():
    assert Phi2(0, 0, r) == asin(r) / (2 * pi) + Rational(1, 4)
    assert Phi2(h, k, 0) == Phi(h) * Phi(k)
    assert Phi2(h, k, r) == Phi2(k, h, r)
    assert conditional_score(-h, -k, r) == -conditional_score(h, k, r)


@pytest.mark.parametrize("correlation", [Rational(99999, 100000), Rational(-99999, 100000)])
def test_near_full_correlation(correlation):
    """On the line of full correlation the orthant moves towards its limit."""
    side = 1 if correlation > 0 else -1
    value = enclose(Phi2(1, side, correlation), 25)
    limit = enclose(Phi2(1, side, side), 25)
    gap = abs(float((value - limit).mid()))
    assert 0 < gap < 2e-3
    with_less = enclose(Phi2(1, side, correlation * Rational(9, 10)), 25)
    assert abs(float((with_less - limit).mid())) > gap


def test_correlation_beyond_one_is_refused():
    with pytest.raises(ValueError, match="correlation"):
        Phi2(h, k, 2)


def test_balls_are_narrow_and_contain_finer_values():
    e = Phi2(Rational(1, 2), -1, Rational(9, 10)) * exp(phi2(1, 0, Rational(1, 3)))
    coarse, fine = enclose(e, 15), enclose(e, 60)
    assert coarse.overlaps(fine)
    assert coarse.rad() > fine.rad()
    assert not (coarse + coarse.rad() * 4 + fine.rad() * 4).overlaps(fine)


def test_complex_thresholds_match_the_series_in_r():
    z = acb("0.3", "0.4")
    value = Phi2._ball(z, z, acb("0.01"))
    normal = (-z / acb(2).sqrt()).erfc() / 2
    first = normal * normal + acb("0.01") * (-(z * z)).exp() / (2 * acb.pi())
    assert abs(complex(value - first)) < 1e-4
    assert abs(complex(value - normal * normal)) > 1e-4


def test_latex_is_balanced():
    from sympy import latex

    for e in (Phi2(h, k, r), phi2(h, k, r) ** 2, conditional_score(h, k, r) ** 2):
        text = latex(e)
        assert text.count("{") == text.count("}")
        assert text.count(r"\left") == text.count(r"\right")


def test_score_is_the_quotient():
    x = Symbol("x", real=True)
    assert conditional_score(h, k, x).rewrite(sqrt) == (h - x * k) / sqrt(1 - x**2)

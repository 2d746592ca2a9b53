"""Orthant, density and score of a Gaussian pair: values, derivatives, limits, enclosures."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sympy import I, N, Rational, S, asin, erf, latex, oo, pi, sqrt, symbols

from theory.enclosure import enclose
from theory.errors import DomainError, PrecisionError
from theory.gaussian.functions import Phi, Phi2, conditional_score, phi2

h, k, r = symbols("h k r", real=True)
SMALL = st.fractions(-3, 3, max_denominator=20)


def rational(f):
    return Rational(f.numerator, f.denominator)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(SMALL, SMALL, st.fractions(Rational(-19, 20), Rational(19, 20), max_denominator=40))
def test_orthant_agrees_with_scipy_and_mpmath(s, t, c):
    value = enclose(Phi2(rational(s), rational(t), rational(c)), 25)
    cov = [[1, float(c)], [float(c), 1]]
    expected = multivariate_normal.cdf([float(s), float(t)], cov=cov)
    assert abs(float(value) - expected) < 2e-7
    with mpmath.workdps(30):
        s, t, c = (mpmath.mpf(f.numerator) / f.denominator for f in (s, t, c))
        inner = mpmath.quad(
            lambda z: mpmath.npdf(z) * mpmath.ncdf((t - c * z) / mpmath.sqrt(1 - c * c)), [-mpmath.inf, s - 6, s - 2, s]
        )
        gap = abs(mpmath.mpf(value.mid().str(30, radius=False)) - inner)
        assert gap < mpmath.mpf(10) ** -14
        assert not gap + mpmath.mpf(10) ** -6 < mpmath.mpf(10) ** -14


@pytest.mark.parametrize("c", [1 - Rational(1, 10**4), -1 + Rational(1, 10**4), 1 - Rational(1, 10**8)])
def test_orthant_near_full_correlation(c):
    for s, t in [(Rational(1, 2), Rational(1, 3)), (S.One, S.One), (Rational(-1, 4), Rational(1, 4))]:
        value = enclose(Phi2(s, t, c), 20)
        limit = enclose(Phi2(s, t, S.One if c > 0 else S.NegativeOne), 20)
        assert abs(float(value - limit)) < 0.02
        with mpmath.workdps(30):
            z, one = (mpmath.mpf(str(N(e, 30))) for e in (t, c))
            edge = mpmath.mpf(str(N(s, 30)))
            root = mpmath.sqrt(1 - one * one)
            kink = z / one
            points = sorted(p for p in {edge, kink - 9 * root, kink, kink + 9 * root} if p <= edge)
            expected = mpmath.quad(
                lambda y, z=z, one=one, root=root: mpmath.npdf(y) * mpmath.ncdf((z - one * y) / root),
                [-mpmath.inf, min(points) - 3, *points],
            )
            assert abs(mpmath.mpf(value.mid().str(30, radius=False)) - expected) < 1e-13


def test_orthant_has_its_exact_values():
    assert Phi2(0, 0, r) == Rational(1, 4) + asin(r) / (2 * pi)
    assert Phi2(h, k, 0) == Phi(h) * Phi(k)
    assert Phi2(h, oo, r) == Phi(h)
    assert Phi2(h, -oo, r) == 0
    assert Phi2(1, 2, 1) == Phi(S.One)
    assert Phi2(1, 2, -1) == Phi(S(2)) - Phi(S(-1))
    assert Phi2(-1, Rational(1, 2), -1) == 0
    assert Phi2(h, k, r) == Phi2(k, h, r)
    with pytest.raises(DomainError, match=r"\[-1, 1\]"):
        Phi2(0, 1, 2)


@pytest.mark.parametrize("symbol", [h, k, r])
@pytest.mark.parametrize("function", [Phi2, phi2, conditional_score])
def test_derivatives_agree_with_differences(function, symbol):
    point = {h: Rational(1, 3), k: Rational(-2, 5), r: Rational(3, 10)}
    e, step = function(h, k, r), Rational(1, 10**6)
    shifted = [e.subs({**point, symbol: point[symbol] + s * step}) for s in (1, -1)]
    difference = enclose((shifted[0] - shifted[1]) / (2 * step), 20)
    derivative = enclose(e.diff(symbol).subs(point), 20)
    assert abs(float(difference - derivative)) < 1e-10
    assert abs(float(difference - derivative * Rational(1001, 1000).p / 1000)) > 1e-10


def test_density_and_score_at_full_correlation():
    assert phi2(1, 2, 1) == 0
    assert phi2(1, 1, 1) == oo
    assert conditional_score(2, 1, 1) == oo
    assert conditional_score(1, 1, 1) == 0
    assert conditional_score(1, 2, 1) == -oo
    assert conditional_score(1, -1, -1) == 0
    assert erf(conditional_score(2, 1, 1)) == 1


def test_a_complex_pair_without_limit_is_refused_at_once():
    with pytest.raises(PrecisionError):
        enclose(Phi2(I, 2 * I, 1), 10)


def test_numbers_and_latex():
    assert abs(N(Phi2(1, Rational(1, 2), Rational(1, 2)), 30) - N(Phi2(1, Rational(1, 2), Rational(1, 2)), 50)) < 1e-29
    assert r"\Phi_{2}" in latex(Phi2(h, k, r))
    assert latex(phi2(h, k, r) ** 2).count("{") == latex(phi2(h, k, r) ** 2).count("}")
    assert enclose(phi2(1, 2, Rational(1, 2)).rewrite("exp") - phi2(1, 2, Rational(1, 2)), 30).contains(0)
    assert enclose(conditional_score(1, 2, Rational(1, 2)) - sqrt(3) * 0, 20).contains(0)
    assert np.isclose(
        float(Phi2(0.3, 0.2, 0.5)), multivariate_normal.cdf([0.3, 0.2], cov=[[1, 0.5], [0.5, 1]]), atol=1e-7
    )

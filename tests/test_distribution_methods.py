"""Distribution claims: spectra and functions of Gaussians against stated distribution functions."""

from __future__ import annotations

import pytest
from sympy import Abs, Rational, Symbol, asin, erf, exp, oo, pi, sqrt

import theory as th
from numerics.budget import Budget
from numerics.methods.empirical import METHOD as EMPIRICAL
from numerics.methods.moments import METHOD as MOMENTS
from numerics.methods.spectrum import METHOD as SPECTRUM
from numerics.verdict import Verdict
from numerics.verification import verify
from theory.claims import Distribution
from theory.errors import DomainError
from theory.laws import ContinuousLaw, GaussianFunction, GaussianSpectrum, free_moments
from theory.symbols import u, v

QUICK = Budget.named("quick")
x = Symbol("x", real=True)
SEMICIRCLE = Rational(1, 2) + x * sqrt(4 - x**2) / (4 * pi) + asin(x / 2) / pi


def judged(method, sample, law, envelope=0):
    claim = Distribution(sample, law)
    statement = th.Statement(claim=claim, domains={}, resolution=Rational(1, 50), envelope=envelope)
    assert method.accepts(statement)
    return method.judge(claim, method.gather(statement, QUICK, 0)).verdict


def test_the_semicircle_law_and_its_damaged_copies():
    sample, envelope = GaussianSpectrum(), Rational(1, 100)
    for method in (MOMENTS, SPECTRUM):
        extra = {} if method is MOMENTS else {"envelope": envelope}
        assert judged(method, sample, ContinuousLaw(SEMICIRCLE, x, -2, 2), **extra) is Verdict.HOLDS
        arcsine = ContinuousLaw(Rational(1, 2) + asin(x / 2) / pi, x, -2, 2)
        assert judged(method, sample, arcsine, **extra) is Verdict.FAILS
        narrow = ContinuousLaw(SEMICIRCLE.subs(x, x * Rational(6, 5)), x, -Rational(5, 3), Rational(5, 3))
        assert judged(method, sample, narrow, **extra) is Verdict.FAILS


def test_moments_of_rectangular_spectra_are_narayana_sums():
    c = Symbol("c", positive=True)
    assert (free_moments([c**j for j in range(4)], 4)[4] - (1 + 6 * c + 6 * c**2 + c**3)).expand() == 0


def test_a_function_of_gaussians():
    uniform = GaussianFunction((1 + erf(u / sqrt(2))) / 2, th.Gaussian([u]))
    for method in (MOMENTS, EMPIRICAL):
        assert judged(method, uniform, ContinuousLaw(x, x, 0, 1)) is Verdict.HOLDS
        assert judged(method, uniform, ContinuousLaw(x ** Rational(11, 10), x, 0, 1)) is Verdict.FAILS
        assert judged(method, uniform, ContinuousLaw(x / 2 + Rational(1, 4), x, 0, 1)) is not Verdict.HOLDS


def test_unbounded_support_is_left_to_sampling():
    square = GaussianFunction(u**2 + v**2, th.Gaussian([u, v], corr=0))
    law = ContinuousLaw(1 - exp(-x / 2), x, 0, oo)
    assert judged(EMPIRICAL, square, law) is Verdict.HOLDS
    assert judged(EMPIRICAL, square, ContinuousLaw(1 - exp(-x), x, 0, law.upper)) is Verdict.FAILS
    statement = th.Statement(claim=Distribution(square, law), domains={}, resolution=Rational(1, 50))
    assert verify(statement, "quick").verdict is Verdict.UNDECIDED


def test_the_theorem_kills_its_near_misses():
    report = verify("square_gaussian_singular_values", "quick")
    assert report.verdict is Verdict.HOLDS, str(report)
    assert {e.method for e in report.evidence} == {"moments", "spectrum"}
    assert all(e.killed == e.mutants == 3 for e in report.evidence)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: ContinuousLaw(x, x, 1, 0),
        lambda: ContinuousLaw(pi, x, 0, 1),
        lambda: GaussianSpectrum(2),
        lambda: GaussianSpectrum(0),
    ],
)
def test_malformed_laws(bad):
    with pytest.raises(DomainError):
        bad()


def test_a_heavy_mass_on_one_side_is_seen():
    half = GaussianFunction(Abs(u) / (1 + Abs(u)), th.Gaussian([u]))
    stated = erf(x / (1 - x) / sqrt(2))
    assert judged(EMPIRICAL, half, ContinuousLaw(stated, x, 0, Rational(999, 1000))) is Verdict.HOLDS
    assert judged(EMPIRICAL, half, ContinuousLaw(stated**2, x, 0, Rational(999, 1000))) is Verdict.FAILS

"""Power laws proved at fixed points of slope one: exact constants, refusals, and the method that compares them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf, workdps
from sympy import (
    Abs,
    Integer,
    Max,
    Piecewise,
    Rational,
    Symbol,
    acos,
    asin,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
    tanh,
)

import theory as th
from numerics.budget import Budget
from numerics.methods.exact import METHOD as EXACT
from numerics.methods.expansion import METHOD
from numerics.mutation import copies_and_proofs
from numerics.parabolic import decay
from numerics.region import Region
from numerics.verdict import Grade, Verdict
from numerics.verification import verify
from theory.claims import DepthAsymptotic
from theory.errors import PrecisionError, TheoryError, UnsupportedError
from theory.orbits import Orbit
from theory.symbols import ell, rho

QUICK = Budget.named("quick")
x, a = Symbol("x"), Symbol("a", positive=True)
RELU = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / pi


@pytest.mark.parametrize(
    ("sequence", "exponent", "constant", "logarithm"),
    [
        (Orbit(RELU, rho, Rational(-1, 3), 1 - rho), 2, 9 * pi**2 / 2, -3),
        (Orbit(RELU, rho, Rational(-1, 3), rho - 1), 2, -9 * pi**2 / 2, -3),
        (Orbit(exp(rho - 1), rho, 0, 2 - 2 * rho), 1, Integer(4), -Rational(1, 3)),
        (Orbit(tanh(x), x, -2), Rational(1, 2), -sqrt(Rational(3, 2)), -Rational(3, 40)),
        (Orbit(x / (1 + x), x, 5), 1, Integer(1), 0),
        (Orbit(x - x ** Rational(3, 2), x, Rational(1, 4)), 2, Integer(4), -3),
        (Orbit(x - x**4, x, Rational(1, 2)), Rational(1, 3), 3 ** -Rational(1, 3), -Rational(2, 9)),
        (Orbit(x - x**3 + x**4, x, Rational(1, 2)), Rational(1, 2), 1 / sqrt(2), None),
        (Orbit(Piecewise((x - x**2, x > 0), (x / 2, True)), x, Rational(1, 2)), 1, Integer(1), -1),
    ],
)
def test_laws(sequence, exponent, constant, logarithm):
    law = decay(sequence)
    assert law.exponent == exponent
    assert abs(float(law.constant - constant)) < 1e-14
    assert (law.log_coefficient is None) == (logarithm is None)
    assert logarithm is None or float(law.log_coefficient) == pytest.approx(float(logarithm), abs=1e-14)


@pytest.mark.parametrize(
    "sequence",
    [
        Orbit(x / 2 + x**2 / 8, x, Rational(1, 2)),  # geometric
        Orbit(x + x**2, x, Rational(1, 2)),  # moves away on this side
        Orbit(cos(x), x, Rational(1, 2)),  # zero is no fixed point
        Orbit(sin(x), x, 1, x**2),  # the readout is not affine
        Orbit(x - x**2 * log(1 / x), x, Rational(1, 2)),  # a logarithm in the expansion
        Orbit(x - x**2 * (2 + sin(1 / x)), x, Rational(1, 4)),
        Orbit(x - x * Abs(x), x, Rational(1, 2)),
        Orbit(Max(x - x**2, x / 2), x, Rational(1, 4)),
        Orbit(Piecewise((x / 2, x > 0), (x - x**2, True)), x, Rational(1, 2)),
        Orbit(x - x ** Rational(4, 3), x, Rational(1, 8)),  # a cube root at the fixed point
        Orbit(x, x, Rational(1, 2)),
        Orbit(asin(x), x, Rational(1, 2)),  # leaves its domain
    ],
)
def test_refusals(sequence):
    with pytest.raises((UnsupportedError, PrecisionError)):
        decay(sequence)


def test_an_orbit_that_settles_elsewhere_is_not_confused_with_one_that_arrives():
    """x -> x - x^2 (x - 1/2)^2 has two marginal fixed points, 0 and 1/2, each attracting from above."""
    map_ = x - x**2 * (x - Rational(1, 2)) ** 2
    with pytest.raises(TheoryError):
        decay(Orbit(map_, x, Rational(3, 4)))
    assert decay(Orbit(map_, x, Rational(3, 4), x - Rational(1, 2))).constant == 4
    assert decay(Orbit(map_, x, Rational(1, 4))).constant == 4


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 3),
    st.fractions(Rational(1, 4), 4, max_denominator=7),
    st.fractions(-2, 2, max_denominator=5),
)
def test_laws_of_polynomials(order, size, bend):
    """e' = e - A e^(n+1) + B e^(2n+1): one step from 1e-12 shows the coefficient of the logarithm."""
    size, bend = Rational(size.numerator, size.denominator), Rational(bend.numerator, bend.denominator)
    map_ = x - size * x ** (order + 1) + bend * x ** (2 * order + 1)
    law = decay(Orbit(map_, x, Rational(1, 20)))
    assert law.exponent == Rational(1, order)
    assert float(law.constant) == pytest.approx(float(order * size) ** (-1 / order))
    with workdps(150):  # the term looked at is the 72nd digit of the largest
        n, e = order, mpf(10) ** -12
        image = e - mpf(size.p) / size.q * e ** (n + 1) + mpf(bend.p) / bend.q * e ** (2 * n + 1)
        slope = n * mpf(size.p) / size.q
        measured = -((image**-n - e**-n - slope) / e**n) / (n * slope**2)
    assert float(law.log_coefficient) == pytest.approx(float(measured), rel=1e-9, abs=1e-9)


def judged(claim, domains=None):
    statement = th.Statement(claim=claim, domains=domains or {})
    assert METHOD.accepts(statement)
    return METHOD.judge(claim, METHOD.gather(statement, QUICK, 0))


def test_the_method_tells_true_from_damaged():
    orbit = Orbit(sin(x), x, 1)
    claim = DepthAsymptotic(orbit, ell, Rational(1, 2), sqrt(3), -Rational(3, 10))
    assert judged(claim).verdict is Verdict.HOLDS
    for constant in (sqrt(3) * (1 + Rational(1, 10**15)), -sqrt(3), sqrt(-3)):
        assert judged(claim.replace_stated(constant)).verdict is Verdict.FAILS
    for exponent, logarithm in ((Rational(1, 2) + Rational(1, 10**9), None), (Rational(1, 2), Rational(3, 10))):
        assert judged(DepthAsymptotic(orbit, ell, exponent, sqrt(3), logarithm)).verdict is Verdict.FAILS


def test_the_derived_form_decides_about_the_logarithm_too():
    claim = DepthAsymptotic(Orbit(sin(x), x, 1), ell, Rational(1, 2), sqrt(3), -Rational(3, 10))
    derived = sqrt(3) / sqrt(ell) * (1 - Rational(3, 10) * log(ell) / ell)
    statement = th.Statement(claim=claim, domains={}, derive=lambda: derived)
    gathered = EXACT.gather(statement, QUICK, 0)
    assert EXACT.judge(claim, gathered).verdict is Verdict.HOLDS
    for logarithm in (None, Rational(3, 10), Rational(1, 5)):
        damaged = DepthAsymptotic(claim.sequence, ell, claim.exponent, sqrt(3), logarithm)
        assert EXACT.judge(damaged, gathered).verdict is Verdict.FAILS


def test_a_copy_with_another_exponent_is_not_taken_for_the_claim():
    claim = DepthAsymptotic(Orbit(x - (a**2 + a) * x**2, x, Rational(1, 20)), ell, Integer(1), 1 / (a**2 + a))
    other = DepthAsymptotic(claim.sequence, ell, Integer(2), claim.constant)
    same = claim.replace_stated(1 / a - 1 / (a + 1))
    statement = th.Statement(claim=claim, domains={a: th.Interval(1, 3)}, near_misses=[other, same])
    copies, proofs = copies_and_proofs(statement, Region.of(statement, 4, 0))
    assert {other, same} <= {copy.claim for copy in copies}
    assert list(proofs) == ["near-miss 2"]


def test_parameters_are_put_in_at_every_point():
    orbit = Orbit(x - a * x**2, x, Rational(1, 10))
    domains = {a: th.Interval(1, 3)}
    assert judged(DepthAsymptotic(orbit, ell, Integer(1), 1 / a), domains).verdict is Verdict.HOLDS
    assert judged(DepthAsymptotic(orbit, ell, Integer(1), 1 / a**2), domains).verdict is Verdict.FAILS
    empty = DepthAsymptotic(orbit, ell, Integer(1), 1 / a)
    assert METHOD.judge(empty, []).verdict is Verdict.VACUOUS


def test_what_is_not_expanded_stays_open():
    geometric = DepthAsymptotic(Orbit(x / 2, x, 1, x), ell, Integer(1), Integer(1))
    assert judged(geometric).verdict is Verdict.UNDECIDED
    quartic = Orbit(x - x**3 + x**4, x, Rational(1, 2))
    claim = DepthAsymptotic(quartic, ell, Rational(1, 2), 1 / sqrt(2), Integer(0))
    assert judged(claim).verdict is Verdict.UNDECIDED


def test_a_slow_law_is_proved_and_never_refuted_by_extrapolation():
    """x' = x - x^2/10^4 from 1/10: ten thousand steps do not see the power law that the expansion proves."""
    orbit = Orbit(x - x**2 / 10**4, x, Rational(1, 10))
    claim = DepthAsymptotic(orbit, ell, Integer(1), Integer(10**4))
    statement = th.Statement(claim=claim, domains={}, near_misses=[Integer(10**4) + 1], missing_witness="out of reach")
    report = verify(statement, "quick")
    found = {e.method: e for e in report.evidence}
    assert report.verdict is Verdict.HOLDS, str(report)
    assert found["expansion"].grade is Grade.CERTIFIED
    assert found["expansion"].killed == found["expansion"].mutants > 0
    assert found["iteration"].verdict is Verdict.UNDECIDED

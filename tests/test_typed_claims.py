"""Statements built from typed text: their domains, their resolution, and verdicts on claims nobody tested before."""

from __future__ import annotations

import pytest
from sympy import Rational, Symbol

import theory as th
from numerics.typed_claims import statement_from_activation, statement_from_text
from numerics.verdict import Verdict
from numerics.verification import verify
from theory.errors import ParseError, TheoryError
from theory.symbols import rho, x


def verdict(text, *parameters):
    return verify(statement_from_text(text, parameters), "quick").verdict


TRUE = [
    ("E[sign(rho*U)*U] = sign(rho)*sqrt(2/pi)",),
    ("E[exp(U)*exp(V)] = exp(1+rho)",),
    ("E[exp(10*Z)] = exp(50)",),
    ("E[tanh(Z)] = 0",),
    ("E[max(a*U,0)*max(V,0)] = a*(sqrt(1-rho^2) + rho*(pi - acos(rho)))/(2*pi)", "a: a>0"),
    ("E[cos(a*Z)] = exp(-a^2/2)", "a"),
    ("E[exp(a*Z^2)] = 1/sqrt(1-2*a)", "a: a<1/2"),
    ("E[U*V] = abs(rho)", "rho: 0<rho<1"),
    ("E[atan(Z)*Z] = sqrt(pi/2)*exp(1/2)*erfc(1/sqrt(2))",),
    ("E[max(U,V)] = sqrt((1-rho)/pi)",),
    ("E[Z^20] = 654729075",),
]

# False, or not known to be true for all admissible values.
NOT_TRUE = [
    ("E[max(a*U,0)*max(V,0)] = a*(sqrt(1-rho^2) + rho*(pi - acos(rho)))/(2*pi)", "a"),
    ("E[tanh(Z)^2] = 0.394294",),
    ("E[tanh(Z)^2] = 0.39429449",),
    ("E[U*V] = sin(rho)/rho",),
    ("E[exp(a*Z^2)] = 1/sqrt(1-2*a)", "a: a<1"),
    ("E[max(U,V)] = sqrt((1-rho^2)/pi)",),
    ("E[abs(a*Z)] = a*sqrt(2/pi)", "a"),
    ("E[exp(Z^2)] = 3",),
    ("E[exp(exp(Z))] = 3",),
    ("E[heaviside(Z-12)] = 0",),
    ("E[Z^20] = 654729076",),
    ("E[U*V] = log(-exp(rho))",),
]


@pytest.mark.parametrize("claim", TRUE, ids=lambda c: c[0])
def test_true_claim_holds(claim):
    assert verdict(*claim) is Verdict.HOLDS


@pytest.mark.parametrize("claim", NOT_TRUE, ids=lambda c: " | ".join(c))
def test_other_claims_do_not(claim):
    wanted = (Verdict.FAILS,) if claim in NOT_TRUE[:4] else (Verdict.FAILS, Verdict.UNDECIDED)
    assert verdict(*claim) in wanted


PRODUCT = "E[a*b*Z^2] = a*b"


def domain(*parameters, text="E[a*b*U*V] = a*b*rho"):
    found = statement_from_text(text, parameters).domains
    return {str(s): d for s, d in found.items()}


def test_domains_follow_the_inequalities():
    found = domain("a: 1 <= a < 5", "b: b > 7")
    assert (found["a"].lo, found["a"].hi, found["a"].left_open, found["a"].right_open) == (1, 5, False, True)
    assert (found["b"].lo, found["b"].left_open) == (7, True)
    assert found["b"].hi > 7
    assert (found["rho"].lo, found["rho"].hi) == (-1, 1)


def test_domains_keep_their_distance_from_an_excluded_zero():
    found = domain("a: 0 < a < 1/100", "b: b < 0", text=PRODUCT)
    assert 0 < found["a"].lo < found["a"].hi == Rational(1, 100)
    assert found["b"].hi < 0
    assert domain("a: a >= 0", "b", text=PRODUCT)["a"].lo == 0


def test_correlation_stays_in_its_interval():
    found = domain("a", "b", "rho: rho < 1/2")
    assert (found["rho"].lo, found["rho"].hi, found["rho"].right_open) == (-1, Rational(1, 2), True)


def test_contradicting_bounds():
    with pytest.raises(TheoryError):
        statement_from_text("E[a*Z^2] = a", ["a: 2 < a < 1"])


def test_resolution_has_the_scale_of_the_integrand():
    small, large = (statement_from_text(text) for text in ("E[tanh(Z)] = 0", "E[Z^4] = 3"))
    assert small.resolution == Rational(1, 100) < large.resolution
    assert not small.missing_witness
    assert "tails" in statement_from_text("E[exp(5*Z)] = exp(25/2)").missing_witness


@pytest.mark.parametrize(("text", "sampled"), [("E[exp(2*Z)] = exp(2)", True), ("E[exp(5*Z)] = exp(25/2)", False)])
def test_a_witness_is_missing_only_where_sampling_does_not_hold(text, sampled):
    report = verify(statement_from_text(text), "quick")
    holding = {e.method for e in report.evidence if e.verdict is Verdict.HOLDS}
    assert ("wide_network" in holding, "witness is missing" in report.note) == (sampled, not sampled)


def test_statement_of_an_activation():
    slope = Symbol("a", positive=True)
    xs = Symbol("x", real=True)
    phi = th.Activation(th.parse_expression("max(x, 0)", [x]) * slope, x)
    found = statement_from_activation(phi)
    assert found.claim.free_symbols == {rho, slope}
    assert verify(found, "quick").verdict is not Verdict.FAILS
    assert xs not in found.claim.free_symbols


@pytest.mark.parametrize("text", ["", "E[U] 0", "E[U*W] = 0", "U = 0", "E[U] = V", "E[3] = 3", "E[U = 0"])
def test_malformed_claims(text):
    with pytest.raises((ParseError, TheoryError)):
        statement_from_text(text)

"""A claim typed as E[...] = ...."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Rational, Symbol, pi
from typed_texts import U, V, Z, a, refused

from theory.parsing import (
    parse_claim,
)
from theory.symbols import rho

ARC_COSINE = (sp.sqrt(1 - rho**2) + rho * (pi - sp.acos(rho))) / (2 * pi)


def test_claim() -> None:
    text = "(sqrt(1-rho^2) + rho*(pi - acos(rho)))/(2*pi)"
    for whole in (f"E[max(U,0)*max(V,0)] = {text}", f"{text}=E [ max(U, 0)*max(V, 0) ]"):
        claim = parse_claim(whole)
        assert claim.integrand == sp.Max(U, 0) * sp.Max(V, 0)
        assert claim.variables == (U, V)
        assert claim.stated == ARC_COSINE
        assert claim.stated != ARC_COSINE + rho
    one = parse_claim("E[max(Z, a)^2] = a^2/2 + 1/2 + e", [a])
    assert one.variables == (Z,)
    assert one.stated == a**2 / 2 + Rational(1, 2) + sp.E
    assert parse_claim("E[U^2] = 1").variables == (U,)
    assert parse_claim("rho = E[(U*(V))*((1))]").integrand == U * V


def test_claim_of_a_linear_combination() -> None:
    assert parse_claim("2*E[U*V] - E[U^2]/3 + rho*E[U*V] = 0").integrand == 2 * U * V - U**2 / 3 + rho * U * V
    assert parse_claim("-E[U*V] + 1 = 1 - rho").integrand == 1 - U * V
    assert parse_claim("rho*(E[U*V] - E[U^2]) = 0").integrand == rho * (U * V - U**2)


@pytest.mark.parametrize(
    ("marked", "fragment"),
    [
        ("¦", "empty"),
        ("E[U*V]¦", "equals"),
        ("E[U*V] = rho ¦= rho", "equals"),
        ("E[U¦=V]", "equals"),
        ("E[U*V] ¦== rho", "'=='"),
        ("¦E(U*V) = rho", "E[...]"),
        ("rho = ¦E(U*V)", "E[...]"),
        ("¦[U*V] = rho", "E[...]"),
        ("2*¦[U] = rho", "E[...]"),
        ("E[U*V] = ¦U", "E[...]"),
        ("¦V + E[U*V] = rho", "E[...]"),
        ("¦rho = rho", "one side"),
        ("¦E[U*V] = E[V*U]", "one side"),
        ("E[U*V] = ¦", "due"),
        ("E[U*V] =¦", "due"),
        ("¦= E[U]", "due"),
        ("E[¦] = rho", "due"),
        ("E¦[U*V = rho", "closed"),
        ("E[(U*V¦] = rho", "closes"),
        ("E[U*V]¦] = rho", "closes"),
        ("E[U]¦E[V] = rho", "missing"),
        ("2¦E[V] = rho", "missing"),
        ("¦E[U*V] - E[U]*E[V] = rho", "linear"),
        ("¦max(E[U], 0) = rho", "linear"),
        ("¦E[U]^2 = rho", "linear"),
        ("¦Piecewise((1, E[U] > 0), (2, True)) = rho", "linear"),
        ("E[¦E[U]] = rho", "not part"),
        ("E¦[1] = 1", "over U and V"),
        ("E¦[U*Z] = 0", "over U and V"),
        ("E[x¦.y] = 0", "'.'"),
        ("E[U*¦y] = 0", "unknown name 'y'"),
        ("E[U*V] = ¦x", "unknown name 'x'"),
    ],
)
def test_claim_refusals(marked: str, fragment: str) -> None:
    assert fragment in refused(marked, parse_claim)


def test_claim_keeps_the_gaussian_names() -> None:
    mine = Symbol("U", positive=True)
    assert "E[...]" in refused("E[U*V] = ¦U", parse_claim, [mine])
    assert parse_claim("E[abs(U)] = 1", [mine]).integrand == sp.Abs(U)

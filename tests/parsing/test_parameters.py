"""Parameters with their inequalities, and values of symbols."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Rational, Symbol
from typed_texts import a, b, refused, t

from theory.errors import ParseError, TheoryError
from theory.parsing import (
    Parameter,
    parse_assumption,
    parse_bindings,
    parse_parameters,
)
from theory.symbols import q1, rho


def test_parameter_conditions_and_signs() -> None:
    plain = parse_assumption("a")
    assert plain == Parameter(Symbol("a", real=True), ())
    unit = parse_assumption(" a : 0 < a < 1 ")
    assert unit.symbol == Symbol("a", positive=True)
    assert [(type(c), c.lhs, c.rhs) for c in unit.conditions] == [
        (sp.StrictLessThan, 0, unit.symbol),
        (sp.StrictLessThan, unit.symbol, 1),
    ]
    assert parse_assumption("tau: tau>0").symbol.is_positive
    assert parse_assumption("a: a > 2").symbol.is_positive
    assert parse_assumption("a: a >= 2").symbol.is_positive
    assert parse_assumption("a: a >= 0").symbol == Symbol("a", real=True, nonnegative=True)
    assert parse_assumption("a: a >= 0").symbol.is_positive is None
    assert parse_assumption("a: -1 < a").symbol.is_positive is None
    assert parse_assumption("a: a < 0").symbol.is_negative
    assert parse_assumption("a: a <= 0").symbol.is_nonpositive
    assert parse_assumption("a: a <= -sqrt(2)").symbol.is_negative
    assert parse_assumption("a: a > 0 and a < b", [b]).conditions[1].rhs == b
    assert parse_assumption("a: a < t", [t]).symbol.is_positive is None
    assert parse_assumption("a: a > t", [t]).symbol.is_positive
    assert parse_assumption("σ_w: σ_w > 0").symbol.name == "σ_w"


def test_parameters_see_each_other() -> None:
    symbols, conditions = parse_parameters(["c: b < c", "b: a < b", "a: a >= 0", "d"])
    assert list(symbols) == ["c", "b", "a", "d"]
    assert symbols["c"].is_positive
    assert symbols["b"].is_positive
    assert symbols["a"].is_nonnegative
    assert symbols["a"].is_positive is None
    assert symbols["d"].is_nonnegative is None
    assert [str(c) for c in conditions] == ["b < c", "a < b", "a >= 0"]
    assert set().union(*(c.free_symbols for c in conditions)) == {symbols[name] for name in "abc"}
    assert parse_parameters([]) == ({}, ())
    assert parse_parameters(["rho: 0 <= rho < 1"])[0] == {"rho": rho}


@pytest.mark.parametrize(
    ("marked", "fragment"),
    [
        ("¦", "empty"),
        ("¦3", "name"),
        ("¦a b", "name"),
        ("¦_a: _a > 0", "name"),
        ("¦ｘ", "name"),
        ("¦: a > 0", "name"),
        ("¦pi", "taken"),
        ("¦x", "taken"),
        (" ¦U: U > 0", "taken"),
        ("¦max: max > 0", "taken"),
        ("¦b: b > 0", "taken"),
        ("a:¦", "due"),
        ("a: ¦a", "comparison"),
        ("a: ¦b < 1", "does not mention a"),
        ("a: a < ¦c", "unknown name 'c'"),
        ("a: a ¦= 1", "'='"),
        ("a: ¦a < 1 or a > 2", "comparison"),
        ("a: 0 < a ¦: 1", "due"),
        ("¦a: 1 < a < 0", "no real value"),
        ("¦a: a < 0 and a > 0", "no real value"),
        ("¦a: a < a", "no real value"),
    ],
)
def test_parameter_refusals(marked: str, fragment: str) -> None:
    assert fragment in refused(marked, parse_assumption, [b])


def test_parameter_types() -> None:
    with pytest.raises(TheoryError, match="sequence"):
        parse_parameters("a: a > 0")
    with pytest.raises(TheoryError, match="received int"):
        parse_parameters([3])  # type: ignore[list-item]
    with pytest.raises(ParseError, match="taken"):
        parse_parameters(["a", "a"])
    with pytest.raises(ParseError, match="no real value"):
        parse_parameters(["a: a < b", "b: b < 0 and a > 0"])


def test_bindings() -> None:
    values = parse_bindings("rho=0.3,q1=1, a = max(1, 2)*sqrt(2)", [rho, q1, a])
    assert values == {rho: Rational(3, 10), q1: 1, a: 2 * sp.sqrt(2)}
    assert values != parse_bindings("rho=0.31,q1=1, a = max(1, 2)*sqrt(2)", [rho, q1, a])


@pytest.mark.parametrize(
    ("marked", "fragment"),
    [
        ("¦", "empty"),
        ("¦rho", "name=value"),
        ("rho=¦", "due"),
        ("rho=1,¦", "name=value"),
        ("rho=1, ¦2=3", "name=value"),
        ("¦rho=1=2", "name=value"),
        ("rho=1, ¦rh=2", "did you mean rho"),
        ("rho=1, ¦rho=2", "already"),
        ("rho=¦a", "unknown name 'a'"),
        ("rho=max(1,¦)", "due"),
        ("q1=¦-1", "assumption"),
        ("q1=¦0", "assumption"),
        ("rho=1¦]", "']'"),
        ("rho=2¦rho", "missing"),
    ],
)
def test_binding_refusals(marked: str, fragment: str) -> None:
    assert fragment in refused(marked, parse_bindings, [rho, q1, a])

"""The value of a typed formula is exact, and every function has been tried."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from sympy import Rational, Symbol, pi
from typed_texts import REFERENCE, a, refused, t

from theory import grammar
from theory.errors import TheoryError
from theory.parsing import (
    parse_expression,
)
from theory.symbols import x


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Rational(1, 10)),
        ("1e-3", Rational(1, 1000)),
        ("1.5E2", Rational(150)),
        (".5", Rational(1, 2)),
        ("5.", Rational(5)),
        ("007", Rational(7)),
        ("0.1 + 0.2", Rational(3, 10)),
        ("12345678901234567890123456789", Rational(12345678901234567890123456789)),
        ("0.1234567890123456789012345678901", Rational(1234567890123456789012345678901, 10**31)),
        ("1e199", Rational(10**199)),
        ("1e-199", Rational(1, 10**199)),
        ("pi", pi),
        ("e", sp.E),
        ("E", sp.E),
    ],
)
def test_number_is_exact(text: str, value: sp.Expr) -> None:
    parsed = parse_expression(text)
    assert parsed == value
    assert not parsed.atoms(sp.Float)
    assert parse_expression(f"{text} + 1e-60") != value


@pytest.mark.parametrize(
    ("text", "value", "damaged"),
    [
        ("2^3*x", 8 * x, 2 ** (3 * x)),
        ("-x^2", -(x**2), x**2),
        ("2^3^2", Rational(512), Rational(64)),
        ("2**3**2", Rational(512), Rational(64)),
        ("2^-x", 2 ** (-x), -(2**x)),
        ("2^-3^2", Rational(1, 512), Rational(512)),
        ("-2^2", Rational(-4), Rational(4)),
        ("(-2)^2", Rational(4), Rational(-4)),
        ("x - 1 - 2", x - 3, x + 1),
        ("x/2/3", x / 6, 3 * x / 2),
        ("x/2*3", 3 * x / 2, x / 6),
        ("1 - x*2 + x^2/4", 1 - 2 * x + x**2 / 4, 2 - 2 * x + x**2 / 4),
        ("--x", x, -x),
        ("+x", x, -x),
        ("2*-x", -2 * x, 2 * x),
        ("1/2*x^2", x**2 / 2, 1 / (2 * x**2)),
        ("e^x", sp.exp(x), sp.E * x),
        ("sqrt(8)", 2 * sp.sqrt(2), sp.sqrt(2)),
        (" \t x\n + (1 +\n 2)\r\n", x + 3, x + 1),
        ("x" + " + x" * 900, 901 * x, 900 * x),
    ],
)
def test_operators(text: str, value: sp.Expr, damaged: sp.Expr) -> None:
    assert parse_expression(text) == value
    assert parse_expression(text) != damaged


ON_UNIT_INTERVAL = {
    "log": mpmath.log,
    "ln": mpmath.log,
    "sqrt": mpmath.sqrt,
    "asin": mpmath.asin,
    "arcsin": mpmath.asin,
    "acos": mpmath.acos,
    "arccos": mpmath.acos,
    "acosh": None,
    "arccosh": None,
}


def _close(text: str, at: Rational, expected: mpmath.mpf) -> bool:
    value = sp.N(parse_expression(text).subs(x, at), 30)
    return bool(abs(mpmath.mpf(str(value)) - expected) < mpmath.mpf(10) ** -25)


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_function_of_the_real_line(name: str) -> None:
    with mpmath.workdps(30):
        for numerator in (-73, -35, -9, -2, 3, 11, 26, 67):
            at = Rational(numerator, 10)
            expected = REFERENCE[name](mpmath.mpf(numerator) / 10)
            assert _close(f"{name}(x)", at, expected), (name, at)
            assert not _close(f"{name}(x) + 1e-20", at, expected)


@pytest.mark.parametrize("name", sorted(ON_UNIT_INTERVAL))
def test_function_of_an_interval(name: str) -> None:
    reference = ON_UNIT_INTERVAL[name]
    with mpmath.workdps(30):
        for numerator in (1, 4, 9):
            z = mpmath.mpf(numerator) / 10
            argument, expected = ("1 + x", mpmath.acosh(1 + z)) if reference is None else ("x", reference(z))
            assert _close(f"{name}({argument})", Rational(numerator, 10), expected)
            assert not _close(f"{name}({argument})*1.00001", Rational(numerator, 10), expected)


def test_every_function_has_been_tried() -> None:
    tried = {*REFERENCE, *ON_UNIT_INTERVAL, "max", "Max", "min", "Min", "leaky_relu", "Piecewise"}
    assert tried == grammar.FUNCTIONS


def test_functions_of_several_arguments() -> None:
    assert parse_expression("max(x, 0)") == sp.Max(0, x)
    assert parse_expression("Max(x, 0, x + 1, 2)") == sp.Max(x + 1, 2)
    assert parse_expression("min(x)") == x
    assert parse_expression("Min(3, 1, 2)") == 1
    assert parse_expression("leaky_relu(x, a)", [x, a]) == sp.Max(x, 0) + a * sp.Min(x, 0)
    assert parse_expression("leaky_relu(x, a)", [x, a]) != sp.Max(x, a * x)
    assert parse_expression("heaviside(0)") == Rational(1, 2)
    assert parse_expression("step(0)") == Rational(1, 2)
    assert parse_expression("relu(relu(x) - 1)") == sp.Max(0, sp.Max(0, x) - 1)


def test_definition_does_not_capture_names() -> None:
    other = Symbol("x", positive=True)
    assert parse_expression("gelu(a)", [a]) == a * ((1 + sp.erf(a / sp.sqrt(2))) / 2)
    assert parse_expression("relu(x)", [other]) == other
    assert parse_expression("leaky_relu(a, x)", [a, x]) == sp.Max(a, 0) + x * sp.Min(a, 0)


def test_piecewise() -> None:
    wanted = sp.Piecewise((-1, x < -1), (x, x <= 1), (1, True))
    assert parse_expression("Piecewise((-1, x < -1), (x, x <= 1), (1, True))") == wanted
    assert parse_expression("Piecewise((-1, x < -1), (x, x <= 1), (1, otherwise))") == wanted
    assert parse_expression("Piecewise((-1, x < -1), (x, x < 1), (1, otherwise))") != wanted
    inside = sp.Piecewise((x, sp.And(x > 0, x < 1)), (0, True))
    for condition in ("0 < x < 1", "x > 0 and x < 1", "(0 < x) and 1 > x"):
        assert parse_expression(f"Piecewise((x, {condition}), (0, otherwise))") == inside
    outside = parse_expression("Piecewise((x, x < 0 or x >= 1), (0, otherwise))")
    assert outside == sp.Piecewise((x, sp.Or(x < 0, x >= 1)), (0, True))
    assert outside != inside
    assert parse_expression("Piecewise((3, otherwise))") == 3


def test_declared_symbols() -> None:
    greek, keyword = Symbol("ρ", real=True), Symbol("lambda", real=True)
    assert parse_expression("ρ^2 + lambda", [greek, keyword]) == greek**2 + keyword
    assert parse_expression("s*2", {"s": t}) == 2 * t
    assert parse_expression("e + pi", {"e": t}) == t + pi
    assert parse_expression("1 + 1", []) == 2
    dummy = sp.Dummy("x")
    assert parse_expression("2*x", [dummy]) == 2 * dummy
    assert parse_expression("Xy_1*x", [Symbol("Xy_1"), x]) == Symbol("Xy_1") * x
    for wrong in ({"y": 3}, ["x"], {3: x.name}):
        with pytest.raises(TheoryError, match="Symbol"):
            parse_expression("1", wrong)  # type: ignore[arg-type]


def test_further_functions() -> None:
    further = {"twice": lambda value: 2 * value, "mean": lambda first, second: (first + second) / 2}
    assert parse_expression("twice(x)^2 + mean(x, 3)", functions=further) == 4 * x**2 + x / 2 + Rational(3, 2)
    assert "argument" in refused("1 + ¦twice(x, x)", lambda text: parse_expression(text, functions=further))
    assert "twice" in refused("1 + ¦twiec(x)", lambda text: parse_expression(text, functions=further))
    assert refused("1 + ¦bad(x)", lambda text: parse_expression(text, functions={"bad": lambda z: 1 / (z - z)}))

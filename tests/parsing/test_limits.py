"""Sizes, depths, digits and decisions that are refused before they cost time."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import sympy as sp
from typed_texts import a, b, refused, t

from theory import grammar, parsing
from theory.errors import ParseError
from theory.parsing import (
    parse_expression,
)
from theory.symbols import x


def test_long_text_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("read")

    exact = "x" + "+x" * 500
    assert parse_expression(exact.ljust(10_000)) == 501 * x
    monkeypatch.setattr(grammar, "tokenize", never)
    monkeypatch.setattr(parsing, "tokenize", never)
    monkeypatch.setattr(ast, "parse", never)
    for text in (exact.ljust(10_001), "(" * 100_000, "9" * 100_000):
        with pytest.raises(ParseError, match="at most 10000 characters") as caught:
            parse_expression(text)
        assert caught.value.position == 10_000
    with pytest.raises(AssertionError, match="read"):
        parse_expression("x")


def _nested(opening: str, closing: str, depth: int, core: str = "x") -> str:
    return opening * depth + core + closing * depth


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("-", ""), ("x^", ""), ("sin(", ")"), ("relu(", ")"), ("(x+2*", ")"), ("2^-", ""), ("sign(1+", ")")],
)
def test_depth(opening: str, closing: str) -> None:
    per_step = 2 if opening == "2^-" else 1
    deepest = 100 // per_step
    if opening not in ("x^", "2^-"):
        assert parse_expression(_nested(opening, closing, deepest)).free_symbols == {x}
    for depth in (deepest + 1, 300, 1200):
        with pytest.raises(ParseError, match=r"nested at most 100 deep|names and operators"):
            parse_expression(_nested(opening, closing, depth))
    with pytest.raises(ParseError, match=r"never closed"):
        parse_expression("(" * 9_999)


def test_nodes() -> None:
    assert parse_expression("x" + "+x" * 999) == 1000 * x
    with pytest.raises(ParseError, match="at most 2000") as caught:
        parse_expression("x" + "+x" * 1000)
    assert caught.value.position == 2000


@pytest.mark.parametrize(
    "text",
    ["1" * 201, "1e200", "1e-200", "0." + "1" * 200, "1e999999", "1e-999999999999999999999999999", "1e+0000000000999"],
)
def test_digits(text: str) -> None:
    assert "digits" in refused("x + ¦" + text, parse_expression)


GROWING = [
    ("9**9**¦9**9", "at most 64"),
    ("2**(¦9**9)", "at most 64"),
    ("(2**64)**¦64", "300 digits"),
    ("(((x+1)**60)**¦60)**60", "at most 64"),
    ("((x+1)**60 + 1)**¦60", "at most 64"),
    ("x^¦65", "at most 64"),
    ("x^¦-65", "at most 64"),
    ("x^(¦64.5)", "at most 64"),
    ("2^(¦x + 65)", "at most 64"),
    ("2^(¦10^30 + x)*2^(-x)", "at most 64"),
    ("(2^(10^9*x))^(¦1/x)", "at most 64"),
    ("exp(10^9*x)^(¦log(2)/x)", "at most 64"),
    ("¦exp(10^9*log(2))", "at most 64"),
    ("¦exp(x + 10^9*log(2))", "at most 64"),
    ("¦sigmoid(10^9*log(2))", "at most 64"),
    ("¦normal_pdf(10^9*sqrt(log(2)))", "at most 64"),
    ("2^(¦log(3)/log(2)*10^9)", "at most 64"),
    ("¦exp(60*log((x+1)^60 + 1))", "at most 64"),
    ("exp(¦exp(exp(99)))", "at most 10000"),
    ("¦exp(exp(exp(3)))", "at most 10000"),
    ("cosh(¦cosh(cosh(99)))", "at most 10000"),
    ("¦sin(10^5)", "at most 10000"),
    ("12^¦0.700000001", "shorter denominator"),
    ("¦12^(1/3)*12^(1/5)*12^(1/7)*12^(1/11)*12^(1/13)*12^(1/17)", "shorter denominator"),
    ("¦exp(log(12)/3 + log(12)/5 + log(12)/7 + log(12)/11 + log(12)/13 + log(12)/17)", "shorter denominator"),
    ("¦sqrt(1e100 + 1)*sqrt(1e101 + 3)*sqrt(1e102 + 1)*sqrt(1e103 + 1)", "300 digits"),
    ("¦1e150*1e160", "300 digits"),
    ("(99999*x)^¦64", "300 digits"),
    ("e^(¦10^9*log(2))", "at most 64"),
    ("e^(¦x + 10^9*log(2))", "at most 64"),
]


@pytest.mark.parametrize(("marked", "fragment"), GROWING)
def test_growth_is_refused(marked: str, fragment: str) -> None:
    assert fragment in refused(marked, parse_expression)


@pytest.mark.parametrize(
    "text",
    [
        "x^64",
        "2^64",
        "(x + 1)^64",
        "((x + 1)^8)^8",
        "2^(x + 64)",
        "exp(1000*x)",
        "exp(-x^2/(2*0.001^2))",
        "(1 + exp(-x^2))^40",
        "exp(64*log(2))",
        "exp(-1000)",
        "e^1000",
        "exp(exp(exp(x)))",
        "sqrt(2)*sqrt(3)*sqrt(5)*sqrt(7)",
        "2^(1/3)*3^0.25",
        "sqrt(0.123456789)",
        "99^64",
        "1e150*1e140",
        "max(x, 10^6)",
    ],
)
def test_moderate_growth_is_admitted(text: str) -> None:
    assert parse_expression(text).is_finite is not False


DECISIONS = {
    "many arguments": "max(" + ",".join(f"sin({k}*x)*exp(-{k}*x) + {k}" for k in range(1, 90)) + ")",
    "nested maxima": "".join(f"max({k}*x + {k * k}, min({k + 1}*x - {k}," for k in range(45)) + "0" + ")" * 90,
    "nested absolute values": _nested("abs(", " - 1)", 99),
    "sum of fractions": "abs(" + " + ".join(f"1/(t + {k})" for k in range(1, 60)) + " - 1)",
    "root of a sum of fractions": "sqrt(" + " + ".join(f"1/(t + {k})" for k in range(1, 60)) + " - 1)",
    "continued fraction": "abs(" + _nested("1 + 1/(", ")", 60, "t") + ")",
    "dense polynomial": "abs(" + " + ".join(f"{(-1) ** k * (k + 1)}*t^{k}" for k in range(65)) + ")",
    "comparison": "Piecewise((1, "
    + " + ".join(f"{(-1) ** k * (k + 1)}*t^{k}" for k in range(65))
    + " < 0), (2, True))",
    "nested constants": _nested("erf(", ")", 99, "1"),
    "roots of long numbers": " + ".join(f"sqrt(1e199 + {2 * k + 1})" for k in range(300)),
    "multinomial": "abs(sinh(log(x) + (x + a + b + a*b + sin(x) + exp(a))^64))",
    "conditions": "Piecewise(" + ", ".join(f"(1, x < {-k} and a < {k})" for k in range(2, 30)) + ", (0, True))",
    "alternatives": "Piecewise((1, "
    + " or ".join(f"x > {k} and a < {k}" for k in range(2, 30))
    + "), (1, x < a), (0, True))",
}


@pytest.mark.parametrize("name", DECISIONS)
def test_costly_decision_is_refused(name: str) -> None:
    with pytest.raises(ParseError, match="the signs of expressions this long"):
        parse_expression(DECISIONS[name], [x, a, b, t])


def test_written_out_size() -> None:
    assert parse_expression(_nested("gelu(", ")", 5)).free_symbols == {x}
    with pytest.raises(ParseError, match="more than 10000 nodes once written out"):
        parse_expression(_nested("gelu(", ")", 99))


def test_small_decisions_are_made() -> None:
    assert parse_expression("abs(t^2 + 1)", [t]) == t**2 + 1
    assert parse_expression("max(t, 0)", [t]) == t
    assert parse_expression("abs(1/(t + 1) + 1/(t + 2))", [t]) == 1 / (t + 1) + 1 / (t + 2)
    assert len(parse_expression("max(x, 2*x, 3*x, x^2, -x)").args) == 5
    assert parse_expression(_nested("abs(", " - 1)", 12)).has(sp.Abs)
    clipped = parse_expression("max(-1, min(1, max(-2, min(2, x))))")
    assert [clipped.subs(x, value) for value in (-9, -1, 0, 1, 9)] == [-1, -1, 0, 1, 1]


def test_source_evaluates_no_text() -> None:
    forbidden = {"eval", "exec", "compile", "sympify", "parse_expr", "__import__", "S", "simplify", "integrate"}
    for module in (grammar, parsing):
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        called = {
            node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        }
        assert not called & (forbidden - {"compile"})
        assert "parse" in called or module is parsing

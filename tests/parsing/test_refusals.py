"""What is no formula is refused at its place."""

from __future__ import annotations

import pytest
from sympy import Symbol
from typed_texts import refused

from theory.errors import ParseError, TheoryError
from theory.parsing import (
    parse_expression,
)
from theory.symbols import x

REFUSALS = [
    ("¦", "empty"),
    ("¦ \n\t ", "empty"),
    ("x +¦", "due"),
    ("x + ¦* 2", "due"),
    ("x <¦", "due"),
    ("¦()", "Piecewise"),
    ("max(x,¦)", "due"),
    ("¦(x", "never closed"),
    ("1 + ¦(x + (2*x)", "closed"),
    ("x¦)", "closes"),
    ("(x¦]", "']'"),
    ("2¦x", "write 2*x"),
    ("2 ¦x", "write 2*x"),
    ("3.5¦e", "write 3.5*e"),
    ("x ¦x", "write x*x"),
    ("(x)¦(x)", "missing"),
    ("(x)¦x", "missing"),
    ("2¦(x)", "missing"),
    ("sin ¦x", "write sin(x)"),
    ("1.2¦.3", "missing"),
    ("0¦x10", "missing"),
    ("1¦_000", "missing"),
    ("1¦j", "missing"),
    ("1 + ¦x(2)", "x*(...)"),
    ("¦pi(2)", "pi*(...)"),
    ("1 + ¦sin", "sin(...)"),
    ("1 + ¦sgmoid(x)", "did you mean sigmoid"),
    ("1 + ¦softplsu(x)", "softplus"),
    ("1 + ¦factorial(5)", "unknown function"),
    ("1 + ¦gamma(5)", "unknown function"),
    ("1 + ¦phi(5)", "normal_pdf"),
    ("x + ¦y", "unknown name 'y'"),
    ("x + ¦I", "complex"),
    ("x + ¦oo", "infinity"),
    ("x + ¦nan", "infinity and nan"),
    ("x + ¦inf", "infinity"),
    ("x + ¦U", "E[...]"),
    ("¦True + 1", "condition"),
    ("1 + ¦otherwise", "condition"),
    ("¦False", "'False'"),
    ("¦None", "'None'"),
    ("¦x < 1", "Piecewise"),
    ("¦x and x", "Piecewise"),
    ("¦not x", "'not'"),
    ("max(¦x < 1, 0)", "Piecewise"),
    ("max(¦(x, 1), 0)", "Piecewise"),
    ("¦x, x", "Piecewise"),
    ("x¦.__class__", "'.'"),
    ("x¦.real", "'.'"),
    ("¦...", "'.'"),
    ("x¦[0]", "claim only"),
    ("¦lambda x: x", "'lambda'"),
    ("¦[x for x in x]", "'['"),
    ("(x ¦for x in x)", "'for'"),
    ("¦{x}", "'{'"),
    ('¦"x"*10**6', "'\"'"),
    ("f¦'{x}'", '"\'"'),
    ("max(x, key¦=1)", "'='"),
    ("max(¦*x)", "not part"),
    ("¦max(**x)", "not part"),
    ("¦__import__('os').system('id')", "underscores"),
    ("open(¦'f')", '"\'"'),
    ("(x ¦:= 1)", "':='"),
    ("x ¦= 1", "'='"),
    ("x ¦== 1", "'=='"),
    ("x ¦!= 1", "'!='"),
    ("x¦!", "'!'"),
    ("x ¦// 2", "'//'"),
    ("x ¦% 2", "'%'"),
    ("x ¦@ x", "'@'"),
    ("x <¦< 2", "due"),
    ("x ¦| 2", "'|'"),
    ("¦~x", "'~'"),
    ("x ¦if x else x", "'if'"),
    ("¦await x", "'await'"),
    ("x ¦# comment", "'#'"),
    ("x¦;x", "';'"),
    ("x ¦\\\n + 1", "\\"),
    ("x¦\0", "x00"),
    ("x + ¦\x1b[0m", "x1b"),
    ("x + ¦\ud800", "ud800"),
    ("1 + ¦ｘ", "uff58"),
    ("1 + ¦ρ", "u03c1"),
    ("¦x²", "not ASCII"),
    ("1 ¦− x", "'−'"),
    ("1 + ¦٣", "'٣'"),
    ("x +¦\u00a01", "xa0"),
    ("¦max()", "takes 1 argument(s) or more; received 0"),
    ("1 + ¦sign(x, x)", "takes 1 argument(s); received 2"),
    ("1 + ¦leaky_relu(x)", "takes 2 argument(s); received 1"),
    ("1 + ¦relu()", "takes 1 argument(s); received 0"),
    ("¦Piecewise()", "pair"),
    ("Piecewise(¦x)", "pairs"),
    ("Piecewise(¦(x, x < 0, 1), (1, True))", "pairs"),
    ("Piecewise((x, ¦x < 0))", "last branch"),
    ("Piecewise((x, x < 0), (1, ¦x >= 0))", "last branch"),
    ("Piecewise((x, ¦True), (1, True))", "last branch"),
    ("Piecewise((x, ¦x), (1, True))", "comparison"),
    ("Piecewise((x, x < 1 and ¦True), (1, True))", "comparison"),
    ("Piecewise((x, x < 1 and ¦elu(x) > 0), (1, True))", "no Piecewise"),
    ("Piecewise((x, (¦x < 1) < 2), (1, True))", "Piecewise only"),
    ("1/¦0", "zero"),
    ("x/(¦x - x)", "zero"),
    ("x + ¦log(0)", "infinite"),
    ("x + ¦tan(pi/2)", "infinite"),
    ("0^¦-1", "infinite"),
    ("x + ¦sqrt(-1)", "not real"),
    ("(-8)^(¦1/3)", "not real"),
    ("(-2)^¦x", "not real"),
    ("x + ¦log(-2)", "not real"),
    ("x + ¦asin(2)", "not real"),
    ("x + ¦acosh(0)", "not real"),
]


@pytest.mark.parametrize(("marked", "fragment"), REFUSALS)
def test_refusal_blames_the_place(marked: str, fragment: str) -> None:
    assert fragment in refused(marked, parse_expression)


@pytest.mark.parametrize("value", [None, 3, 1.5, b"x", ["x"], x])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TheoryError, match=f"text .*received {type(value).__name__}"):
        parse_expression(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "marked",
    ["x^2 + x^3*¦y", "\n  x^2 +\n  ¦y", "ρρ^2*¦y", "ρρ*(x +\n\t ¦y)", "2*x**2 - ¦y^ρρ", "max(ρρ,\n\n max(x, ¦y))"],
)
def test_place_counts_characters_as_typed(marked: str) -> None:
    names = [x, Symbol("ρρ", real=True)]
    assert "unknown name 'y'" in refused(marked, parse_expression, names)
    assert parse_expression(marked.replace("¦y", "x"), names).has(x)


def test_message_points_with_a_caret() -> None:
    text = "max(x,\t0)\x1b + 1" + " + x" * 30 + " + yy + x" + " + x" * 30
    with pytest.raises(ParseError) as caught:
        parse_expression(text.replace("\x1b", ""))
    _, excerpt, pointer = str(caught.value).split("\n")
    assert excerpt[pointer.index("^") :].startswith("yy")
    with pytest.raises(ParseError) as caught:
        parse_expression(text)
    _, excerpt, pointer = str(caught.value).split("\n")
    assert "\x1b" not in excerpt
    assert "\t" not in excerpt
    assert excerpt[pointer.index("^")] == "\ufffd"
    assert caught.value.text == text

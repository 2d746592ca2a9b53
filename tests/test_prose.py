"""Formulas inside sentences: what is set as mathematics, what stays a word, and that nothing is left open."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from theory.latex import escape
from theory.prose import prose_latex

WORDS = (
    "E[", "phi", "(", ")", "]", "{", "}", "|", "^", "_", "/", "-", "+", "*", "=", "<=", "~", "...", "!", "'", ",",
    ".", "a", "A", "the", "sum", "sqrt(", "max(", "c_k", "He_k", "rho*", "x", "n", "2", "12", "K'^2", "`code`",
    "$", "%", "#", "\\", "d/dq", "mean(",
)  # fmt: skip


def typeset(text: str) -> str:
    return prose_latex(text, escape)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the mean E[phi(X)^2] of a layer", r"the mean $\mathbb{E}[\varphi(X)^{2}]$ of a layer"),
        ("tends to -2 with K*", r"tends to $-2$ with ${K^*}$"),
        ("k^(4)(0) and x^(k + 1)", r"$k^{(4)}(0)$ and $x^{k + 1}$"),
        ("sqrt(2) times the sum of c_k^2", r"$\sqrt{2}$ times the sum of $c_k^{2}$"),
        ("sum_(k >= 1) c_k^2", r"$\sum_{k \ge 1} c_k^{2}$"),
        ("an n x n matrix", r"an $n \times n$ matrix"),
        ("E[r' | r] = |r|", r"$\mathbb{E}[r' \mid r] = |r|$"),
        ("r^|i - j|", r"$r^{|i - j|}$"),
        ("d/dq1 of dK'/dK", r"$d/dq_{1}$ of $dK'/dK$"),
        ("(2k - 1)!! in Price's book", r"$(2k - 1)!!$ in Price's book"),
        ("He said a word, and A bound; 25 terms", "He said a word, and A bound; 25 terms"),
        ("He_(k+1)(Z)", r"$\mathrm{He}_{k+1}(Z)$"),
        ("in (0, 1], 50 % of it", r"in (0, 1], 50 \% of it"),
        ("`x^2` is code", r"\texttt{x\textasciicircum{}2} is code"),
        ("alpha beta, exp(-l/xi_c)", r"$\alpha \beta$, $\exp(-l/\xi_c)$"),
        ("log I <= m", r"$\log I \le m$"),
        ("a phi, phi a kernel", r"$a \varphi$, $\varphi$ a kernel"),
        ("sqrt(x", r"sqrt($x$"),
        ("", ""),
    ],
)
def test_sentences(text, expected):
    assert typeset(text) == expected


def open_ends(text: str) -> list[str]:
    """What would stop pdflatex."""
    plain = re.sub(r"\\[{}$#%&_\\]", "", text)
    found = [] if plain.count("{") == plain.count("}") else ["braces"]
    formulas = re.findall(r"\$([^$]*)\$", plain)
    if plain.count("$") % 2 or any(f.count("{") != f.count("}") for f in formulas):
        found.append("formulas")
    outside = re.sub(r"\$[^$]*\$", "", plain)
    if re.search(r"[\^_#&%~]", outside.replace(r"\textasciitilde{}", "")):
        found.append("characters")
    if any(re.search(r"\^\{[^{}]*\}\^|[\^_]\s*$|\*\^|\^\s*\^", f) for f in formulas):
        found.append("scripts")
    return found


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from(["", " "]))
def test_nothing_is_left_open(words, gap):
    assert open_ends(typeset(gap.join(words))) == []


@pytest.mark.parametrize(
    ("damaged", "slip"), [("$x", "formulas"), ("{x", "braces"), ("a_b", "characters"), ("$x^{2}^3$", "scripts")]
)
def test_open_ends_are_seen(damaged, slip):
    assert slip in open_ends(damaged)

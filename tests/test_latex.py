"""LaTeX: notations, escaping, statements and appendices."""

from __future__ import annotations

import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from sympy import Add, Function, Max, Rational, Symbol, acos, asin, exp, hermite_prob, pi, sqrt, symbols

from theory.claims import Bound, DepthAsymptotic, GaussianIdentity, Refutation
from theory.display import display, equation_lines
from theory.domains import Interval, Simplex
from theory.errors import StatementError, UnknownNameError
from theory.gaussian.law import Gaussian
from theory.latex import escape, latex, notations, write_latex
from theory.statement import Statement
from theory.symbols import C_W, C_b, ell, k, q, q1, q12, rho, sigma_b, sigma_w, u, v, x

STATED = (sqrt(1 - rho**2) + rho * (pi - acos(rho))) / (2 * pi)
RELU = GaussianIdentity(Max(u, 0) * Max(v, 0), Gaussian([u, v], corr=rho), STATED)
WILD = r"50% of E[max(U,0)^2] & #1 {σ_w} ~ ρ ≤ ∞ \alpha <ok>"


def statement(identifier="relu_dual", **changes):
    arguments = {
        "claim": RELU,
        "domains": {rho: Interval(-1, 1)},
        "identifier": identifier,
        "prose": "Dual activation of the rectifier.",
        "sources": ["cho2009kernel", "price1958useful"],
        "status": "theorem",
    }
    return Statement(**(arguments | changes))


def balanced(text: str) -> bool:
    """Every environment closed in order, every brace matched, no character that stops pdflatex."""
    stack: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([\w*]+)\}", text):
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            return False
    plain = re.sub(r"\\[{}\\]", "", text)
    greek = any(0x370 <= ord(character) < 0x400 for character in text)
    return not stack and plain.count("{") == plain.count("}") and not greek


def body(text: str) -> str:
    """The text without comments."""
    return re.sub(r"(?<!\\)%.*", "", text)


@pytest.mark.parametrize(
    ("expr", "notation", "expected"),
    [
        (acos(rho), "mean-field", r"\arccos{\left(\rho \right)}"),
        (asin(rho) ** 2, "pdlt", r"\arcsin^{2}{\left(\rho \right)}"),
        (C_W**2, "mean-field", r"\sigma_{w}^{4}"),
        (C_W**2, "pdlt", r"C_{W}^{2}"),
        (sigma_w**2 * q, "pdlt", r"C_{W} K"),
        (sigma_b**2 + q12, "pdlt", r"C_{b} + K_{12}"),
        (C_b, "mean-field", r"\sigma_{b}^{2}"),
        (Function("kappa")(rho), "daniely", r"\hat{\sigma}{\left(\rho \right)}"),
        (Function("kappa")(rho), "mean-field", r"\kappa{\left(\rho \right)}"),
        (Symbol("C_W"), "mean-field", r"\sigma_{w}^{2}"),
        (q1**2, {q1: "v"}, "v^{2}"),
        (q1**2, {"q1": r"v^\star"}, r"\left(v^\star\right)^{2}"),
        (q1**2, {"q1": sqrt(q)}, "q"),
    ],
)
def test_notations(expr, notation, expected):
    assert latex(expr, notation) == expected


def test_unknown_notation_suggests_the_nearest():
    assert set(notations()) == {"mean-field", "pdlt", "daniely"}
    with pytest.raises(UnknownNameError, match="did you mean mean-field"):
        latex(rho, "meanfield")


def test_functions_of_the_project_print_themselves():
    class Special(Function):
        def _latex(self, printer):
            return rf"\Phi_2({printer._print(self.args[0])})"

    assert latex(Special(C_W)) == r"\Phi_2(\sigma_{w}^{2})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50% & more", r"50\% \& more"),
        ("a_b #1 $x$ {y}", r"a\_b \#1 \$x\$ \{y\}"),
        ("x^2 ~ y \\ z", r"x\textasciicircum{}2 \textasciitilde{} y \textbackslash{} z"),
        ("λ Σ ≤ é", r"$\lambda$ $\Sigma$ $\le$ é"),
        ("\u03bf \u2202", "[U+03BF] [U+2202]"),
    ],
)
def test_text_is_escaped(text, expected):
    assert escape(text) == expected
    assert balanced(escape(text))


def test_statement_is_a_labelled_environment_with_citations():
    text = statement().latex()
    assert text.startswith(r"\begin{theorem}[\cite{cho2009kernel,price1958useful}]\label{thm:relu_dual}")
    assert text.endswith(r"\end{theorem}")
    assert r"\arccos" in text
    assert r"for all $\rho \in [-1, 1]$." in text
    assert balanced(text)
    bare = statement().latex(environment=False)
    assert bare.startswith(r"\begin{equation*}")
    assert r"\label" not in bare
    assert "$" in statement()._repr_latex_()


def test_environment_follows_the_status():
    false = Refutation(Bound(x, x**2), {x: Rational(1, 2)})
    cases = {
        "derived": statement(status="derived"),
        "heuristic": statement(status="heuristic"),
        "conjecture": statement(status="conjecture"),
        "refuted": Statement(false, {x: Interval(0, 1)}, assumptions=[x > 0]),
    }
    names = {
        "derived": "proposition",
        "heuristic": "heuristic",
        "conjecture": "conjecture",
        "refuted": "refutation",
    }
    for status, case in cases.items():
        assert case.latex().startswith(rf"\begin{{{names[status]}}}")
    refuted = cases["refuted"].latex()
    assert "for all" not in refuted  # the claim is false at one point, not for all
    assert r"where $x \in [0, 1]$, provided that $x > 0$." in refuted


def test_unsourced_statement_cites_nothing():
    text = statement(sources=(), prose="").latex()
    assert r"\cite" not in text
    assert text.splitlines()[1] == r"\begin{equation*}"


def test_domains_use_the_notation_of_the_formula():
    s = Statement(Bound(x, C_W), {x: Interval(0, C_W), C_W: Interval(0, 1)})
    assert r"x \in [0, \sigma_{w}^{2}]" in s.latex()
    assert r"x \in [0, C_{W}]" in s.latex(notation="pdlt")


def test_vector_variables_are_listed():
    p = symbols("p1 p2", nonnegative=True)
    text = Statement(Bound(p[0] * p[1], Rational(1, 4)), {p: Simplex(2)}).latex()
    assert r"(p_{1}, p_{2}) \in \Delta^{1}" in text


def test_asymptotics_keep_sums_together():
    claim = DepthAsymptotic(1 / ell, ell, 1, q + 1, Rational(-5, 6))
    assert r"\frac{q + 1}{\ell} \left(1 - \frac{5 \log{\left(\ell \right)}}{6 \ell} + O" in claim.latex(latex)


def test_the_balance_check_can_fail():
    assert balanced(r"\begin{a}\begin{b}{\}}\end{b}\end{a}")
    assert not balanced(r"\begin{a}\begin{b}\end{a}\end{b}")
    assert not balanced(r"\begin{a}")
    assert not balanced(r"{\}")
    assert not balanced("σ")


EVIDENCE = {
    "relu_dual": SimpleNamespace(verdict=SimpleNamespace(name="HOLDS"), grade="CERTIFIED", seed=7),
    "open": SimpleNamespace(verdict="HOLDS", grade=SimpleNamespace(name="STATISTICAL")),
}


def chosen():
    return [statement(), statement("open", status="conjecture", prose=WILD), statement("idle", sources=())]


def test_fragment_has_labels_provenance_and_table(tmp_path):
    path = write_latex(tmp_path / "appendix.tex", chosen(), evidence=EVIDENCE)
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\\label\{(.*?)\}", text) == ["thm:relu_dual", "thm:open", "thm:idle"]
    assert re.search(
        r"^% relu_dual, widetheory \S+, status theorem, verdict HOLDS, grade CERTIFIED, seed 7$", text, re.M
    )
    assert re.search(r"^% idle, .*not checked$", text, re.M)
    assert r"relu\_dual & theorem & holds & certified \\" in text
    assert r"idle & theorem & not checked & -- \\" in text
    assert r"\documentclass" not in text
    assert balanced(body(text))


def test_a_conjecture_is_never_shown_as_proved(tmp_path):
    text = write_latex(tmp_path / "a.tex", chosen(), evidence=EVIDENCE).read_text(encoding="utf-8")
    assert r"open & conjecture & not refuted & statistical \\" in text
    assert re.search(r"^% open, .*verdict not refuted, grade STATISTICAL$", text, re.M)


def test_without_evidence_nothing_is_said_of_verdicts(tmp_path):
    text = write_latex(tmp_path / "a.tex", chosen()).read_text(encoding="utf-8")
    assert "verdict" not in text
    assert "checked" not in text
    assert r"\toprule" not in text


def test_standalone_document_is_complete(tmp_path):
    text = write_latex(tmp_path / "a.tex", chosen(), EVIDENCE, "pdlt", standalone=True).read_text(encoding="utf-8")
    assert balanced(body(text))
    assert text.startswith(r"\documentclass")
    assert text.rstrip().endswith(r"\end{document}")
    defined = set(re.findall(r"\\newtheorem\{(\w+)\}", text))
    assert {"theorem", "conjecture"} <= set(re.findall(r"\\begin\{(\w+)\}", text)) & defined
    cited = {key for keys in re.findall(r"\\cite\{(.*?)\}", text) for key in keys.split(",")}
    assert cited == set(re.findall(r"\\bibitem\{(.*?)\}", text)) == {"cho2009kernel", "price1958useful"}


def test_labels_are_unique(tmp_path):
    with pytest.raises(StatementError, match="relu_dual"):
        write_latex(tmp_path / "a.tex", [statement(), statement()])


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.tex"
    path.write_text("old")
    with pytest.raises(UnknownNameError):
        write_latex(path, chosen(), notation="nobody's")
    assert path.read_text() == "old"
    write_latex(path, chosen())
    assert path.read_text(encoding="utf-8") != "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.tex"]


PACKAGES = ("amsmath", "amssymb", "amsthm", "booktabs", "graphicx", "hyperref")


def has_latex() -> bool:
    """Is there a pdflatex, with the packages that a standalone document loads?"""
    if shutil.which("pdflatex") is None or shutil.which("kpsewhich") is None:
        return False
    found = [subprocess.run(["kpsewhich", f"{name}.sty"], capture_output=True, check=False) for name in PACKAGES]
    return all(run.returncode == 0 for run in found)


@pytest.mark.skipif(not has_latex(), reason="pdflatex or one of its packages is not installed")
def test_standalone_document_compiles(tmp_path):
    def compiles(path):
        command = ["pdflatex", "-draftmode", "-halt-on-error", "-interaction=nonstopmode", path.name]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0

    path = write_latex(tmp_path / "a.tex", chosen(), EVIDENCE, standalone=True)
    assert compiles(path)
    path.write_text(path.read_text(encoding="utf-8").replace(r"\#", "#"), encoding="utf-8")
    assert not compiles(path)


def test_sums_and_exponentials_keep_their_shape():
    assert latex(exp(-q) + 1) == "1 + e^{- q}"


def unbroken(text):
    return re.sub(r"\\begin\{align\*\}|\\end\{align\*\}|\\\\\s*&\\quad|&|\\fit|\\quad|\s|,|[{}]", "", text)


@pytest.mark.parametrize("terms", [1, 4, 12, 40])
def test_wide_sums_are_broken_between_terms(terms):
    formula = latex(sum((q ** (k + 1) * exp(-k * q) / (k + 2) for k in range(1, terms)), q)) + r" \le 1,\quad q > 0"
    text = display(formula)
    lines = text.splitlines()[1:-1]
    assert (len(lines) > 1) == (terms > 4)
    assert max(map(len, lines)) < 400
    assert text.startswith(r"\begin{align*}" if len(lines) > 1 else r"\begin{equation*}")
    if len(lines) > 1:
        assert unbroken(text) == unbroken(formula)
        assert r"\fit" not in text


def test_a_wide_product_is_scaled_and_a_condition_is_kept_whole():
    factors = " ".join(rf"\left(x_{{{k}}} + y_{{{k}}}\right)" for k in range(20))
    text = display(rf"{factors} = - z,\quad z = 1 + t")
    assert text.splitlines()[1:-1] == [rf"  &\fit{{{factors}}} \\", r"  &\quad = - z,\quad z = 1 + t"]


def test_rows_of_a_matrix_stand_below_each_other():
    row = " & ".join(rf"q_{{{k}}}" for k in range(12))
    assert "equation" in display(r"\begin{matrix}" + r"\\".join([row] * 12) + r"\end{matrix}")
    assert "align" in display("a = " + row.replace("&", "=") + " = " + row.replace("&", "+") * 3)


def test_hermite_polynomials_and_scalar_laws_are_set_as_in_print():
    assert latex(hermite_prob(k, u) ** 2) == r"\mathit{He}_{k}\left(u\right)^{2}"
    scalar = GaussianIdentity(u**2, Gaussian(u, cov=[[q]]), q)
    assert r"\mathcal{N}\left(0,\, q\right)" in scalar.latex(latex)


def test_wide_terms_are_multiplied_out_and_what_cannot_be_is_scaled():
    waves = [exp(-k * x) / (k + sqrt(x)) for k in range(2, 16)]
    lines = equation_lines("F", q + x * Add(*waves), latex).split("\\\\\n")
    assert len(lines) == 2
    assert all(1 < line.count("x e^{") < 10 for line in lines)
    assert "resizebox" not in "".join(lines)
    single = equation_lines("F", 1 / Add(*waves), latex)
    assert single.count("resizebox") == 1
    assert equation_lines("F", q + x, latex) == "F &= q + x"


def test_a_factor_of_a_long_sum_stands_before_one_pair_of_brackets():
    waves = [exp(-k * x) / (k + sqrt(x)) for k in range(2, 16)]
    text = equation_lines("F", acos(rho) * Add(*waves), latex)
    assert text.count(r"\Bigl(") == text.count(r"\Bigr)") == 1
    assert text.count("arccos") == 1

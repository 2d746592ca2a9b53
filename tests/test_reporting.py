"""The report to take home: HTML pages that stand alone, and a LaTeX appendix that compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from sympy import Rational, cos

import numerics as nm
import theory as th
from numerics.cli import main
from numerics.report import Report, Reports
from numerics.reporting.appendix import write_appendix
from numerics.reporting.constants import constants_of
from numerics.reporting.mathml import mathml
from numerics.reporting.pictures import picture
from numerics.reporting.proofs import proof_of
from numerics.reporting.site import write_html
from numerics.statistics import Accumulator, ConfidenceSequence
from numerics.traces import Path as SamplePath
from numerics.traces import Trace, sequence_trace
from numerics.verdict import Evidence, Grade, Verdict
from theory.claims import Identity
from theory.domains import Interval
from theory.errors import TheoryError, UnsupportedError
from theory.latex import latex
from theory.statement import Statement
from theory.symbols import rho, x

WILD = "<script>alert('x')</script> & \"quotes\" `a<b`"
NAMES = ("relu_dual", "haar_fourth_moment", "isometry_gain_sharper_bound", "layer_balance_invariant")
ALONE = {"meta", "link", "br", "wbr", "path", "rect", "circle", "polyline", "polygon"}


class Page(HTMLParser):
    """Links, anchors and tags of a page; `fault` names the first tag that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.fault = ""
        self.feed(text)
        self.fault = self.fault or "".join(self.open)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ALONE:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("href", "src"):
                self.links.append(value)
            if name == "id":
                self.anchors.add(value)

    def handle_endtag(self, tag):
        if tag not in ALONE and (not self.open or self.open.pop() != tag):
            self.fault = self.fault or tag


def dead_links(folder: Path) -> list[str]:
    """Links that lead nowhere or out of the folder."""
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")}
    dead = []
    for path, page in pages.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            if not target.is_file() or (anchor and anchor not in pages[target].anchors):
                dead.append(f"{path.name}: {link}")
    return dead


@pytest.fixture(scope="module")
def reports():
    return nm.verify_all(identifiers=NAMES, budget="quick")


@pytest.fixture(scope="module")
def site(reports, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    write_html(folder, reports, [th.lookup(name) for name in NAMES])
    return folder


def body(site: Path, name: str) -> str:
    return (site / "statements" / f"{name}.html").read_text(encoding="utf-8")


def test_every_formula_of_the_catalogue_has_mathml():
    for s in th.statements():
        texts = [s.claim.latex(latex), *map(latex, s.assumptions)]
        texts += [d.latex("x", latex) for d in s.domains.values()]
        texts += [c.latex(latex) for c in s.damaged_claims()]
        for text in texts:
            tree = ElementTree.fromstring(mathml(text))
            assert tree.tag == "math"
            assert "\\" not in "".join(tree.itertext()), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x^{2}_1", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"),
        ("x^23", "<mrow><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></mrow>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        ("f''", "<msup><mi>f</mi><mrow><mo>′</mo><mo>′</mo></mrow></msup>"),
        ("x - 1", "<mrow><mi>x</mi><mo>−</mo><mn>1</mn></mrow>"),
        ("(-1", '<mrow><mo stretchy="false">(</mo><mo form="prefix">−</mo><mn>1</mn></mrow>'),
        (") - 1", '<mrow><mo stretchy="false">)</mo><mo>−</mo><mn>1</mn></mrow>'),
        ("a<b", "<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>"),
        (r"\text{a \& $\rho$}", "<mrow><mtext>a &amp;\u00a0</mtext><mi>ρ</mi></mrow>"),
        (r"\sum_{k=1}^n", "<munderover><mo>∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>"),
        (r"\mathbb{E}\mathcal{N}", "<mrow><mi>𝔼</mi><mi>𝒩</mi></mrow>"),
    ],
)
def test_mathml(text, expected):
    assert mathml(text, display=False) == f"<math>{expected}</math>"


@pytest.mark.parametrize(
    "text",
    [
        r"\unknown x",
        r"\frac{1}",
        "{x",
        "x}",
        r"\left(x",
        r"\begin{matrix}1",
        "$",
        r"\begin{matrix}1\end{cases}",
        "x^",
        "&",
    ],
)
def test_what_is_not_understood_is_refused(text):
    with pytest.raises(UnsupportedError, match="no MathML"):
        mathml(text)


def test_pages_are_whole_and_links_alive(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) == len(NAMES) + 2
    for path in pages:
        page = Page(path.read_text(encoding="utf-8"))
        assert page.fault == ""
        assert not {"script", "img", "iframe"} & set(page.tags)
        assert not [link for link in page.links if ":" in link]
    assert dead_links(site) == []
    (site / "statements" / "relu_dual.html").rename(site / "away.html")
    assert dead_links(site)
    (site / "away.html").rename(site / "statements" / "relu_dual.html")


def test_the_checks_of_pages_can_fail():
    assert Page("<p><b>x</p></b>").fault
    assert Page("<p>").fault
    assert not Page("<p>x<br></p>").fault


def test_page_of_a_theorem(site):
    text = body(site, "relu_dual")
    for part in ("Proved in the cited source", "Youngmin Cho", "Stein", "copies refuted", "wide_network", "<msqrt>"):
        assert part in text
    assert text.count("<svg") == 2
    assert "refuted by exact, certified, quadrature, wide_network" in text
    assert "widetheory verify relu_dual --budget quick --seed 0" in text
    assert "<code>" not in text.partition("<h2>Evidence")[0].replace("<pre>", "")  # no formula shown as its source
    assert "holds (the refutation)" in body(site, "isometry_gain_sharper_bound")


def test_html_of_strangers_is_escaped(tmp_path):
    claim = Identity(cos(2 * x), 2 * cos(x) ** 2 - 1)
    s = Statement(claim, {x: Interval(-1, 1)}, prose=f"{WILD}\n\nmore {WILD}", topics=(WILD,))
    evidence = Evidence(WILD, Grade.EXACT, Verdict.HOLDS, WILD, {WILD: WILD}, WILD, WILD, survivors=(WILD,))
    names = ["a.toml::<b>&", "a.toml::<B>&", "../../up", "::"]
    found = Reports(tuple(Report(name, Verdict.HOLDS, (evidence,), WILD) for name in names))
    write_html(tmp_path / "r", found, dict.fromkeys(names, s))
    files = sorted(path.name for path in (tmp_path / "r" / "statements").iterdir())
    assert files == ["a-toml-B-2.html", "a-toml-b.html", "claim.html", "up.html"]
    assert [p.name for p in tmp_path.iterdir()] == ["r"]
    for path in (tmp_path / "r").rglob("*.html"):
        page = Page(path.read_text(encoding="utf-8"))
        assert page.fault == ""
        assert "script" not in page.tags
    assert dead_links(tmp_path / "r") == []
    text = (tmp_path / "r" / "statements" / "up.html").read_text(encoding="utf-8")
    assert "<code>a&lt;b</code>" in text
    assert "not refuted" in text  # a conjecture is not shown as proved, except by an exact witness


def test_a_report_without_statement_has_a_page(tmp_path):
    found = Reports((Report("broken", Verdict.ERROR, (), "ValueError: <x>"),), interrupted=True, remaining=("b", "c"))
    index = write_html(tmp_path, found, [])
    assert "2 not looked at" in index.read_text(encoding="utf-8")
    assert "ValueError: &lt;x&gt;" in body(tmp_path, "broken")


def test_a_strange_folder_is_refused(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(TheoryError, match="no report"):
        write_html(tmp_path, Reports(()), [])
    assert (tmp_path / "index.html").read_text() == "mine"


def test_an_old_page_goes(tmp_path):
    old = Reports((Report("old", Verdict.ERROR, ()),))
    write_html(tmp_path, old, [])
    (tmp_path / "statements" / "note.html").write_text("mine")
    write_html(tmp_path, Reports((Report("new", Verdict.ERROR, ()),)), [])
    assert sorted(p.name for p in (tmp_path / "statements").iterdir()) == ["new.html", "note.html"]


def test_traces_survive_json(reports):
    traces = {e.method: e.trace for e in reports["relu_dual"].evidence}
    assert traces["certified"].axis == "rho"
    assert traces["wide_network"].axis == "draws"
    rows = traces["wide_network"].rows
    assert all(low < stated < high for _, low, high, stated in rows)
    assert rows[-1][2] - rows[-1][1] < rows[0][2] - rows[0][1]
    assert Reports.from_json(reports.to_json()) == reports
    plain = reports["relu_dual"].as_dict()
    for e in plain["evidence"]:
        del e["trace"]  # a report of an earlier version
    assert Report.from_json(plain).evidence[0].trace is None


def test_path_of_a_sample_follows_it():
    sequence, path, total = ConfidenceSequence(alpha=0.01), SamplePath(), Accumulator()
    draws = [(-1.0) ** i for i in range(1000)]
    for start in (0, 300, 301, 310):
        part = draws[start : {0: 300, 300: 301, 301: 310, 310: 1000}[start]]
        path.extend(total, part)
        total = total.add(part)
    counts = [summary.count for summary in path.summaries]
    assert counts == sorted(set(counts))
    assert all(abs(s.mean - sum(draws[: s.count]) / s.count) < 1e-12 for s in path.summaries)
    trace = sequence_trace([*path.summaries, total], sequence, 0.0, 0.1)
    assert trace is not None
    assert trace.rows[-1][0] == 1000
    assert sequence_trace([total], sequence, 0.0, 0.1) is None


@pytest.mark.parametrize(
    "trace",
    [
        Trace("draws", ((8, -1, 1, 0), (80, -0.1, 0.1, 0), (800, -0.01, 0.01, 0)), 0.05),
        Trace("width", ((16, 0.4, 0.6, 0.5), (4096, 0.49, 0.51, 0.5)), 0.02),
        Trace("a<b", ((0, 2, 2, 2), (1, 2, 2, 2))),
        Trace("test point", ((1, -1e-300, 1e-300, 0), (2, 1e12, 1e12, 1e12))),
        Trace("width", ((7, 1e-9, 2e-9, 1e-9), (7, 1e-9, 2e-9, 1e-9))),
    ],
    ids=["draws", "width", "flat", "wide", "one-abscissa"],
)
def test_pictures_are_well_formed_and_inside(trace):
    tree = ElementTree.fromstring(picture(trace, "<title>"))
    numbers = [float(n) for e in tree for n in re.findall(r"-?\d+\.?\d*", e.get("points", ""))]
    assert all(0 <= n <= 640 for n in numbers)
    assert "nan" not in ElementTree.tostring(tree, encoding="unicode")


def test_proofs():
    steps, derived = proof_of(th.lookup("relu_dual"))
    assert [step.rule for step in steps] == ["jump decomposition", "Stein + orthant", "collect"]
    assert derived.subs(rho, 1) == Rational(1, 2)
    assert proof_of(th.lookup("haar_fourth_moment")).steps == ()
    assert proof_of(Statement(Identity(cos(2 * x), 2 * cos(x) ** 2 - 1), {x: Interval(0, 1)})) is None


def test_constants_are_certified():
    constant = constants_of(th.lookup("relu_dual"))
    value = th.lookup("relu_dual").claim.stated.subs(dict(constant.point))
    assert constant.digits == th.enclose(value, 40).str(30, radius=False)
    assert constants_of(th.lookup("isometry_gain_sharper_bound")) is None


def appendix(folder: Path, reports: Reports) -> Path:
    return write_appendix(folder / "a.tex", reports, [th.lookup(name) for name in NAMES])


def test_appendix_has_proofs_constants_and_provenance(reports, tmp_path):
    text = appendix(tmp_path, reports).read_text(encoding="utf-8")
    assert re.search(r"% relu_dual, widetheory \S+, status theorem, verdict HOLDS, grade EXACT, seed 0", text)
    assert text.count(r"\begin{proof}") == text.count(r"\end{proof}") >= 2
    assert r"\ref{thm:relu_dual} relu\_dual" in text
    assert text.count(r"\toprule") == 2
    assert text.index(r"\label{thm:relu_dual}") < text.index(r"\begin{proof}")


def test_weak_evidence_is_no_proof(reports, tmp_path):
    from dataclasses import replace

    weak = [e for e in reports["relu_dual"].evidence if e.grade is not Grade.EXACT]
    found = Reports((replace(reports["relu_dual"], evidence=tuple(weak)),))
    text = write_appendix(tmp_path / "a.tex", found, [th.lookup("relu_dual")]).read_text(encoding="utf-8")
    assert r"\begin{proof}" not in text
    assert r"\begin{theorem}" in text


def has_latex() -> bool:
    if shutil.which("pdflatex") is None or shutil.which("kpsewhich") is None:
        return False
    names = ("amsmath", "amssymb", "amsthm", "geometry", "hyperref")
    return all(
        subprocess.run(["kpsewhich", f"{n}.sty"], capture_output=True, check=False).returncode == 0 for n in names
    )


@pytest.mark.skipif(not has_latex(), reason="pdflatex or one of its packages is not installed")
def test_appendix_compiles(reports, tmp_path):
    path = appendix(tmp_path, reports)
    rules = "\n".join(rf"\providecommand{{\{name}rule}}{{\hline}}" for name in ("top", "mid", "bottom"))
    if subprocess.run(["kpsewhich", "booktabs.sty"], capture_output=True, check=False).returncode:
        (tmp_path / "booktabs.sty").write_text(rules)
    command = ["pdflatex", "-draftmode", "-halt-on-error", "-interaction=nonstopmode", path.name]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    path.write_text(path.read_text(encoding="utf-8").replace(r"\end{proof}", ""), encoding="utf-8")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_command(tmp_path, capsys, reports):
    stored = tmp_path / "r.json"
    reports.save(stored)
    arguments = [
        "report",
        "relu_dual",
        "--stored",
        str(stored),
        "--html",
        str(tmp_path / "s"),
        "--latex",
        str(tmp_path / "a.tex"),
    ]
    assert main(arguments) == 0
    assert "1 HOLDS" in capsys.readouterr().out
    assert dead_links(tmp_path / "s") == []
    assert main(["report", "mehler_formula", "--stored", str(stored), "--html", str(tmp_path / "s")]) == 2
    assert "mehler_formula" in capsys.readouterr().err
    assert main(["report", "relu_dual"]) == 2
    assert "say what to write" in capsys.readouterr().err


def test_report_on_own_claims(tmp_path, capsys):
    (tmp_path / "paper.claims.toml").write_text('[a]\nclaim = "E[U*V] = rho"\n\n[b]\nclaim = "E[U*V] = rho^2"\n')
    status = main(["report", str(tmp_path), "--html", str(tmp_path / "s"), "--latex", str(tmp_path / "a.tex")])
    assert status == 1
    assert "1 HOLDS, 1 FAILS" in capsys.readouterr().out
    assert dead_links(tmp_path / "s") == []
    page = body(tmp_path / "s", "paper-claims-toml-b")
    assert "widetheory check" in page
    assert 'class="badge fails"' in page


def test_claims_of_the_same_name_have_labels_of_their_own(tmp_path):
    statement = th.lookup("relu_dual")
    found = Reports(tuple(Report(f"{file}.py::relu_dual", Verdict.HOLDS, ()) for file in "abc"))
    text = write_appendix(tmp_path / "a.tex", found, {r.identifier: statement for r in found}).read_text()
    assert [f"\\label{{thm:relu_dual{suffix}}}" in text for suffix in ("", "_2", "_3", "_4")] == [True] * 3 + [False]


def test_what_does_not_hold_is_called_false_beside_it(tmp_path):
    statement = th.lookup("relu_dual")
    evidence = Evidence("certified", Grade.CERTIFIED, Verdict.FAILS, "apart", {"rho": "1/2"}, "0.2", "0.3")
    for verdict, word in ((Verdict.FAILS, "This is false."), (Verdict.UNDECIDED, "Verdict UNDECIDED.")):
        found = Reports((Report("relu_dual", verdict, (evidence,)),))
        text = write_appendix(tmp_path / "a.tex", found, {"relu_dual": statement}).read_text()
        assert word in text
        assert ("at rho = 1/2; measured 0.2, stated 0.3" in text) is (verdict is Verdict.FAILS)
    assert (
        "This is false"
        not in write_appendix(
            tmp_path / "a.tex", Reports((Report("relu_dual", Verdict.HOLDS, ()),)), {"relu_dual": statement}
        ).read_text()
    )

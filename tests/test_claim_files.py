"""Claims in TOML: what is read, what is refused and where, and that nothing in a file is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sympy import Abs, Integer, Max, Rational, Symbol, exp, factorial, pi, sqrt

import theory as th
from numerics.file_checks import check_path
from numerics.verdict import Verdict
from theory.claim_files.claim_text import ClaimReader, read_group
from theory.claim_files.intervals import UnsatisfiableError
from theory.claim_files.sources import claims_at, claims_in
from theory.claim_files.vocabulary import read_vocabulary
from theory.errors import StatementError, TheoryError, UnknownNameError
from theory.gaussian.expectation import GaussianExpectation
from theory.symbols import k, n, q, rho

DOCS = Path(__file__).parent.parent / "docs" / "own-claims.md"
U, V, Z = (Symbol(name, real=True) for name in "UVZ")


@pytest.fixture
def written(tmp_path):
    def write(body, name="paper", header="[it]\n"):
        file = tmp_path / f"{name}.claims.toml"
        file.write_text(header + body + "\n", encoding="utf-8")
        return file

    return write


@pytest.fixture
def built(written):
    return lambda body: claims_in(written(body))[0].statement()


def test_gaussian_identity(built):
    found = built('claim = "E[max(U,0)*max(V,0)] = rho/4"')
    assert found.claim.integrand == Max(U, 0) * Max(V, 0)
    assert found.claim.law == th.Gaussian([U, V], corr=rho)
    assert found.claim.stated == rho / 4
    assert dict(found.domains) == {rho: th.Interval(-1, 1)}
    assert (found.identifier, found.status.value, found.prose) == (
        "it",
        "conjecture",
        "E[max(U,0)*max(V,0)] = rho/4",
    )


def test_either_side_may_hold_the_expectation(built):
    assert built('claim = "1 = 2*E[Z^2] - 1"').claim.integrand == 2 * Z**2 - 1


def test_quantities_are_definitions(built):
    """They stand for expectations; a closed form of ours would be compared with itself."""
    found = built('phi = "max(x,0)"\nclaim = "dual(phi, rho, q) = 1"\ndomains = { q = "[1,2]" }').claim
    assert found.integrand == Max(U, 0) * Max(V, 0)
    assert found.law == th.Gaussian([U, V], cov=[[q, q * rho], [q * rho, q]])
    found = built('phi = "max(x,0)"\nclaim = "hermite(phi, 2) = 1/(2*sqrt(pi))"').claim
    assert found.integrand == Max(Z, 0) * (Z**2 - 1) / sqrt(2)
    assert found.stated == 1 / (2 * sqrt(pi))
    found = built('phi = "max(x,0)"\nclaim = "kernel_map(phi, rho) = rho"').claim
    assert isinstance(found, th.Identity)
    assert len(found.lhs.atoms(GaussianExpectation)) == 2


def test_two_laws_make_a_plain_identity(built):
    found = built('claim = "E[Z^2] + E[U*V] = 1 + rho"').claim
    assert isinstance(found, th.Identity)
    assert isinstance(built('claim = "E[Z^2]^2 = 1"').claim, th.Identity)


def test_sequence(built):
    found = built('phi = "exp(x)"\nkind = "sequence"\nstart = 1\nclaim = "hermite(phi, k) = 1/factorial(k)"').claim
    assert (found.index, found.start, found.rhs) == (k, Integer(1), 1 / factorial(k))


@pytest.mark.parametrize(
    ("text", "lhs", "rhs", "strict"),
    [("a^2 <= a", "a**2", "a", False), ("a > a^2", "-a", "-a**2", True), ("a^2 < a", "a**2", "a", True)],
)
def test_bound(built, text, lhs, rhs, strict):
    found = built(f'claim = "{text}"\ndomains = {{ a = "[0, 1]" }}').claim
    assert (str(found.lhs), str(found.rhs), found.strict) == (lhs, rhs, strict)


def test_haar(built):
    found = built('claim = "E[O[1,1]^2*O[2,3]^2] = 1/n^2"')
    assert (found.claim.group.kind, found.claim.group.n) == ("O", n)
    assert dict(found.domains) == {n: th.Integers(3)}
    found = built('group = "U(5)"\nclaim = "E[U[1,1]*conj(U[1,1])] = 1/5"')
    assert found.claim.group.n == 5
    assert built('claim = "E[abs(U[1,2])^4] = 2/(n*(n+1))"').claim.integrand.has(Abs)
    assert dict(built('claim = "E[abs(Sp[1,5])^2] = 1/(2*n)"').domains) == {n: th.Integers(3)}


def test_refutation(built):
    found = built('claim = "E[Z^4] = a"\ndomains = { a = "[0, 4]" }\nat = { a = 2 }')
    assert isinstance(found.claim, th.Refutation)
    assert found.status is th.Status.REFUTED
    assert list(found.claim.pinned.values()) == [2]


def test_numbers_are_exact(built):
    found = built('claim = "E[Z^2] = 1"\nresolution = 0.1\nnear_misses = ["1.1"]')
    assert found.resolution == Rational(1, 10)
    assert found.near_misses == (Rational(11, 10),)


def test_sources(built, tmp_path, written):
    found = built('claim = "E[Z] = 0"\nsource = ["cho2009kernel", "My draft, equation (3)"]')
    assert found.sources == ("cho2009kernel",)
    assert "Source: My draft, equation (3)" in found.prose
    (tmp_path / "own.bib").write_text("@misc{draft2026own, title = {A draft}, author = {N. N.}, year = {2026}}")
    file = written('claim = "E[Z] = 0"\nsource = "draft2026own"', header='bibliography = "own.bib"\n[it]\n')
    assert claims_in(file)[0].statement().sources == ("draft2026own",)


def test_domains_as_text():
    typed = {
        "a": "(0, 1]",
        "b": [-1, "1/2"],
        "c": "integers >= 2",
        "d": "integers [2, 4]",
        "e_": "reals",
        "f": "[a, 2)",
    }
    found = read_vocabulary([], typed, [])
    domains = {s.name: domain for s, domain in found.domains.items()}
    assert domains["a"] == th.Interval(0, 1, left_open=True)
    assert domains["b"] == th.Interval(-1, Rational(1, 2))
    assert (domains["c"], domains["d"]) == (th.Integers(2), th.Integers(2, 4))
    assert domains["f"] == th.Interval(found.symbols["a"], 2, right_open=True)
    assert found.symbols["a"].is_positive
    assert found.symbols["b"].is_positive is None
    assert found.symbols["c"].is_integer


@pytest.mark.parametrize(
    "text", ["", "0, 1", "[0 1]", "[0, 1", "[0, 1, 2]", "integers (0, 3)", "[0, b]", "[x)", 3, [1]]
)
def test_domains_that_are_none(text):
    with pytest.raises(TheoryError):
        read_vocabulary([], {"a": text}, [])


def test_an_empty_domain_is_its_own_error():
    for arguments in (([], {"a": "[2, 1]"}, []), (["a: 2 < a < 1"], {}, []), (["a: a < 0 and a > 1"], {}, [])):
        with pytest.raises(UnsatisfiableError):
            read_vocabulary(*arguments)


def test_groups():
    assert (read_group("Sp(2*n)", {"n": n}).kind, read_group("Sp(2*n)", {"n": n}).n) == ("Sp", 2 * n)
    for text in ("SU(3)", "O", "O()", "O(-1)", "O(n)"):
        with pytest.raises(TheoryError):
            read_group(text, {})


def test_claim_reader_alone():
    reader = ClaimReader({"rho": rho}, {}, {})
    assert reader.read("E[exp(Z)] = exp(1/2)").stated == exp(Rational(1, 2))
    assert reader.expression("rho/2 + E[Z^2]").has(GaussianExpectation)


# What is wrong, the line it stands on (the header is line 1), and a word of the message.
MISTAKES = [
    ('clam = "E[Z] = 0"', 2, "did you mean claim"),
    ('claim = "E[Z] = 0"\nresolutoin = 0.1', 3, "resolution"),
    ('claim = "E[tahn(Z)] = 0"', 2, "tanh"),
    ('claim = "E[a*Z] = 0"', 2, "declared under domains or parameters"),
    ('claim = "E[slope*Z] = sloep"\ndomains = { slope = "[0,1]" }', 2, "slope"),
    ('claim = "E[Z]"', 2, "single"),
    ('claim = "0 < E[Z^2] < 2"', 2, "single"),
    ('claim = "E[Z^2] == 1"', 2, "=="),
    ('claim = "E(Z) = 0"', 2, "E[...]"),
    ('claim = "E[E[Z]] = 0"', 2, "inside another"),
    ('claim = "E[3] = 3"', 2, "over U and V"),
    ('claim = "E[Z*U] = 0"', 2, "over U and V"),
    ('claim = "O[1,1] = 0"', 2, "inside E[...]"),
    ('claim = "E[O[1]] = 0"', 2, "row and a column"),
    ('claim = "E[O[0,1]] = 0"', 2, "from 1"),
    ('claim = "E[W[1,1]] = 0"', 2, "O[1,1]"),
    ('claim = "E[O[1,1]*U[1,1]] = 0"', 2, "one random matrix"),
    ('claim = "E[O[1,1]^2] < 1"', 2, "equation"),
    ('claim = "x + x = 2*x"\ndomains = { x = "reals" }', 2, "tautology"),
    ('claim = "E[sqrt(Z^2)] = E[abs(Z)]"', 2, "tautology"),
    ('phi = "tanh(x)"\nclaim = "dual(phi, rho) = E[phi(U)*phi(V)]"', 3, "tautology"),
    ('phi = "tanh(y)"\nclaim = "moment(phi, 1) = 0"', 2, "'y'"),
    ('phi = "sqrt(x)"\nclaim = "moment(phi, 1) = 0"', 2, "real on the whole line"),
    ('phi = "x"\nclaim = "phi = 0"', 3, "is an activation"),
    ('claim = "dual(rho, rho) = 0"', 2, "name of an activation"),
    ('phi = "x"\nclaim = "moment(phi, 1000) = 0"', 3, "0 to 100"),
    ('claim = "a = factorial(10^9)"\ndomains = { a = "reals" }', 2, "at most 100"),
    ('phi = "x"\nclaim = "hermite(phi, k) = 0"', 3, "'k'"),
    ('claim = "E[Z] = 0"\nsource = "cho2009kernl"', 3, "cho2009kernel"),
    ('claim = "E[Z] = 0"\nstatus = "lemma"', 3, "conjecture"),
    ('claim = "E[Z] = 0"\nkind = "gausian"', 3, "gaussian"),
    ('claim = "E[Z] = 0"\nkind = "bound"', 3, "reads as gaussian"),
    ('claim = "E[Z] = 0"\nresolution = true', 3, "number"),
    ('claim = "E[Z] = 0"\nresolution = inf', 3, "infinity"),
    ('claim = "E[Z] = 0"\ndomains = { a = "[0,1]" }', 2, "does not contain it"),
    ('claim = "E[Z] = 0"\ndomains = { exp = "[0,1]" }', 3, "cannot name"),
    ('claim = "E[a*Z] = 0"\ndomains = { a = "0..1" }', 3, "integers"),
    ('claim = "E[a*Z] = 0"\nparameters = ["a"]\ndomains = { a = "[0,1]" }', 4, "keep one"),
    ('claim = "E[a*Z] = 0"\nparameters = ["a"]\nassumptions = ["a = 1"]', 4, "<"),
    ('claim = "E[Z^2] = 1"\nnear_misses = ["1"]', 2, "claim itself"),
    ('claim = "E[Z^2] = 1"\nnear_misses = ["E[Z^3] = 1"]', 3, "stated side"),
    ('claim = "E[a*Z^2] = a"\ndomains = { a = "[1,2]" }\nat = { b = 1 }', 4, "unknown variable"),
    ('claim = "E[a*Z^2] = 3"\ndomains = { a = "[1,2]" }\nkind = "refutation"', 4, "point"),
    ("claim = 2020-01-01", 2, "text in quotes"),
    ('phi = "x"\nclaim = "dual(phi) = 1"', 3, "dual(phi, r, q1, q2)"),
    ('phi = "x"\nclaim = "hermite(phi, k) = 0"\nstart = 100000', 4, "from 0 to 20"),
    ('claim = "E[a*Z^2] = a"\ndomains = { a = "[1,2]" }\npoints = 100000', 4, "at most 1000"),
    ('claim = "E[Z^(10^10^10)] = 1"', 2, "at most 64"),
    ('claim = "a = 1"\ndomains = { a = "[0, 10^10^10]" }', 3, "at most 64"),
    ('claim = "' + "(" * 300 + "1" + ")" * 300 + ' = 1"', 2, "nested at most"),
]


@pytest.mark.parametrize(("body", "line", "word"), MISTAKES, ids=lambda value: str(value)[:40])
def test_mistakes_name_their_place(written, body, line, word):
    file = written(body)
    with pytest.raises(StatementError, match=re.escape(f"{file}:{line}: [it]")) as caught:
        claims_in(file)[0].statement()
    assert word in str(caught.value)
    assert "\u2c98" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('[a]\nclaim = "E[Z] = 0\n', ":2: not valid TOML"),
        ('[a]\nclaim = "1"\n[a]\nclaim = "2"\n', ":3: not valid TOML"),
        ('[a\nclaim = "1"\n', ":1: not valid TOML"),
        ('claim = "E[Z] = 0"\n', ":1: claim belongs to a claim"),
        ('\nbibliografy = "x.bib"\n[a]\nclaim = "E[Z] = 0"\n', ":2: unknown key"),
        ('[[a]]\nclaim = "E[Z] = 0"\n', "single brackets"),
        ("", "no claim"),
        ('bibliography = "none.bib"\n[a]\nclaim = "E[Z] = 0"\n', "BibTeX"),
        ("\x00", "not valid TOML"),
        ('[a]\nclaim = "E[Z] = 0"\nclaim = "E[Z] = 1"\n', ":3: not valid TOML"),
        ("[a]\ndomains = " + "[" * 2000 + "]" * 2000, "nested too deeply"),
    ],
)
def test_files_that_are_none(written, text, word):
    found = claims_in(written("", header=text))
    assert [claim.name for claim in found] == [""]
    assert word in found[0].trouble


RUNS_CODE = [
    "__import__('os').system('{}')",
    "Z.__class__",
    "open('{}','w')",
    "exec(chr(97))",
    "lambda: 0",
    "`{}`",
    "{}",
]


@pytest.mark.parametrize("key", ["claim", "phi", "resolution", "domains", "near_misses", "at", "group", "parameters"])
@pytest.mark.parametrize("text", RUNS_CODE)
def test_nothing_is_run(written, tmp_path, key, text):
    made = tmp_path / "made"
    code = text.replace("{}", f"touch {made}").replace('"', "'")
    values = {"claim": '"E[a*Z^2] = a"', "domains": '{ a = "[1, 2]" }'}
    values[key] = {"domains": f'{{ a = "[{code}, 2]" }}', "at": f'{{ a = "{code}" }}'}.get(key, f'"{code}"')
    if key in ("near_misses", "parameters"):
        values[key] = f'["{code}"]'
    report = check_path(written("\n".join(f"{name} = {value}" for name, value in values.items()))).reports[0]
    assert report.verdict is Verdict.ERROR
    assert not made.exists()


def test_paths(tmp_path, written):
    file = written('claim = "E[Z] = 0"\n[other]\nclaim = "E[Z^2] = 1"')
    (tmp_path / "deeper" / ".hidden").mkdir(parents=True)
    (tmp_path / "deeper" / "b.claims.toml").write_text('[b]\nclaim = "E[Z] = 0"\n')
    (tmp_path / "deeper" / ".hidden" / "c.claims.toml").write_text('[c]\nclaim = "E[Z] = 0"\n')
    (tmp_path / "plain.py").write_text("x = 1\n")
    assert [claim.label for claim in claims_at(tmp_path)] == [
        "b.claims.toml::b",
        "paper.claims.toml::it",
        "paper.claims.toml::other",
    ]
    assert [claim.name for claim in claims_at(f"{file}::other")] == ["other"]
    with pytest.raises(UnknownNameError, match="other"):
        claims_at(f"{file}::othr")
    for path in (tmp_path / "none", tmp_path / "plain.py", tmp_path / "deeper" / ".hidden" / ".." / "none.toml"):
        with pytest.raises(StatementError):
            claims_at(path)


EXPECTED = {"fourth_mixed_moment": Verdict.FAILS}


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S))
def test_the_files_of_the_docs(tmp_path, block):
    file = tmp_path / block.split()[1]
    file.write_text(block, encoding="utf-8")
    reports = check_path(file)
    assert len(reports) == len(re.findall(r"^\[", block, re.M))
    for report in reports:
        assert report.verdict is EXPECTED.get(report.identifier.partition("::")[2], Verdict.HOLDS), str(report)
    if file.name == "false.claims.toml":
        certified = next(e for e in reports.reports[0].evidence if e.method == "certified")
        assert (certified.point, certified.measured[:5], certified.stated[:4]) == ({"rho": "1"}, "[3.00", "2.00")

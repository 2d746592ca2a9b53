"""The linters on statements that have the slip, and on their repaired twins; then on the catalogue."""

from __future__ import annotations

import pytest
from sympy import Integer, Max, Rational, Symbol, cos, exp, sin, sqrt

import theory as th
from numerics.linters import (
    damageable,
    honest_status,
    lint,
    lint_statement,
    near_miss_distances,
    one_claim,
    resolution,
    satisfiable,
    smallest_values,
)
from theory.instances import matches, substitution
from theory.symbols import n, q, rho, u, v, x, z

a, b = (Symbol(name, real=True) for name in "ab")
SQUARE = th.GaussianIdentity(z**2, th.Gaussian(z, cov=[[q]]), q)
IDENTITY = th.Identity(cos(2 * x), 2 * cos(x) ** 2 - 1)


def statement(claim=IDENTITY, domains=None, **options):
    domains = {x: th.Interval(-1, 1)} if domains is None else domains
    return th.Statement(claim, domains, **options)


def test_resolution():
    far, near = [cos(x) ** 2], [2 * cos(x) ** 2 - 1 + Rational(3, 100)]
    assert list(resolution(statement(near_misses=far, resolution=Rational(1, 100)))) == []
    assert list(resolution(statement(near_misses=near, resolution=Rational(1, 101)))) == []
    found = list(resolution(statement(near_misses=[*far, *near], resolution=Rational(1, 90))))
    assert len(found) == 1
    assert "near-miss 2" in found[0]
    assert near_miss_distances(statement(near_misses=near)) == [pytest.approx(0.03)]


def test_smallest_values():
    assert list(smallest_values(statement())) == []
    assert list(smallest_values(statement(SQUARE, {q: th.Interval(Rational(1, 10), 2)}))) == []
    domains = {a: th.Interval(Rational(1, 7), 2), b: th.Interval(0, 2)}
    sides = th.Identity(cos(2 * a) + b, 2 * cos(a) ** 2 - 1 + b)
    assert list(smallest_values(statement(sides, domains))) == []
    found = list(smallest_values(statement(sides, domains, assumptions=[a + b > 3])))
    assert [text.split(",")[0] for text in found] == ["a = 1/7", "b = 0"]


def test_satisfiable():
    assert list(satisfiable(statement(assumptions=[x > 0]))) == []
    assert "0 admissible points" in next(satisfiable(statement(assumptions=[x > 2])))
    few = statement(th.Identity(cos(2 * n), 2 * cos(n) ** 2 - 1), {n: th.Integers(1, 3)})
    assert "3 admissible points of the 8" in next(satisfiable(few))


def test_honest_status():
    assert list(honest_status(statement(status="derived"))) == []
    assert "source" in next(honest_status(statement(status="theorem")))
    assert list(honest_status(statement(status="theorem", sources=["mehler1866"]))) == []
    assert list(honest_status(statement(status="theorem", prose="Source: my draft"))) == []
    assert "says" not in str(list(honest_status(statement(status="conjecture", prose="It is unknown."))))
    assert "is proved" in next(honest_status(statement(status="conjecture", prose="This is proved below.")))


def test_damageable():
    bound = th.Bound(sin(x), x)
    assert "near-miss" in next(damageable(statement(bound, {x: th.Interval(0, 1)})))
    assert list(damageable(statement(bound, {x: th.Interval(0, 1)}, near_misses=[x / 2]))) == []
    assert list(damageable(statement())) == []


TWO = '''import theory as th
@th.theorem(topics=[], sources=[], status="derived")
def one():
    """."""
@th.theorem(topics=[], sources=[], status="derived")
def two():
    """."""
'''


def test_one_claim_per_file(tmp_path):
    for name, text, count in (("one", TWO, 1), ("three", TWO[: TWO.index("@th", 60)], 1)):
        file = tmp_path / f"{name}.py"
        file.write_text(text)
        assert len(list(one_claim(file))) == count
    file = tmp_path / "one.py"
    file.write_text(TWO[: TWO.index("@th", 60)])
    assert list(one_claim(file)) == []
    assert list(one_claim(tmp_path / "many.claims.toml")) == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('claim = "E[Z] = 0"\nsource = "cho2009kernl"', "unknown source key"),
        ('claim = "E[Z] = 0"\ndomains = { a = "[0,1]" }', "does not contain it"),
        ('claim = "E[a*Z] = 0"', "unknown name"),
        ('claim = "E[a*Z] = 0"\ndomains = { a = "[0,1]" }\nassumptions = ["a > 2"]', "satisfiable"),
        ('claim = "E[Z^2] = 1"\nresolution = 0.5\nnear_misses = ["2"]', "resolution"),
        ('claim = "sin(a) <= a"\ndomains = { a = "[0,1]" }', "damageable"),
        ('claim = "E[Z^2] = 1"\nstatus = "theorem"', "honest_status"),
        ('claim = "E[Z^2] = 1"\n[that]\nclaim = "E[a*Z^2] = a"\ndomains = { a = "[0, 2]" }', "instance"),
    ],
)
def test_findings_on_files(tmp_path, body, word):
    file = tmp_path / "a.claims.toml"
    file.write_text(f"[it]\n{body}\n")
    found = lint(file)
    assert len(found) == 1
    assert word in str(found[0])
    assert str(found[0]).startswith(f"{file}:1: ")


def test_a_clean_file(tmp_path):
    (tmp_path / "a.claims.toml").write_text('[it]\nclaim = "E[Z^2] = 1"\nresolution = 0.1\nnear_misses = ["2"]\n')
    assert lint(tmp_path) == []


def gaussian(integrand, stated, domains, law=None):
    law = th.Gaussian([u, v], corr=rho) if law is None else law
    return th.Statement(th.GaussianIdentity(integrand, law, stated), domains)


UNIT = {rho: th.Interval(-1, 1)}
GENERAL = gaussian(exp(a * u) * exp(b * v), exp((a**2 + b**2) / 2 + a * b * rho), {
    **UNIT, a: th.Interval(-2, 2), b: th.Interval(-2, 2),
})  # fmt: skip


def test_instances():
    special = gaussian(exp(u) * exp(v / 2), exp(Rational(5, 8) + rho / 2), UNIT)
    assert substitution(special, GENERAL) == {a: 1, b: Rational(1, 2), rho: rho}
    assert substitution(GENERAL, special) is None
    swapped = gaussian(exp(v) * exp(u / 2), exp(Rational(5, 8) + rho / 2), UNIT)
    assert substitution(swapped, GENERAL) is not None
    outside = gaussian(exp(3 * u) * exp(v), exp(5 + 3 * rho), UNIT)
    assert substitution(outside, GENERAL) is None  # 3 is not in the domain
    wrong = gaussian(exp(u) * exp(v / 2), exp(Rational(5, 8) + rho / 3), UNIT)
    assert substitution(wrong, GENERAL) is None  # another stated side
    law = th.Gaussian([u, v], corr=Rational(1, 2))
    assert substitution(gaussian(exp(u) * exp(v), exp(Rational(3, 2)), {}, law), GENERAL)[rho] == Rational(1, 2)


def test_instances_of_other_kinds():
    O = th.Haar("O", n)  # noqa: E741
    general = th.Statement(th.HaarIdentity(O[1, 1] ** 4, O, 3 / (n * (n + 2))), {n: th.Integers(1)})
    O5 = th.Haar("O", 5)
    special = th.Statement(th.HaarIdentity(O5[1, 1] ** 4, O5, Rational(3, 35)), {})
    assert substitution(special, general) == {n: 5}
    assert substitution(general, special) is None
    assert substitution(special, GENERAL) is None
    bound = th.Statement(th.Bound(sin(a * x), a * x), {x: th.Interval(0, 1), a: th.Interval(0, 2)})
    lone = th.Statement(th.Bound(sin(x), x), {x: th.Interval(0, 1)})
    assert substitution(lone, bound) is not None


@pytest.mark.parametrize(
    ("pattern", "target", "count"),
    [
        (a * x + b, 3 * x + 2, 1),
        (a * x + b, Integer(7), 1),
        (Max(a * x, x), Max(2 * x, x), 1),
        (a * x**b, 3 / x, 1),
        (a * x, sin(x), 0),
        (sin(a * x), cos(x), 0),
        (sqrt(a) * x, sqrt(2) * x, 1),
        (a * x + a, 2 * x + 3, 0),
        (a * x + a, 2 * x + 2, 1),
    ],
)
def test_matching(pattern, target, count):
    found = list(matches(pattern, target, frozenset([a, b]), frozenset([x])))
    assert bool(found) is bool(count)
    for binding in found:
        assert (pattern.subs(binding) - target).expand() == 0


def test_the_catalogue_is_clean():
    assert [str(finding) for finding in lint()] == []


def test_a_statement_of_the_catalogue():
    assert lint_statement(th.lookup("relu_dual")) == []

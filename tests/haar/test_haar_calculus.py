"""Expansions, cumulants, derivations, rational functions, the sphere."""

from __future__ import annotations

import random

import pytest
from flint import arb, fmpq, fmpq_poly
from sympy import (
    MatrixSymbol,
    N,
    Rational,
    Symbol,
    Trace,
    cancel,
    oo,
    preorder_traversal,
    series,
    sqrt,
    symbols,
)

from theory.errors import DomainError
from theory.haar.columns import column_moment, two_column_moment
from theory.haar.cumulants import set_partitions
from theory.haar.derivation import Expectation, HaarDerivation, HaarStep, WeingartenValue
from theory.haar.group import Haar
from theory.haar.monomials import cycle_lengths
from theory.haar.orthogonal import column_rule, orthogonal_moment, walk_rule
from theory.haar.rational import RationalFunction
from theory.haar.sphere import Sphere, enclose_log_form, enclose_share, log_form, share
from theory.haar.symplectic import cell_moment, symplectic_moment

n = Symbol("n", integer=True, positive=True)


def test_expansion_equals_the_series() -> None:
    o, u, s = Haar("O", n), Haar("U", n), Haar("Sp", n)
    for group, expr in (
        (o, o[1, 1] ** 2 * o[2, 2] ** 2),
        (o, o[1, 1] * o[1, 2] * o[2, 1] * o[2, 2]),
        (u, u[1, 1] * u[1, 1].conjugate() * u[2, 2] * u[2, 2].conjugate()),
        (s, s[1, 1] * s[n + 1, n + 1] * s[1, 2] * s[n + 1, n + 2]),
    ):
        found = group.expand(expr, 6)
        x = Symbol("x", positive=True)
        expected = series(cancel(group.mean(expr).subs(n, 1 / x)), x, 0, 7).removeO()
        assert (found.expr.subs(n, 1 / x) - expected).expand() == 0
        assert found.remainder != 0
        assert (found.with_order - found.expr).is_Order
    exact = o.expand(o[1, 1] ** 2, 1)
    assert exact.remainder == 0
    assert exact.expr == 1 / n


def test_remainder_estimates_the_error() -> None:
    o = Haar("O", n)
    expr = o[1, 1] ** 4 * o[2, 2] ** 2
    found = o.expand(expr, 5)
    for size in (200, 2000):
        error = (o.mean(expr) - found.expr).subs(n, size)
        assert abs(error / found.remainder.subs(n, size) - 1) < 40 / Rational(size)
    assert o.expand(expr, 4).expr != found.expr


def test_expansion_with_traces() -> None:
    o = Haar("O", n)
    a = MatrixSymbol("A", n, n)
    found = o.expand(Trace(o.matrix * a * o.matrix.T * a), 1)
    assert found.expr == Trace(a) ** 2 / n
    with pytest.raises(DomainError, match="symbolic dimension"):
        Haar("O", 3).expand(Haar("O", 3)[1, 1], 2)
    with pytest.raises(DomainError, match="order of an expansion"):
        o.expand(o[1, 1], 2.0)  # type: ignore[arg-type]


def test_cumulants() -> None:
    o = Haar("O", n)
    x = o[1, 1]
    assert cancel(o.variance(x**2) - 2 * (n - 1) / (n**2 * (n + 2))) == 0
    assert cancel(o.cumulant(x, x, x, x) - (o.mean(x**4) - 3 * o.mean(x**2) ** 2)) == 0
    assert cancel(o.cumulant(x, x, x, x) - (o.mean(x**4) - 2 * o.mean(x**2) ** 2)) != 0
    assert cancel(o.covariance(x**2, o[2, 2] ** 2) - 2 / (n**2 * (n - 1) * (n + 2))) == 0
    assert o.cumulant(x**2) == 1 / n
    two = Haar("O", 2)
    assert two.variance(two[1, 1] ** 2) == Rational(1, 8)
    traces = Trace(o.matrix)
    assert o.cumulant(traces, traces, traces, traces) == 0
    assert o.variance(Trace(o.matrix**2)) == 2
    with pytest.raises(DomainError, match="at least one"):
        o.cumulant()
    assert [sum(1 for _ in set_partitions(range(k))) for k in range(6)] == [1, 1, 2, 5, 15, 52]


def test_derivation_steps_and_latex() -> None:
    o = Haar("O", n)
    expr = 3 * o[1, 1] * o[1, 2] * o[2, 1] * o[2, 2] + o[3, 3] ** 4
    found = o.derive_mean(expr)
    assert found.result == o.mean(expr)
    assert str(found.condition) == "n >= 3"
    assert found.check()
    text = found.latex()
    assert text.startswith("\\begin{align*}")
    assert r"\mathrm{Wg}^{O}_{n}\left[2\right]" in text
    assert r"n \geq 3" in text
    rules = [step.rule for step in found.steps]
    assert rules[0] == "linearity"
    assert any("sphere" in rule for rule in rules)
    wrong = [HaarStep(s.rule, s.before, s.after + 1 / n) if not s.before.has(Expectation) else s for s in found.steps]
    assert not HaarDerivation(found.expression, found.result, found.condition, wrong).check()


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_derivations_at_numeric_dimensions_use_the_pseudo_inverse(size: int) -> None:
    o = Haar("O", size)
    found = o.derive_mean(o[1, 1] ** 6 * o[1, size] ** 2)
    assert found.check()
    assert found.steps[0].after.has(WeingartenValue)


def test_derivations_of_other_groups() -> None:
    u, s, p = Haar("U", n), Haar("Sp", n), Haar("S0", n)
    crossed = u.derive_mean(u[1, 1] * u[2, 2] * (u[1, 2] * u[2, 1]).conjugate())
    assert crossed.check()
    assert crossed.steps[0].after.has(WeingartenValue)
    assert s.derive_mean(s[1, 1] * s[n + 1, n + 1] * s[2, 2] * s[n + 2, n + 2]).check()
    assert p.derive_mean(p[1, 1] ** 2).steps[0].after == p.mean(p[1, 1] ** 2)
    o = Haar("O", n)
    assert "changing the sign" in o.derive_mean(o[1, 1] ** 3).steps[0].rule
    a = MatrixSymbol("A", n, n)
    assert o.derive_mean(Trace(o.matrix * a * o.matrix.T * a) ** 2, symmetric=[a]).check()
    assert o.derive_mean(o.form(1, a) * o.form(2, a)).check()


def test_rational_functions() -> None:
    f = RationalFunction(fmpq_poly([-2, 0, 2]), {1: 2, -3: 1})  # 2 (x^2 - 1)/((x - 1)^2 (x + 3))
    assert f.reduced().poles == {1: 1, -3: 1}
    assert f.reduced()(5) == fmpq(12, 32)
    assert RationalFunction.sum([f, f.scaled(-1)]).numerator == fmpq_poly()
    x = Symbol("x")
    assert cancel(f.reduced().expr(x, -2) - (2 * (x**2 - 1) / ((x - 1) ** 2 * (x + 3))).subs(x, -2 * x)) == 0
    assert f != f.scaled(3)


def test_sphere_moments_and_forms() -> None:
    v = Sphere(n)
    c = MatrixSymbol("C", n, n)
    assert v.mean(v[1] ** 2 * v[3] ** 4) == 3 / (n * (n + 2) * (n + 4))
    cubes = v.mean(v.form(c) ** 3) * n * (n + 2) * (n + 4)
    assert cancel(cubes - (Trace(c) ** 3 + 6 * Trace(c) * Trace(c**2) + 8 * Trace(c**3))) == 0


def test_logarithm_of_a_quadratic_form() -> None:
    ball = enclose_log_form([Rational(8, 5), Rational(7, 10), Rational(7, 10)], 30)
    assert ball.rad() < arb("1e-28")
    assert abs(float(N(log_form([Rational(8, 5), Rational(7, 10), Rational(7, 10)]), 15)) - float(ball)) < 1e-13
    # isotropic: log 1; rank two in three dimensions: E log(1 - x^2), x uniform; scaling adds a logarithm
    assert enclose_log_form([1, 1, 1, 1], 30).contains(arb(0))
    assert not enclose_log_form([1, 1, 1, 1 + Rational(1, 10**9)], 30).contains(arb(0))
    assert enclose_log_form([1, 1, 0], 25).overlaps(2 * arb(2).log() - 2)
    assert enclose_log_form([sqrt(2), 3 * sqrt(2)], 25).overlaps(enclose_log_form([1, 3], 25) + arb(2).log() / 2)
    # two dimensions: log of the square of the mean of the singular values
    assert enclose_log_form([4, 1], 25).overlaps(2 * (arb(3) / 2).log())
    assert not enclose_log_form([4, 1], 25).overlaps((arb(5) / 2).log())


def test_shares_of_a_quadratic_form() -> None:
    first, second = enclose_share([4, 1], 1, 25), enclose_share([4, 1], 2, 25)
    assert first.overlaps(arb(2) / 3)
    assert (first + second).overlaps(arb(1))
    assert not first.overlaps(arb(4) / 5)
    assert enclose_share([1, 0], 2) == 0
    assert enclose_share([3, 0], 1, 20).overlaps(arb(1))
    assert abs(float(N(share([4, 1], 1), 15)) - 2 / 3) < 1e-12


@pytest.mark.parametrize("spectrum", [[], [-1, 1], [0, 0]])
def test_bad_spectra_are_refused(spectrum: list[int]) -> None:
    with pytest.raises(DomainError, match="eigenvalues"):
        log_form(spectrum)


def test_enclosures_need_numbers_and_existing_indices() -> None:
    a, _ = symbols("a b", positive=True)
    with pytest.raises(DomainError, match="numeric"):
        enclose_log_form([a, 1])
    with pytest.raises(DomainError, match="numbered from 1"):
        share([1, 2], 3)
    assert log_form([a, 1]).has(a)
    assert Rational(1, 2) < oo


def test_factored_expressions_are_those_that_sympy_builds() -> None:
    """Built node by node in canonical order: rebuilding them by the general constructors changes nothing."""
    generator, symbol = random.Random(5), Symbol("m", positive=True)
    for _ in range(150):
        numerator = fmpq_poly([fmpq(generator.randint(-6, 6), generator.randint(1, 4)) for _ in range(4)])
        poles = {generator.randint(-5, 5): generator.randint(1, 3) for _ in range(3)}
        function = RationalFunction(numerator, poles).reduced()
        for scale in (1, -2):
            expr = function.expr(symbol, scale)
            for node in preorder_traversal(expr):
                assert not node.args or node.func(*node.args).args == node.args
            value = function(scale * 17)
            assert expr.subs(symbol, 17) == Rational(int(value.p), int(value.q)) != 1 + expr.subs(symbol, 17)


def test_two_columns_agree_with_the_general_rule() -> None:
    generator, met = random.Random(3), 0
    while met < 60:
        rows = tuple((generator.randint(0, 5), generator.randint(0, 4)) for _ in range(generator.randint(2, 4)))
        if not any(sum(line) % 2 for line in (*rows, *zip(*rows, strict=True))):
            met += 1
            assert two_column_moment(rows) == column_moment(rows)
            assert two_column_moment(rows) != column_moment(rows).scaled(2)


def test_one_line_of_a_symplectic_matrix_agrees_with_the_walks() -> None:
    generator, nonzero = random.Random(3), 0
    for _ in range(1500):
        cells: dict[tuple[int, int], int] = {}
        for _ in range(generator.choice([2, 4, 6])):
            cell = generator.randint(2, 7), generator.choice([2, 3])
            cells[cell] = cells.get(cell, 0) + 1
        turned = {(j, i): power for (i, j), power in cells.items()}
        for powers in (cells, turned):
            value = symplectic_moment(powers).value
            assert value == cell_moment(tuple(sorted(powers.items()))).value
            nonzero += bool(value.numerator)
    assert nonzero > 40


def test_single_weingarten_values() -> None:
    """Two cells in every line make one pairing of rows and one of columns."""
    assert cycle_lengths([(1, 1), (1, 2), (2, 1), (2, 2), (5, 5)]) == (2, 1)
    for powers, kind in (
        (((1, 1), (1, 1)), (2,)),
        (((1, 1, 0), (0, 1, 1), (1, 0, 1)), (3,)),
        (((2, 0), (0, 2)), (1, 1)),
    ):
        cells = {(i, j): a for i, row in enumerate(powers) for j, a in enumerate(row) if a}
        assert orthogonal_moment(cells).counts == {kind: 1} == walk_rule(powers).counts
        assert orthogonal_moment(cells).value == column_rule(powers).value

"""The sampling method: it confirms true expectations, refutes damaged ones, and leaves heavy tails undecided."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Abs, Expr, Integer, Matrix, MatrixSymbol, Rational, S, Symbol, Trace, conjugate, log, sin, symbols

from numerics import haar_integrands
from numerics.budget import Budget
from numerics.haar_integrands import HaarIntegrand
from numerics.haar_sampling import haar_matrices
from numerics.methods.haar import METHOD
from numerics.verdict import Verdict
from numerics.verification import verify
from theory.claims import Bound, HaarIdentity, Identity, Refutation
from theory.domains import Gram, Integers, Interval
from theory.errors import DomainError, UnsupportedError
from theory.haar.group import Haar
from theory.haar.means import IsometryGain, LogForm
from theory.statement import Statement

n, t = Symbol("n", integer=True, positive=True), Symbol("t", positive=True)
QUICK = replace(Budget.named("quick"), seconds=0.6)


def judged(statement: Statement, claim: Any = None) -> Verdict:
    gathered = METHOD.gather(statement, QUICK, 0)
    return METHOD.judge(statement.claim if claim is None else claim, gathered).verdict


def both_verdicts(statement: Statement, damaged: Expr) -> tuple[Verdict, Verdict]:
    """Verdicts on the claim and on its damaged twin, from the same draws."""
    gathered = METHOD.gather(statement, QUICK, 0)
    twin = statement.claim.replace_stated(damaged)
    return METHOD.judge(statement.claim, gathered).verdict, METHOD.judge(twin, gathered).verdict


def moments() -> list[Any]:
    o, u, s = Haar("O", n), Haar("U", n), Haar("Sp", n)
    p, z = Haar("S", n), Haar("S0", n)
    rows = symbols("r", integer=True, positive=True)
    corner = o.block(2, 2, "F")
    return [
        (o, o[1, 1] ** 2 * o[1, 2] ** 2, 1 / (n * (n + 2)), 1 / n**2, 2, {}),
        (o, o[1, 3] ** 2 * o[2, 1] ** 2, (n + 1) / (n * (n - 1) * (n + 2)), 1 / (n * (n + 2)), 3, {}),
        (u, Abs(u[1, 1]) ** 4, 2 / (n * (n + 1)), 3 / (n * (n + 2)), 2, {}),
        (s, s[1, 1] * s[n + 1, n + 1] - s[1, n + 1] * s[n + 1, 1], 1 / n, -1 / n, 1, {}),
        (p, p[1, 1] * p[2, 2], 1 / (n * (n - 1)), 1 / n**2, 2, {}),
        (z, z[1, 1] ** 2, (n - 1) / n**2, 1 / n, 2, {}),
        (o, Trace(o.matrix) ** 2, Integer(1), Integer(2), 2, {}),
        (u, Trace(u.matrix) * Trace(u.matrix.adjoint()), Integer(1), Integer(2), 1, {}),
        (corner, Trace(corner.matrix) ** 2, 2 / n, 2 / n**2, 2, {}),
        (o.block(rows, 2), Trace(o.block(rows, 2).matrix.T * o.block(rows, 2).matrix), 2 * rows / n, rows / n, 2,
         {rows: Integers(1, n)}),
    ]  # fmt: skip


@pytest.mark.parametrize("case", range(10))
def test_a_true_expectation_holds_and_its_damaged_twin_fails(case: int) -> None:
    group, integrand, stated, damaged, least, more = moments()[case]
    statement = Statement(
        HaarIdentity(integrand, group, stated), {n: Integers(least), **more}, resolution=Rational(1, 20)
    )
    assert METHOD.accepts(statement)
    finer = replace(statement, resolution=Rational(1, 60))
    assert both_verdicts(finer, damaged) == (Verdict.HOLDS, Verdict.FAILS)


def test_the_smallest_dimension_is_tested() -> None:
    """A formula that is wrong only at the smallest dimension is refuted there."""
    o = Haar("O", n)
    statement = Statement(
        HaarIdentity(Trace(o.matrix) ** 4, o, Integer(3)), {n: Integers(2)}, resolution=Rational(1, 4)
    )
    assert judged(statement) is Verdict.HOLDS
    assert judged(replace(statement, domains={n: Integers(1)})) is not Verdict.HOLDS
    gathered = METHOD.gather(statement, QUICK, 0)
    assert [case.point[n] for case in gathered.cases] == [2, 3]
    entry = HaarIdentity(o[1, 1] ** 2, o, 1 / n)
    large = METHOD.gather(Statement(entry, {n: Integers(60)}, resolution=Rational(1, 20)), QUICK, 0)
    assert large.cases[0].point[n] == 60


def test_without_the_sign_fix_the_first_moment_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    o = Haar("O", n)
    statement = Statement(HaarIdentity(o[1, 1], o, S.Zero), {n: Integers(2)}, resolution=Rational(1, 50))
    assert judged(statement) is Verdict.HOLDS

    def plain(kind: str, rows: int, columns: int, count: int, generator: np.random.Generator) -> np.ndarray:
        return np.linalg.qr(generator.standard_normal((count, rows, columns)))[0]

    monkeypatch.setattr(haar_integrands, "haar_frames", plain)
    assert judged(statement) is Verdict.FAILS


def test_heavy_tails_are_never_green() -> None:
    """`E O_11^-2` is infinite: whatever is claimed, the draws settle nothing."""
    o = Haar("O", n)
    for claimed in (1, 10, 100, 1000):
        statement = Statement(
            HaarIdentity(o[1, 1] ** -2, o, Integer(claimed)), {n: Integers(3)}, resolution=Integer(10**9)
        )
        assert judged(statement) is Verdict.UNDECIDED


def test_a_constant_statistic_holds_at_dimension_one() -> None:
    o = Haar("O", 1)
    statement = Statement(HaarIdentity(o[1, 1] ** 4, o, S.One), {}, resolution=Rational(1, 100))
    assert both_verdicts(statement, Rational(1, 2)) == (Verdict.HOLDS, Verdict.UNDECIDED)


def test_fixed_matrices_come_from_their_domain() -> None:
    o, c = Haar("O", 3), MatrixSymbol("C", 3, 3)
    integrand = o.form(1, c) * o.form(2, c)
    generator = np.random.default_rng(5)
    value = next(Gram(3).samples(random.Random(0)))
    draws = HaarIntegrand(integrand, o, {c: value}).draw(generator, 50)
    assert np.allclose(draws, 1)  # the first member is the identity


def test_draws_agree_with_the_definition() -> None:
    """Words, forms and entries against explicit loops on the same matrices."""
    u, a = Haar("U", 3), MatrixSymbol("A", 3, 3)
    matrix = np.array([[1.0, 2, 0], [0, 1, 3], [1, 0, 1]])
    integrand = Trace(u.matrix * a * u.matrix.adjoint() * a) * u[1, 2] * conjugate(u[1, 2]) + 2
    source = HaarIntegrand(integrand, u, {a: Matrix(matrix.astype(int).tolist())})
    drawn = source.draw(np.random.default_rng(6), 20)
    units = haar_matrices("U", 3, 20, np.random.default_rng(6))
    expected = [np.real(np.trace(x @ matrix @ x.conj().T @ matrix) * abs(x[0, 1]) ** 2) + 2 for x in units]
    assert np.allclose(drawn, expected)


def test_refutations_and_bounds() -> None:
    o = Haar("O", n)
    false, true = HaarIdentity(o[1, 1] ** 2, o, 2 / n), HaarIdentity(o[1, 1] ** 2, o, 1 / n)
    options: dict[str, Any] = {"domains": {n: Integers(1)}, "resolution": Rational(1, 50)}
    assert judged(Statement(Refutation(false, at={n: 3}), **options)) is Verdict.HOLDS
    assert judged(Statement(Refutation(true, at={n: 3}), **options)) is Verdict.FAILS
    options = {"domains": {t: Interval(Rational(1, 4), Rational(1, 2))}, "resolution": Rational(1, 500)}
    gain = IsometryGain(1 + 2 * t, 1 - t)
    assert judged(Statement(Bound(S.One, gain), **options)) is Verdict.HOLDS
    assert judged(Statement(Bound(gain, S.One), **options)) is Verdict.FAILS


def test_a_mean_in_an_identity_is_sampled_by_its_definition() -> None:
    statement = Statement(Identity(LogForm(1, 4), 2 * log(Rational(3, 2))), {}, resolution=Rational(1, 50))
    assert both_verdicts(statement, log(Rational(5, 2))) == (Verdict.HOLDS, Verdict.FAILS)


def test_draws_for_one_quantity_do_not_judge_another() -> None:
    o = Haar("O", n)
    statement = Statement(HaarIdentity(o[1, 1] ** 2, o, 1 / n), {n: Integers(1)}, resolution=Rational(1, 20))
    other = HaarIdentity(o[1, 1] ** 4, o, 1 / n)
    assert judged(statement, other) is Verdict.UNDECIDED


def test_without_a_resolution_or_a_random_matrix_nothing_is_accepted() -> None:
    o = Haar("O", n)
    assert not METHOD.accepts(Statement(HaarIdentity(o[1, 1] ** 2, o, 1 / n), {n: Integers(1)}))
    plain = Statement(Identity(t + t, 2 * t**2), {t: Interval(0, 1)}, resolution=Rational(1, 20))
    assert not METHOD.accepts(plain)


def test_missing_entries_and_unknown_functions_are_refused() -> None:
    o = Haar("O", n)
    with pytest.raises(DomainError, match="larger matrix"):
        HaarIntegrand(o[1, 1] * o[3, 3], o, {n: 2})
    with pytest.raises(DomainError, match="a number for n"):
        HaarIntegrand(o[1, 1], o, {})
    with pytest.raises(UnsupportedError, match="sin"):
        HaarIntegrand(sin(o[1, 1]), o, {n: 2}).draw(np.random.default_rng(0), 4)


def test_traces_of_a_symbolic_matrix_are_numbers_at_a_point() -> None:
    """Damaged copies with traces of a fixed matrix are killed by both witnesses, for a size that is a symbol too."""
    size = Symbol("n", integer=True, positive=True)
    for rows, domains in ((3, {}), (size, {size: Integers(2, 6)})):
        matrix, group = MatrixSymbol("C", rows, rows), Haar("O", rows)
        square, (first, second) = group.form(1, matrix) ** 2, (Trace(matrix), Trace(matrix**2))
        statement = Statement(
            claim=HaarIdentity(square, group, (first**2 + 2 * second) / (rows * (rows + 2))),
            domains={**domains, matrix: Gram(rows, unit_diagonal=True)},
            derive=lambda g=group, s=square: g.mean(s),
            resolution=Rational(1, 20),
            near_misses=[(first**2 + second) / (rows * (rows + 2))],
        )
        report = verify(statement, "quick")
        assert report.verdict is Verdict.HOLDS
        exact = next(e for e in report.evidence if e.method == "exact")
        assert exact.mutants == exact.killed > 5
        wrong = replace(statement, claim=statement.damaged_claims()[0], near_misses=())
        assert verify(wrong, "quick").verdict is Verdict.FAILS

"""Traces of words in symplectic and permutation matrices, against sums over entries and over the group."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from math import factorial

import pytest
from sympy import (
    Adjoint,
    Expr,
    HadamardProduct,
    ImmutableMatrix,
    Inverse,
    MatrixSymbol,
    OneMatrix,
    Rational,
    Symbol,
    Trace,
    conjugate,
    expand,
    eye,
    ones,
)

from theory.errors import DomainError, UnsupportedError
from theory.haar.group import Haar

n = Symbol("n", integer=True, positive=True)
VALUES = {
    2: ([[1, 2], [0, -3]], [[3, 1], [-1, 2]]),
    3: ([[1, 2, 0], [0, -1, 1], [1, 0, 2]], [[3, 1, 0], [1, 2, 1], [0, -1, 1]]),
    4: (
        [[1, 2, 0, 1], [0, -1, 1, 0], [1, 0, 2, -1], [0, 1, 1, 1]],
        [[0, 1, 2, 0], [1, 1, 0, -1], [0, 2, 1, 0], [1, 0, 0, 3]],
    ),
}
Build = Callable[[ImmutableMatrix, ImmutableMatrix, ImmutableMatrix], Expr]


def numeric(expr: Expr, size: int, dimension: int) -> Expr:
    """Explicit matrices in the traces of a result."""
    named = dict(zip("AB", VALUES[size], strict=True))
    matrices = {MatrixSymbol(k, size, size): ImmutableMatrix(v) for k, v in named.items()}
    half = size // 2
    form = ImmutableMatrix(size, size, lambda i, j: int(j == i + half) - int(i == j + half))
    matrices[MatrixSymbol("J", size, size)] = form
    values = {}
    for trace in expr.atoms(Trace):
        word = trace.arg.subs(n, dimension).xreplace(matrices)
        word = word.replace(lambda m: isinstance(m, OneMatrix), lambda m: ImmutableMatrix(ones(size, size)))
        values[trace] = word.doit().as_explicit().trace()
    return expr.xreplace(values).subs(n, dimension)


def symplectic_cases() -> list[tuple[str, Expr, Build]]:
    s = Haar("Sp", n).matrix
    a, b = (MatrixSymbol(x, 2 * n, 2 * n) for x in "AB")
    return [
        ("sandwich", Trace(s * a * Adjoint(s) * b), lambda m, x, y: (m * x * star(m) * y).trace()),
        ("twice", Trace(s * a * s * b), lambda m, x, y: (m * x * m * y).trace()),
        ("product", Trace(s * a) * Trace(s * b), lambda m, x, y: (m * x).trace() * (m * y).trace()),
        ("inverse", Trace(s * a) * Trace(Inverse(s) * b), lambda m, x, y: (m * x).trace() * (star(m) * y).trace()),
        ("transposed", Trace(s * a.T * s * b), lambda m, x, y: (m * x.T * m * y).trace()),
    ]


def star(m: ImmutableMatrix) -> ImmutableMatrix:
    return m.T.applyfunc(conjugate)


@pytest.mark.parametrize("half", [1, 2])
@pytest.mark.parametrize("case", symplectic_cases(), ids=lambda c: c[0])
def test_symplectic_words_equal_the_sum_over_entries(case: tuple[str, Expr, Build], half: int) -> None:
    _, scalar, build = case
    group, size = Haar("Sp", half), 2 * half
    m = ImmutableMatrix(size, size, lambda i, j: group[i + 1, j + 1])
    expected = group.mean(expand(build(m, *map(ImmutableMatrix, VALUES[size]))))
    result = Haar("Sp", n).mean(scalar)
    assert numeric(result, size, half) == expected
    assert numeric(result + Trace(MatrixSymbol("A", 2 * n, 2 * n)) / n, size, half) != expected


def test_symplectic_trace_moments() -> None:
    """At 2n = 2 the Catalan numbers; from n = k on (2k - 1)!! as for the orthogonal group."""
    for half, expected in ((1, [1, 2, 5, 14]), (2, [1, 3, 14, 84])):
        trace = Trace(Haar("Sp", half).matrix)
        assert [Haar("Sp", half).mean(trace ** (2 * k)) for k in range(1, 5)] == expected
    group = Haar("Sp", n)
    assert [group.mean(Trace(group.matrix) ** (2 * k)) for k in (1, 2, 3)] == [1, 3, 15]
    assert group.mean(Trace(group.matrix**2)) == -1
    assert str(group.validity(Trace(group.matrix) ** 4)) == "n >= 2"
    assert group.derive_mean(Trace(group.matrix) ** 4).check()
    with pytest.raises(UnsupportedError, match="transpose or conjugate"):
        group.mean_trace(group.matrix.T * group.matrix)


def permutation_cases() -> list[tuple[str, Expr, Build]]:
    p = Haar("S", n, "P").matrix
    a, b = (MatrixSymbol(x, n, n) for x in "AB")
    return [
        ("one", Trace(p * a), lambda m, x, y: (m * x).trace()),
        ("conjugation", Trace(p * a * p.T * b), lambda m, x, y: (m * x * m.T * y).trace()),
        ("twice", Trace(p * a * p * b), lambda m, x, y: (m * x * m * y).trace()),
        ("product", Trace(p * a) * Trace(p * b), lambda m, x, y: (m * x).trace() * (m * y).trace()),
        ("powers", Trace(p**3) * Trace(p), lambda m, x, y: (m**3).trace() * m.trace()),
        ("square", Trace(p**2 * a * p.T * b), lambda m, x, y: (m * m * x * m.T * y).trace()),
        ("mixed", Trace(p) * Trace(p * a) + 3 * Trace(b), lambda m, x, y: m.trace() * (m * x).trace() + 3 * y.trace()),
    ]


@pytest.mark.parametrize("kind", ["S", "S0"])
@pytest.mark.parametrize("case", permutation_cases(), ids=lambda c: c[0])
def test_permutation_words_equal_the_sum_over_the_group(case: tuple[str, Expr, Build], kind: str) -> None:
    name, scalar, build = case
    symbolic = Haar(kind, n, "P").mean(scalar)
    for size in (2, 3):
        a, b = map(ImmutableMatrix, VALUES[size])
        total = Rational(0)
        for order in permutations(range(size)):
            m = ImmutableMatrix(size, size, lambda i, j, o=order: int(o[i] == j))
            total += build(m - ones(size, size) / size if kind == "S0" else m, a, b)
        expected = total / factorial(size)
        at_size = scalar.subs(n, size).xreplace({MatrixSymbol("P", size, size): Haar(kind, size, "P").matrix})
        exact = Haar(kind, size, "P").mean(at_size)
        assert numeric(exact, size, size) == expected
        if size == 3 and name != "powers":
            assert numeric(symbolic, size, size) == expected
            assert numeric(symbolic + Trace(MatrixSymbol("A", n, n)), size, size) != expected, name


def test_cycle_moments_are_step_functions() -> None:
    """Bell numbers from n = k on; below it the restricted ones."""
    for size in range(1, 6):
        group = Haar("S", size)
        for powers in ((1, 1, 1), (2, 1), (3, 2), (2, 2, 1)):
            total = 0
            for order in permutations(range(size)):
                m = ImmutableMatrix(size, size, lambda i, j, o=order: int(o[i] == j))
                value = 1
                for power in powers:
                    value *= (m**power).trace()
                total += value
            scalar = 1
            for power in powers:
                scalar *= Trace(group.matrix**power)
            assert group.mean(scalar) == Rational(total, factorial(size))
    group = Haar("S", n)
    assert [group.mean(Trace(group.matrix) ** k) for k in (1, 2, 3, 4, 5)] == [1, 2, 5, 15, 52]
    assert str(group.validity(Trace(group.matrix) ** 5)) == "n >= 5"
    assert group.mean(Trace(group.matrix * group.matrix.T)) == n


def test_bad_words_are_refused() -> None:
    group = Haar("S", n)
    p, a = group.matrix, MatrixSymbol("A", n, n)
    with pytest.raises(UnsupportedError, match="the limit is 4"):
        group.mean(Trace(p * a) ** 5)
    with pytest.raises(DomainError, match="float"):
        group.mean(0.5 * Trace(p * a))
    with pytest.raises(UnsupportedError, match="polynomials in traces"):
        group.mean(1 / Trace(p))
    assert group.mean(Trace(p * a * eye(2)[0, 0])) == Trace(OneMatrix(n, n) * a) / n
    assert group.mean(Trace(p * a) * Trace(p * a)).has(HadamardProduct)

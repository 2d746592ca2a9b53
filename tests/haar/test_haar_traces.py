"""Traces of words, blocks, quadratic forms: against moments of explicit matrices and known sequences."""

from __future__ import annotations

from itertools import product

import pytest
from sympy import (
    Adjoint,
    Expr,
    Identity,
    ImmutableMatrix,
    Inverse,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    Transpose,
    conjugate,
    expand,
    factor,
    symbols,
    together,
)

from theory.errors import DomainError, UnsupportedError
from theory.haar.group import Haar
from theory.haar.pairings import orbits, pairings

n, r, c = symbols("n r c", integer=True, positive=True)
A, B, C = (MatrixSymbol(letter, n, n) for letter in "ABC")

VALUES = {
    2: {"A": [[1, 2], [0, -3]], "B": [[3, 1], [1, 2]], "C": [[1, 1], [1, 4]]},
    3: {
        "A": [[1, 2, 0], [0, -1, 1], [1, 0, 2]],
        "B": [[3, 1, 0], [1, 2, 1], [0, 1, 1]],
        "C": [[1, 0, 2], [0, 4, 1], [2, 1, 1]],
    },
}


def zero(expr: Expr) -> bool:
    return together(expr).as_numer_denom()[0].expand() == 0


def numeric(expr: Expr, size: int) -> Expr:
    """Put explicit matrices into the traces of a result."""
    matrices = {name: ImmutableMatrix(rows) for name, rows in VALUES[size].items()}

    def evaluate(trace: Trace) -> Expr:
        value = trace.arg.subs(n, size)
        value = value.subs({MatrixSymbol(name, size, size): m for name, m in matrices.items()})
        return value.doit().as_explicit().trace()

    return expr.replace(Trace, lambda arg: evaluate(Trace(arg))).subs(n, size)


def explicit(group: Haar, size: int) -> ImmutableMatrix:
    return ImmutableMatrix(size, size, lambda i, j: group[i + 1, j + 1])


WORDS = {
    "sandwich": lambda m, t, a, b: [(m, a, t, b)],
    "square": lambda m, t, a, b: [(m, a, t, b), (m, a, t, b)],
    "twice": lambda m, t, a, b: [(m, a, m, b)],
    "long": lambda m, t, a, b: [(m, a, t, b, m, b, t, a)],
    "mixed": lambda m, t, a, b: [(m, a), (t, b), (m, t), (b,)],
    "powers": lambda m, t, a, b: [(m, m, a, t, b, t)],
}


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("size", [2, 3])
def test_words_equal_the_sum_over_entries(name: str, size: int) -> None:
    group, fixed = Haar("O", size), Haar("O", n)
    words = WORDS[name](fixed.matrix, fixed.matrix.T, A, B)
    scalar = 1
    for word in words:
        matrix = word[0]
        for letter in word[1:]:
            matrix = matrix * letter
        scalar *= Trace(matrix)
    symbolic = fixed.mean(scalar)
    o = explicit(group, size)
    a, b = (ImmutableMatrix(VALUES[size][key]) for key in "AB")
    total = 1
    for word in WORDS[name](o, o.T, a, b):
        matrix = ImmutableMatrix.eye(size)
        for letter in word:
            matrix = matrix * letter
        total *= matrix.trace()
    expected = group.mean(expand(total))
    assert numeric(symbolic, size) == expected
    assert numeric(symbolic + Trace(A) / n, size) != expected


def test_unitary_words_equal_the_sum_over_entries() -> None:
    symbolic, size = Haar("U", n), 2
    u = symbolic.matrix
    group = Haar("U", size)
    m = explicit(group, size)
    star = m.T.applyfunc(conjugate)
    a, b = (ImmutableMatrix(VALUES[size][key]) for key in "AB")
    cases = [
        (Trace(u * A * Adjoint(u) * B), (m * a * star * b).trace()),
        (Trace(u * A) * Trace(Adjoint(u) * B), (m * a).trace() * (star * b).trace()),
        (Trace(u * A * Adjoint(u) * B) ** 2, (m * a * star * b).trace() ** 2),
        (
            Trace(u * A * u.T * B) * Trace(Adjoint(u) * Adjoint(u).T),
            (m * a * m.T * b).trace() * (star * star.T).trace(),
        ),
    ]
    for scalar, entries in cases:
        expected = group.mean(expand(entries))
        assert numeric(symbolic.mean(scalar), size) == expected
        assert numeric(symbolic.mean(scalar) + Trace(A), size) != expected
    assert symbolic.mean(Trace(u * A * u * B)) == 0


def test_trace_moments_are_step_functions() -> None:
    sequences = {1: [1, 1, 1, 1], 2: [1, 3, 10, 35, 126], 3: [1, 3, 15, 91, 603], 4: [1, 3, 15, 105, 903]}
    for size, expected in sequences.items():
        o = Haar("O", size)
        assert [o.mean(Trace(o.matrix) ** (2 * k)) for k in range(1, len(expected) + 1)] == expected
    o = Haar("O", n)
    assert [o.mean(Trace(o.matrix) ** (2 * k)) for k in range(1, 5)] == [1, 3, 15, 105]
    assert str(o.validity(Trace(o.matrix) ** 8)) == "n >= 4"
    # longest increasing subsequence at most 2: Catalan numbers
    u = Haar("U", 2)
    trace, star = Trace(u.matrix), Trace(Adjoint(u.matrix))
    assert [u.mean(trace**k * star**k) for k in range(1, 5)] == [1, 2, 5, 14]
    v = Haar("U", n)
    assert v.mean(Trace(v.matrix**3) * Trace(Adjoint(v.matrix) ** 3)) == 3
    assert o.mean(Trace(o.matrix**2)) == 1
    assert o.mean(Trace(o.matrix) ** 3) == 0


def test_inverse_pairs_cancel() -> None:
    o = Haar("O", n)
    m = o.matrix
    assert o.mean_trace(m * m.T) == n
    assert o.mean_trace(Inverse(m) * A * m) == Trace(A)
    assert o.mean_trace(m**-2 * m**2 * A) == Trace(A)
    assert o.mean_trace(m * (A + 2 * Identity(n)) * m.T) == 2 * n + Trace(A)


def test_independent_matrices_one_after_the_other() -> None:
    o, v = Haar("O", n), Haar("O", n, "V")
    word = o.matrix * A * o.matrix.T * v.matrix * B * v.matrix.T
    assert v.mean(o.mean_trace(word)) == Trace(A) * Trace(B) / n
    first = v.mean(o.mean(Trace(word) ** 2, symmetric=[A, B]), symmetric=[A, B])
    # conjugation by v does not matter: V B V' has the same moments as B
    second = o.mean(Trace(o.matrix * A * o.matrix.T * B) ** 2, symmetric=[A, B])
    assert zero(first - second)
    assert not zero(first - second + 1 / n)


def test_blocks_and_frames() -> None:
    o = Haar("O", n)
    block = o.block(r, c)
    t = block.matrix
    square = block.mean_trace((t * t.T) ** 2)
    assert zero(square - r * c * (n * (r + c + 1) - r * c - 2) / (n * (n - 1) * (n + 2)))
    assert not zero(square - r * c * (n * (r + c + 1) - r * c - 1) / (n * (n - 1) * (n + 2)))
    assert str(block.validity((t * t.T) ** 2)) == "(n >= 2) & (n >= c) & (n >= r)"
    # a full frame has orthonormal columns
    frame = o.block(n, c)
    f = frame.matrix
    assert frame.mean_trace((f.T * f) ** 3) == c
    assert o.block(r, n).mean_trace(o.block(r, n).matrix * o.block(r, n).matrix.T) == r
    # one entry is a 1 x 1 block
    single = o.block(1, 1)
    s = single.matrix
    assert zero(single.mean_trace((s * s.T) ** 3) - o.mean(o[1, 1] ** 6))
    # a numeric block against entries
    small = Haar("O", 4)
    b = small.block(2, 3)
    rows = ImmutableMatrix(2, 3, lambda i, j: small[i + 1, j + 1])
    expected = small.mean(expand((rows * rows.T * rows * rows.T).trace()))
    assert b.mean_trace((b.matrix * b.matrix.T) ** 2) == expected
    assert square.subs({n: 4, r: 2, c: 3}) == expected
    with pytest.raises(DomainError, match="fits into its matrix"):
        small.block(5, 1)
    with pytest.raises(DomainError, match="of O and U"):
        Haar("S", 3).block(1, 1)


def test_quadratic_forms_of_rows() -> None:
    o = Haar("O", n)
    a1, a2 = Trace(C), Trace(C**2)
    assert zero(o.mean(o.form(1, C) ** 2) - (a1**2 + 2 * a2) / (n * (n + 2)))
    both = o.mean(o.form(1, C) * o.form(2, C))
    assert zero(both - ((n + 1) * a1**2 - 2 * a2) / (n * (n - 1) * (n + 2)))
    assert not zero(both - (n * a1**2 - 2 * a2) / (n * (n - 1) * (n + 2)))
    assert zero(o.mean(o.form(1, C, 2) ** 2) - (n * a2 - a1**2) / (n * (n - 1) * (n + 2)))
    assert str(o.validity(o.form(1, C) * o.form(3, C))) == "n >= 3"
    u = Haar("U", n)
    assert zero(u.mean(u.form(1, C) ** 2) - (a1**2 + a2) / (n * (n + 1)))
    assert zero(u.mean(u.form(1, C) * u.form(2, C)) - (n * a1**2 - a2) / (n * (n**2 - 1)))


@pytest.mark.parametrize("size", [2, 3])
def test_forms_equal_the_sum_over_entries(size: int) -> None:
    """Also at n below the degree: the formulas are claimed from the number of rows on."""
    o, group = Haar("O", n), Haar("O", size)
    b, m = (ImmutableMatrix(VALUES[size][key]) for key in "BC")

    def form(i: int, matrix: ImmutableMatrix, j: int) -> Expr:
        indices = product(range(1, size + 1), repeat=2)
        return sum(group[i, a] * matrix[a - 1, e - 1] * group[j, e] for a, e in indices)

    cases = [
        (o.form(1, C) ** 3, form(1, m, 1) ** 3),
        (o.form(1, C) ** 2 * o.form(2, B), form(1, m, 1) ** 2 * form(2, b, 2)),
        (o.form(1, C, 2) ** 2 * o.form(1, B), form(1, m, 2) ** 2 * form(1, b, 1)),
        (o.form(1, B, 2) * o.form(1, C, 2), form(1, b, 2) * form(1, m, 2)),
    ]
    for scalar, entries in cases:
        expected = group.mean(expand(entries))
        assert numeric(o.mean(scalar), size) == expected
        assert numeric(o.mean(scalar).subs(n, n + 1), size) != expected


def test_orbits_partition_the_pairings() -> None:
    items = list(pairings([0] * 6))
    swap = (2, 3, 0, 1, 4, 5)
    found = orbits(items, [swap])
    assert sum(size for _, size in found) == len(items) == 15
    assert len(found) < 15


def test_bad_traces_are_refused() -> None:
    o = Haar("O", n)
    m = o.matrix
    with pytest.raises(UnsupportedError, match="words are products"):
        o.mean_trace(Inverse(m + A))
    with pytest.raises(UnsupportedError, match="polynomials in traces"):
        o.mean(1 / Trace(m))
    with pytest.raises(UnsupportedError, match="pairs of pairings"):
        o.mean(Trace(m) ** 40)
    with pytest.raises(UnsupportedError, match="for O and U"):
        Haar("Sp", n).form(1, C)
    with pytest.raises(DomainError, match="float"):
        o.mean(0.5 * Trace(m) ** 2)
    with pytest.raises(DomainError, match="quadratic form takes a matrix"):
        o.form(1, MatrixSymbol("D", 3, 3))
    with pytest.raises(UnsupportedError, match="quadratic forms"):
        o.mean(1 / o.form(1, C))


def test_transposes_of_words() -> None:
    o = Haar("O", n)
    m = o.matrix
    left = o.mean(Trace(m * A * Transpose(B * m)))
    assert zero(left - o.mean(Trace(m * A * m.T * B.T)))
    assert factor(o.mean(Trace(m * A * m * B), symmetric=[B])) == Trace(A * B) / n
    assert Rational(1, 2) * o.mean(2 * Trace(m * A * m.T)) == Trace(A)
    assert o.mean_trace(m * A * m.T * Symbol("a")) == Symbol("a") * Trace(A)

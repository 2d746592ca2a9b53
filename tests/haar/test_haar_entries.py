"""Entry moments: two algorithms against each other, direct integrals, orthogonality, stored values."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from itertools import permutations, product
from math import factorial, prod
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Expr,
    Mul,
    Poly,
    Rational,
    S,
    Symbol,
    conjugate,
    expand,
    fraction,
    im,
    latex,
    oo,
    re,
    together,
)

from theory.errors import DomainError, UnknownNameError, UnsupportedError
from theory.haar import unitary_columns
from theory.haar.columns import column_moment
from theory.haar.dirichlet import double_factorial
from theory.haar.group import Haar
from theory.haar.monomials import canonical
from theory.haar.orthogonal import column_rule, walk_rule
from theory.haar.pairings import pairings, relative_type
from theory.haar.walks import orthogonal_graph, unitary_graph
from theory.haar.weingarten import table, weingarten

d = Symbol("d")
POWERS = st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=2, max_size=3)
STORED = json.loads((Path(__file__).parent / "haarpy_values.json").read_text())


def product_of(group: Haar, powers: Sequence[Sequence[int]]) -> Expr:
    return Mul(*[group[i + 1, j + 1] ** a for i, row in enumerate(powers) for j, a in enumerate(row)])


def same(expr: Expr, record: dict[str, list[str]]) -> bool:
    """Equality of a rational function with stored coefficients."""
    numerator, denominator = fraction(together(expr))
    top, bottom = (Poly([Rational(c) for c in record[key]], d).as_expr() for key in ("numerator", "denominator"))
    return expand(numerator * bottom - denominator * top) == 0


def as_powers(record: dict[str, list[list[int]]]) -> tuple[tuple[int, ...], ...]:
    return tuple(map(tuple, record["powers"]))


def test_all_classes_of_degree_up_to_ten_agree_with_haarpy() -> None:
    group = Haar("O", d)
    assert len(STORED["orthogonal"]) == 232
    for number, record in enumerate(STORED["orthogonal"]):
        powers = as_powers(record)
        mean = group.mean(product_of(group, powers))
        assert same(mean, record), powers
        assert number % 8 or not same(mean.subs(d, d + 1), record)
        for size, value in record["values"].items():
            numeric = Haar("O", int(size))
            assert numeric.mean(product_of(numeric, powers)) == Rational(value)
        assert int(min(record["values"], key=int)) == len(powers)


@pytest.mark.parametrize("record", STORED["orthogonal"][::9], ids=lambda r: str(r["powers"]))
def test_two_algorithms_agree(record: dict[str, list[list[int]]]) -> None:
    powers = as_powers(record)
    by_columns, by_walks = column_rule(powers).value, walk_rule(powers).value
    assert by_columns == by_walks
    assert by_columns.scaled(2) != by_walks


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_two_algorithms_agree_on_random_powers(rows: list[list[int]]) -> None:
    powers = tuple(tuple(row) for row in rows)
    degree = sum(map(sum, powers))
    if degree == 0 or degree > 16:
        return
    counts = orthogonal_graph(powers).counts()
    if any(sum(line) % 2 for line in (*powers, *zip(*powers, strict=True))):
        assert not counts
        assert not column_moment(powers).numerator
        return
    assert walk_rule(powers).value == column_moment(powers)
    lines = [*powers, *zip(*powers, strict=True)]
    assert sum(counts.values()) == prod(double_factorial(sum(line) - 1) for line in lines)


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=2, max_size=3),
    st.permutations(range(3)),
)
@settings(max_examples=40, deadline=None)
def test_two_unitary_algorithms_agree(rows: list[list[int]], order: list[int]) -> None:
    left = tuple(tuple(row) for row in rows)
    right = tuple(tuple(row[j] for j in order) for row in left)
    degree = sum(map(sum, left))
    if degree == 0 or degree > 7:
        return
    counts = unitary_graph(left, right).counts()
    by_columns = unitary_columns.unitary_column_moment(left, right)
    if not counts:
        assert not by_columns.numerator
        return
    assert by_columns == table("U", degree).combination(counts)
    assert by_columns.scaled(3) != table("U", degree).combination(counts)


def test_walks_count_pairs_of_pairings() -> None:
    for powers in (
        ((2, 1, 1), (0, 1, 1)),
        ((2, 2), (2, 0)),
        ((1, 1, 0), (0, 1, 1), (1, 0, 1)),
        ((4, 0), (0, 2)),
    ):
        cells = [(i, j) for i, row in enumerate(powers) for j, a in enumerate(row) for _ in range(a)]
        direct: dict[tuple[int, ...], int] = {}
        for p in pairings([i for i, _ in cells]):
            for q in pairings([j for _, j in cells]):
                mu = relative_type(p, q)
                direct[mu] = direct.get(mu, 0) + 1
        assert orthogonal_graph(powers).counts() == direct


@given(
    st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=2, max_size=3),
    st.permutations(range(3)),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_canonical_form_is_invariant(rows: list[list[int]], order: list[int], flip: bool) -> None:
    powers = tuple(tuple(row) for row in rows)
    moved = tuple(tuple(row[j] for j in order) for row in reversed(powers))
    assert canonical(powers) == canonical(tuple(zip(*moved, strict=True)) if flip else moved)


def circle(a: int, b: int, c: int, e: int) -> Expr:
    """E O11^a O12^b O21^c O22^e over O(2): rotations and reflections by an angle."""
    p, q = a + e, b + c
    if p % 2 or q % 2:
        return S.Zero
    mean = Rational(double_factorial(p - 1) * double_factorial(q - 1), double_factorial(p + q))
    return mean * ((-1) ** b + (-1) ** e) / 2


def test_direct_integrals_in_dimension_one_and_two() -> None:
    one, two = Haar("O", 1), Haar("O", 2)
    assert [one.mean(one[1, 1] ** a) for a in range(5)] == [1, 0, 1, 0, 1]
    for powers in product(range(5), repeat=4):
        expected = circle(*powers)
        assert two.mean(product_of(two, (powers[:2], powers[2:]))) == expected
    assert circle(2, 0, 0, 2) != circle(1, 1, 1, 1)


def test_unitary_and_symplectic_direct_integrals() -> None:
    phase = Haar("U", 1)
    assert phase.mean(phase[1, 1] ** 3 * conjugate(phase[1, 1]) ** 3) == 1
    assert phase.mean(phase[1, 1] ** 3 * conjugate(phase[1, 1])) == 0
    # U(2) up to a phase and Sp(1) are the three-sphere: E |a|^2p |b|^2q = p! q!/(p + q + 1)!
    for p, q in product(range(4), repeat=2):
        expected = Rational(factorial(p) * factorial(q), factorial(p + q + 1))
        u, s = Haar("U", 2), Haar("Sp", 1)
        for group in (u, s):
            assert group.mean(Abs(group[1, 1]) ** (2 * p) * Abs(group[2, 1]) ** (2 * q)) == expected
            assert group.mean(Abs(group[1, 1]) ** (2 * p) * Abs(group[1, 2]) ** (2 * q)) == expected
        assert s.mean(s[1, 1] ** p * s[2, 2] ** p * (s[1, 2] * s[2, 1]) ** q) == (-1) ** q * expected
        assert u.mean(Abs(u[1, 1] ** p * u[2, 1] ** q) ** 2) == expected


@pytest.mark.parametrize(("size", "row"), [(2, 1), (3, 3), (4, 4), (4, 2)])
def test_rows_have_unit_norm_and_are_orthogonal(size: int, row: int) -> None:
    o = Haar("O", size)
    for factor in (o[1, 1] ** 2, o[1, 1] ** 2 * o[2, 2] ** 4, o[1, 1] * o[1, 2] * o[2, 1] * o[2, 2]):
        norm = sum(o[row, j] ** 2 for j in range(1, size + 1))
        assert o.mean(factor * norm) == o.mean(factor)
        assert o.mean(factor * (norm - o[row, 1] ** 2)) != o.mean(factor)
    cross = sum(o[1, j] * o[2, j] for j in range(1, size + 1))
    assert o.mean(o[1, 1] * o[2, 1] * cross) == 0
    assert o.mean(o[1, 1] * o[2, 1] * (cross - o[1, 1] * o[2, 1])) != 0


@pytest.mark.parametrize("size", [2, 3])
def test_unitary_rows(size: int) -> None:
    u = Haar("U", size)
    factor = Abs(u[1, 1] * u[2, 2]) ** 2
    assert u.mean(factor * sum(Abs(u[2, j]) ** 2 for j in range(1, size + 1))) == u.mean(factor)
    cross = sum(u[1, j] * conjugate(u[2, j]) for j in range(1, size + 1))
    assert u.mean(conjugate(u[1, 1]) * u[2, 1] * cross) == 0
    assert u.mean(conjugate(u[1, 1]) * u[2, 1] * (cross - u[1, 1] * conjugate(u[2, 1]))) != 0


@pytest.mark.parametrize("size", [1, 2, 3])
def test_symplectic_relations(size: int) -> None:
    s = Haar("Sp", size)
    factor = Abs(s[1, 1] * s[size, size + 1]) ** 2
    norm = sum(Abs(s[1, j]) ** 2 for j in range(1, 2 * size + 1))
    assert s.mean(factor * norm) == s.mean(factor)
    form = sum(s[1, j] * s[1 + size, j + size] - s[1, j + size] * s[1 + size, j] for j in range(1, size + 1))
    assert s.mean(factor * form) == s.mean(factor)
    assert s.mean(factor * (form + s[1, 1 + size] * s[1 + size, 1])) != s.mean(factor)
    # conjugate entries are entries: conj(S_ij) = +-S_i'j'
    assert s.mean(factor * (conjugate(s[1, 1]) - s[1 + size, 1 + size]) * s[1, 1]) == 0


def test_symplectic_with_symbolic_half_dimension_agrees_with_haarpy() -> None:
    s = Haar("Sp", d)

    def index(label: object) -> object:
        return label + 1 if isinstance(label, int) else d + int(str(label)) + 1

    for record in STORED["symplectic"]:
        pairs = zip(record["rows"], record["columns"], strict=True)
        mean = s.mean(Mul(*[s[index(i), index(j)] for i, j in pairs]))
        assert same(mean, record)
        assert not same(2 * mean, record)


def test_unitary_agrees_with_haarpy() -> None:
    u = Haar("U", d)
    for record in STORED["unitary"]:
        rows, columns, starred_rows, starred_columns = record["sequences"]
        plain = Mul(*[u[i + 1, j + 1] for i, j in zip(rows, columns, strict=True)])
        starred = Mul(*[u[i + 1, j + 1] for i, j in zip(starred_rows, starred_columns, strict=True)])
        mean = u.mean(plain * conjugate(starred))
        assert same(mean, record)
        assert not same(mean.subs(d, d + 1), record)


def test_stored_weingarten_values() -> None:
    for kind, key in (("U", "weingarten_unitary"), ("O", "weingarten_orthogonal")):
        for record in STORED[key]:
            assert same(weingarten(kind, record["type"], d), record)


def average_over_permutations(size: int, cells: Sequence[tuple[int, int]], centered: bool) -> Expr:
    shift = Rational(1, size) if centered else S.Zero
    total = S.Zero
    for order in permutations(range(1, size + 1)):
        total += prod(((1 if order[i - 1] == j else 0) - shift for i, j in cells), start=S.One)
    return total / factorial(size)


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
def test_permutations_by_enumeration(size: int) -> None:
    lists = [
        [(1, 1)] * 3,
        [(1, 1), (2, 2)],
        [(1, 1), (1, 2)],
        [(1, 1), (2, 2), (1, 2), (2, 1)],
        [(1, 1), (1, 1), (2, 1)],
    ]
    if size > 2:
        lists.append([(1, 1), (2, 2), (3, 3), (1, 3), (3, 3)])
    for cells in lists:
        for kind in ("S", "S0"):
            expected = average_over_permutations(size, cells, kind == "S0")
            numeric, symbolic = Haar(kind, size), Haar(kind, d)
            assert numeric.mean(Mul(*[numeric[c] for c in cells])) == expected
            assert symbolic.mean(Mul(*[symbolic[c] for c in cells])).subs(d, size) == expected
            assert symbolic.mean(Mul(*[symbolic[c] for c in cells])).subs(d, size + 1) != expected or expected == 0


def test_centered_permutations_agree_with_haarpy() -> None:
    group = Haar("S0", d)
    for record in STORED["centered"]:
        pairs = zip(record["rows"], record["columns"], strict=True)
        assert same(group.mean(Mul(*[group[i + 1, j + 1] for i, j in pairs])), record)


def test_minors() -> None:
    o = Haar("O", d)
    assert str(o.mean(o.minor([1, 2], [1, 2]) ** 4)) == "24/(d*(d - 1)*(d + 1)*(d + 2))"
    assert str(o.mean(o.minor([1, 2, 3], [2, 4, 5]) ** 2)) == "6/(d*(d - 2)*(d - 1))"
    three = Haar("O", 3)
    determinant = three.minor([1, 2, 3], [1, 2, 3])
    assert three.mean(determinant) == 0
    assert three.mean(determinant**2) == 1
    assert three.mean(determinant * three.minor([1, 2], [1, 2]) * three[3, 3]) == Rational(1, 3)
    with pytest.raises(DomainError, match="as many rows as columns"):
        o.minor([1, 2], [1])


def test_polynomials_coefficients_and_real_parts() -> None:
    a, m = Symbol("a"), Symbol("m", integer=True, positive=True)
    o, u = Haar("O", d), Haar("U", d)
    assert o.mean(d * o[1, 1] ** 2) == 1
    assert o.mean(o[1, 2] ** 2 / d) == d**-2
    assert (
        o.mean((o[1, 1] + a * o[2, 2]) ** 2) == (1 + a**2) / d
        or expand(together(o.mean((o[1, 1] + a * o[2, 2]) ** 2) * d) - 1 - a**2) == 0
    )
    assert o.mean(S(7)) == 7
    assert o.mean(3) == 3
    assert o.mean((d + 2) * o[1, 1] ** 4 - 3 * o[1, 2] ** 2) == 0
    assert u.mean(re(u[1, 1]) ** 2) == 1 / (2 * d)
    assert u.mean(im(u[1, 1]) ** 2 + re(u[1, 1]) ** 2) == 1 / d
    shifted = Haar("O", 2 * m + 1)
    assert shifted.mean(shifted[1, 1] ** 2) == 1 / (2 * m + 1)


def test_validity_and_indices() -> None:
    n = Symbol("n", integer=True, positive=True)
    o = Haar("O", n)
    assert o.validity(o[1, 1] ** 2) == True  # noqa: E712
    assert str(o.validity(o[1, 1] ** 2 * o[3, 2] ** 2)) == "n >= 3"
    assert Haar("O", 2).validity(Haar("O", 2)[2, 2]) == True  # noqa: E712
    s = Haar("Sp", n)
    assert str(s.validity(s[n + 2, 1] * s[2, n + 1])) == "n >= 2"
    for group, index in (
        (Haar("O", 3), (4, 1)),
        (Haar("Sp", 3), (1, 7)),
        (o, (0, 1)),
        (o, (1.0, 1)),
        (o, (n, 1)),
    ):
        with pytest.raises(DomainError, match="ind"):
            group[index]
    with pytest.raises(DomainError, match="a row and a column"):
        o[1]  # type: ignore[index]


def test_bad_input_is_refused() -> None:
    o, other, u = Haar("O", d), Haar("O", d, "V"), Haar("U", d)
    with pytest.raises(DomainError, match="over one matrix"):
        o.mean(o[1, 1] * u[1, 1])
    with pytest.raises(DomainError, match="over one matrix"):
        o.mean(o[1, 1] ** 2 * other[1, 1] ** 2)
    with pytest.raises(DomainError, match="float"):
        o.mean(0.5 * o[1, 1] ** 2)
    with pytest.raises(DomainError, match="finite polynomials"):
        o.mean(oo * o[1, 1] ** 2)
    with pytest.raises(DomainError, match="exact sympy expression"):
        o.mean("O[1, 1]**2")  # type: ignore[arg-type]
    for bad in (1 / o[1, 1], Abs(o[1, 1]), o[1, 1] ** d):
        with pytest.raises(UnsupportedError, match="polynomials"):
            o.mean(bad)
    with pytest.raises(UnknownNameError, match="unknown group"):
        Haar("SU", 3)
    with pytest.raises(DomainError, match="positive integer"):
        Haar("O", 2.5)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="estimated"):
        o.mean(Mul(*[o[i, j] ** 2 for i in range(1, 7) for j in range(1, 7)]))
    assert o.mean(o[1, 1] ** 101) == 0


def test_entries_are_symbols() -> None:
    o = Haar("O", 3)
    assert o[1, 2] == Haar("O", 3)[1, 2]
    assert o[1, 2] != Haar("O", 4)[1, 2]
    assert o[1, 2] != Haar("U", 3, "O")[1, 2]
    plain, positive = Symbol("n"), Symbol("n", positive=True)
    assert Haar("O", plain)[1, 2] != Haar("O", positive)[1, 2]
    assert pickle.loads(pickle.dumps(o[1, 2])) == o[1, 2]
    assert latex(o[1, 2]) == "O_{1,2}"
    assert (o[1, 2] ** 2).diff(o[1, 2]) == 2 * o[1, 2]


def test_values_at_integers_with_and_without_the_symbolic_table() -> None:
    for powers in (((2, 0, 0), (0, 2, 0), (0, 0, 2)), ((1, 1, 0), (0, 1, 1), (1, 0, 1))):
        for size in (3, 4, 9):
            fresh, used = walk_rule(powers), walk_rule(powers)
            assert used.value(size) == fresh.at(size) == used.at(size)
            assert used.value(size + 1) != fresh.at(size)


def test_large_cases_are_exact() -> None:
    o = Haar("O", d)
    diagonal = o.mean(Mul(*[o[i, i] ** 2 for i in range(1, 11)]))
    first = Mul(*[o[i, i] ** 2 for i in range(1, 10)])
    # sum over the last column of a row orthonormality relation at n = 10
    ten = Haar("O", 10)
    total = sum(ten.mean(Mul(*[ten[i, i] ** 2 for i in range(1, 10)]) * ten[10, j] ** 2) for j in range(1, 11))
    assert total == o.mean(first).subs(d, 10)
    assert diagonal.subs(d, 10) == ten.mean(Mul(*[ten[i, i] ** 2 for i in range(1, 11)]))
    cube = ((2, 2, 2),) * 3
    assert column_rule(cube).value == walk_rule(cube).value

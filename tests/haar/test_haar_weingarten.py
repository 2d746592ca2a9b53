"""Weingarten functions against the inverse of the Gram matrix, the spectral sum and stored values."""

from __future__ import annotations

from itertools import permutations
from math import prod

import pytest
from flint import fmpq, fmpq_mat
from sympy import Integer, Rational, Symbol, cancel, catalan, sqrt

from theory.errors import DomainError, TheoryError, UnknownNameError, UnsupportedError
from theory.haar.characters import character, character_table, dimension
from theory.haar.pairings import bijections, pairings, relative_type
from theory.haar.partitions import centralizer_order, contents, dominates, partitions
from theory.haar.weingarten import ALPHA, common_poles, pseudo_inverse_at, spectral_row, table, values_at, weingarten

n = Symbol("n")


def test_characters_are_orthogonal() -> None:
    for degree in range(1, 8):
        rows, types = character_table(degree), partitions(degree)
        for first in types:
            for second in types:
                product = sum(
                    fmpq(a * b, centralizer_order(mu))
                    for a, b, mu in zip(rows[first], rows[second], types, strict=True)
                )
                assert product == int(first == second)
            assert rows[first][-1] == dimension(first) == character(first, (1,) * degree)


def test_character_of_unequal_sizes_is_refused() -> None:
    with pytest.raises(DomainError, match="same size"):
        character((2, 1), (2,))


def gram_inverse(kind: str, degree: int, size: int) -> dict[tuple[int, ...], fmpq]:
    """First row of the inverse of the full Gram matrix `n^(number of loops)`, by type."""
    items = list(pairings([0] * (2 * degree))) if kind == "O" else list(bijections([False] * degree + [True] * degree))
    gram = fmpq_mat([[fmpq(size) ** len(relative_type(p, q)) for q in items] for p in items])
    inverse = gram.inv()
    return {relative_type(items[0], q): inverse[0, i] for i, q in enumerate(items)}


@pytest.mark.parametrize("kind", ["O", "U"])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_against_the_inverse_of_the_gram_matrix(kind: str, degree: int) -> None:
    for size in (degree, degree + 1, degree + 4):
        inverse = gram_inverse(kind, degree, size)
        assert set(inverse) == set(partitions(degree))
        for mu, expected in inverse.items():
            number = Rational(int(expected.p), int(expected.q))
            assert weingarten(kind, mu, size) == number
            assert weingarten(kind, mu, n).subs(n, size) == number
            assert weingarten(kind, mu, n).subs(n, size + 1) != number


@pytest.mark.parametrize("kind", ["O", "U"])
@pytest.mark.parametrize("degree", [2, 4, 6, 7])
def test_recursion_equals_spectral_sum(kind: str, degree: int) -> None:
    for size in (degree, degree + 3):
        totals = [fmpq(0)] * len(partitions(degree))
        for shape in partitions(degree):
            product = 1
            for content in contents(shape, ALPHA[kind]):
                product *= size + content
            for i, entry in enumerate(spectral_row(kind, shape)):
                totals[i] += entry / product
        assert tuple(totals) == values_at(kind, degree, size)
        assert tuple(totals) != values_at(kind, degree, size + 1)


@pytest.mark.parametrize(("kind", "degree", "size"), [("O", 3, 2), ("O", 3, 1), ("U", 3, 2), ("U", 4, 2), ("O", 4, 3)])
def test_pseudo_inverse_below_the_degree(kind: str, degree: int, size: int) -> None:
    """Penrose: G W G = G and W G W = W for the full matrices."""
    items = list(pairings([0] * (2 * degree))) if kind == "O" else list(bijections([False] * degree + [True] * degree))
    by_type = dict(zip(partitions(degree), pseudo_inverse_at(kind, degree, size), strict=True))
    types = [[relative_type(p, q) for q in items] for p in items]
    gram = fmpq_mat([[fmpq(size) ** len(mu) for mu in row] for row in types])
    inverse = fmpq_mat([[by_type[mu] for mu in row] for row in types])
    assert gram.rank() < len(items)
    assert gram * inverse * gram == gram
    assert inverse * gram * inverse == inverse
    assert gram * (inverse * 2) * gram != gram


def test_symplectic_duality_and_known_values() -> None:
    assert cancel(weingarten("Sp", (1,), n) - 1 / (2 * n)) == 0
    assert cancel(weingarten("Sp", (2,), n) + 1 / (4 * n * (n - 1) * (2 * n + 1))) == 0
    for degree in (1, 2, 3, 4):
        for mu in partitions(degree):
            dual = (-1) ** len(mu) * weingarten("O", mu, n).subs(n, -2 * n)
            assert cancel(weingarten("Sp", mu, n) - dual) == 0
            assert weingarten("Sp", mu, degree + 1) == dual.subs(n, degree + 1)


def test_tables_are_in_lowest_terms_and_symbolic_dimension_may_be_an_expression() -> None:
    assert str(weingarten("O", [1, 2], n)) == "-1/(n*(n - 2)*(n - 1)*(n + 4))"
    assert weingarten("U", (2,), 2 * n + 1) == weingarten("U", (2,), n).subs(n, 2 * n + 1)
    assert weingarten("O", (), n) == 1
    whole = table("O", 5)
    assert set(whole.numerators) == set(partitions(5))


@pytest.mark.parametrize(
    "size", [0, -1, 2.0, Rational(1, 2), sqrt(2), True, "n", Integer(-3), Symbol("m", negative=True)]
)
def test_bad_dimensions_are_refused(size: object) -> None:
    with pytest.raises(DomainError, match="positive integer"):
        weingarten("O", (1,), size)  # type: ignore[arg-type]


def test_bad_types_groups_and_degrees_are_refused() -> None:
    with pytest.raises(DomainError, match="parts of a partition"):
        weingarten("O", (2, 0), n)
    with pytest.raises(UnknownNameError, match="unknown group"):
        weingarten("SO", (1,), n)
    with pytest.raises(UnsupportedError, match="symbolic dimension go up to degree k = 20"):
        weingarten("O", (1,) * 30, n)
    with pytest.raises(UnsupportedError, match="at a number go up to degree k = 28"):
        weingarten("O", (1,) * 60, 70)
    assert issubclass(UnsupportedError, TheoryError)


def test_a_number_reaches_degrees_that_a_symbol_does_not() -> None:
    """A full cycle has the product formula of a single cycle."""
    k, size = 21, 30
    expected = Rational((-1) ** (k - 1) * catalan(k - 1), prod(size + i for i in range(1 - k, k)))
    assert weingarten("U", (k,), size) == expected
    with pytest.raises(UnsupportedError):
        weingarten("U", (k,), n)


def test_dominance_order() -> None:
    assert dominates((3, 1), (2, 2))
    assert not dominates((2, 2), (3, 1))
    assert not dominates((4, 1, 1), (3, 3))
    assert not dominates((3, 3), (4, 1, 1))


def test_relative_types_of_all_pairings() -> None:
    start = next(pairings([0] * 6))
    found = [relative_type(start, q) for q in pairings([0] * 6)]
    assert {mu: found.count(mu) for mu in set(found)} == {(1, 1, 1): 1, (2, 1): 6, (3,): 8}
    assert len(list(permutations(range(3)))) == len(list(bijections([False, True] * 3)))


@pytest.mark.parametrize(("alpha", "kind"), [(1, "U"), (2, "O")])
def test_common_poles_are_those_of_the_worst_shape(alpha: int, kind: str) -> None:
    """Listed shape by shape; with few rows the table gives the moments of few lines over the smaller denominator."""
    for degree in range(1, 9):
        for rows in range(1, degree + 1):
            expected: dict[int, int] = {}
            for shape in partitions(degree):
                found = list(contents(shape, alpha)) if len(shape) <= rows else []
                for content in set(found):
                    expected[-content] = max(expected.get(-content, 0), found.count(content))
            assert common_poles(alpha, degree, rows) == expected
            assert rows == degree or common_poles(alpha, degree, rows + 1) != expected
    assert ALPHA[kind] == alpha


@pytest.mark.parametrize("kind", ["O", "U"])
def test_expansion_in_inverse_powers_equals_values_at_integers(kind: str) -> None:
    for degree in range(1, 9):
        whole = table(kind, degree)
        for size in (degree, degree + 2):
            values = values_at(kind, degree, size)
            assert [whole.combination({mu: 1})(size) for mu in whole.types] == list(values)
            assert [whole.combination({mu: 1})(size + 1) for mu in whole.types] != list(values)

"""Live comparison with haarpy, where it is installed: every class of monomials, and whole tables."""

from __future__ import annotations

import json
from itertools import combinations_with_replacement, permutations, product
from pathlib import Path
from typing import Any

import pytest
from sympy import Expr, Mul, Rational, S, Symbol, conjugate, expand, fraction, sympify, together

from theory.haar.group import Haar
from theory.haar.monomials import canonical_rows
from theory.haar.partitions import partitions
from theory.haar.weingarten import weingarten

haarpy: Any = pytest.importorskip("haarpy")
d = Symbol("d")
Cells = list[tuple[int, int]]
Powers = tuple[tuple[int, ...], ...]
STORED = json.loads((Path(__file__).parent / "haarpy_values.json").read_text())["orthogonal"]


def equal(ours: Expr, theirs: Any) -> bool:
    return expand(fraction(together(ours - S(sympify(theirs))))[0]) == 0


def lines(cells: Cells) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(i for i, _ in cells), tuple(j for _, j in cells)


def product_of(group: Haar, cells: Cells) -> Expr:
    return Mul(*[group[i + 1, j + 1] for i, j in cells])


def power_product(group: Haar, powers: Powers) -> Expr:
    return Mul(*[group[i + 1, j + 1] ** a for i, row in enumerate(powers) for j, a in enumerate(row)])


def sequences(powers: Powers) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return lines([(i, j) for i, row in enumerate(powers) for j, a in enumerate(row) for _ in range(a)])


def classes(degree: int, size: int) -> list[Powers]:
    """Matrices of non-negative integers of one sum without empty lines, one of every class under relabelling."""
    found: dict[Powers, None] = {}

    def extend(rows: tuple[tuple[int, ...], ...], left: int, columns: int) -> None:
        if not left:
            if all(map(sum, zip(*rows, strict=True))):
                found[canonical_rows(rows)] = None
            return
        if len(rows) < size:
            for row in product(range(left + 1), repeat=columns):
                if 0 < sum(row) <= left and (not rows or row <= rows[-1]):
                    extend((*rows, row), left - sum(row), columns)

    for columns in range(1, size + 1):
        extend((), degree, columns)
    return list(found)


def test_all_orthogonal_monomials_up_to_degree_ten_at_every_size() -> None:
    """Equal values at more sizes than the rational functions have coefficients."""
    assert len(STORED) == 232
    for record in STORED:
        powers = tuple(map(tuple, record["powers"]))
        symbolic = Haar("O", d).mean(power_product(Haar("O", d), powers))
        for size in range(len(powers), len(powers) + 14):
            theirs = haarpy.haar_integral_orthogonal(powers, size, "gorin", "matrix")
            ours = Haar("O", size).mean(power_product(Haar("O", size), powers))
            assert ours == Rational(theirs.numerator, theirs.denominator)
            assert symbolic.subs(d, size) == ours != ours + 1


@pytest.mark.parametrize("degree", [2, 4, 6])
def test_all_small_orthogonal_monomials_symbolically(degree: int) -> None:
    group = Haar("O", d)
    for powers in classes(degree, 3):
        theirs = haarpy.haar_integral_orthogonal(powers, d, "gorin", "matrix")
        ours = group.mean(power_product(group, powers))
        assert equal(ours, theirs)
        assert not equal(ours + 1 / d, theirs)


@pytest.mark.parametrize(("degree", "size"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 2)])
def test_unitary_monomials(degree: int, size: int) -> None:
    """Every product of two classes with equal line sums, up to the order of rows, at several dimensions."""
    met = 0
    for left in classes(degree, size):
        for order in sorted(set(permutations(left)))[:6]:
            right = tuple(zip(*sorted(zip(*order, strict=True)), strict=True))
            if [sum(r) for r in left] != [sum(r) for r in right]:
                continue
            for dimension in (size, degree + 1, 11):
                group = Haar("U", dimension)
                ours = group.mean(power_product(group, left) * conjugate(power_product(group, right)))
                theirs = haarpy.haar_integral_unitary(sequences(left), sequences(right), dimension)
                assert ours == S(sympify(theirs))
                met += ours != 0
    assert met


@pytest.mark.parametrize("degree", [1, 2])
def test_small_unitary_monomials_symbolically(degree: int) -> None:
    group = Haar("U", d)
    for left in classes(degree, 2):
        for right in classes(degree, 2):
            if len(left) == len(right) and len(left[0]) == len(right[0]):
                ours = group.mean(power_product(group, left) * conjugate(power_product(group, right)))
                theirs = haarpy.haar_integral_unitary(sequences(left), sequences(right), d)
                assert equal(ours, theirs)
                assert not equal(ours + 1, theirs)


@pytest.mark.parametrize("degree", [2, 4])
def test_symplectic_monomials(degree: int) -> None:
    """All cells of the two indices 1 and n + 1."""
    group = Haar("Sp", d)
    for cells in combinations_with_replacement(list(product((0, 1), repeat=2)), degree):
        rows, columns = zip(*cells, strict=True)
        theirs = haarpy.haar_integral_symplectic(
            (tuple(i if not i else d for i in rows), tuple(j if not j else d for j in columns)), d
        )
        ours = group.mean(Mul(*[group[1 + i * d, 1 + j * d] for i, j in cells]))
        assert equal(ours, theirs)
        assert not equal(ours + 1, theirs)


def test_centred_permutations() -> None:
    group = Haar("S0", d)
    for cells in ([(0, 0)] * 3, [(0, 0), (1, 1)], [(0, 0), (0, 1), (1, 0)]):
        assert equal(group.mean(product_of(group, cells)), haarpy.haar_integral_centered_permutation(*lines(cells), d))


@pytest.mark.parametrize(("kind", "degree"), [("O", 2), ("O", 3), ("O", 4), ("U", 2), ("U", 3), ("U", 4)])
def test_weingarten_tables(kind: str, degree: int) -> None:
    theirs = {"O": haarpy.weingarten_orthogonal, "U": haarpy.weingarten_unitary}[kind]
    for mu in partitions(degree):
        assert equal(weingarten(kind, mu, d), theirs(mu, d))
        assert equal(weingarten(kind, mu, 2 * degree), theirs(mu, 2 * degree))

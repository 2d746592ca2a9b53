"""Live comparison with haarpy, where it is installed: random monomials and whole tables, symbolic and numeric."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from sympy import Expr, Mul, S, Symbol, conjugate, expand, fraction, sympify, together

from theory.haar.group import Haar
from theory.haar.partitions import partitions
from theory.haar.weingarten import weingarten

haarpy: Any = pytest.importorskip("haarpy")
d = Symbol("d")
Cells = list[tuple[int, int]]


def equal(ours: Expr, theirs: Any) -> bool:
    return expand(fraction(together(ours - S(sympify(theirs))))[0]) == 0


def lines(cells: Cells) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(i for i, _ in cells), tuple(j for _, j in cells)


def product_of(group: Haar, cells: Cells) -> Expr:
    return Mul(*[group[i + 1, j + 1] for i, j in cells])


def even_monomials(degree: int, count: int) -> Sequence[Cells]:
    """Random cells in three rows and columns, every row and column met an even number of times."""
    generator, found = random.Random(degree), []
    while len(found) < count:
        rows = [i for i in (generator.randrange(3) for _ in range(degree // 2)) for _ in range(2)]
        columns = [j for j in (generator.randrange(3) for _ in range(degree // 2)) for _ in range(2)]
        generator.shuffle(columns)
        found.append(sorted(zip(rows, columns, strict=True)))
    return found


@pytest.mark.parametrize("degree", [2, 4, 6])
def test_orthogonal(degree: int) -> None:
    for cells in even_monomials(degree, 6):
        theirs = haarpy.haar_integral_orthogonal(lines(cells), d, "gorin")
        assert equal(Haar("O", d).mean(product_of(Haar("O", d), cells)), theirs)
        assert not equal(Haar("O", d).mean(product_of(Haar("O", d), cells)), theirs + 1 / d)
        for size in (3, 7):
            value = haarpy.haar_integral_orthogonal(lines(cells), size)
            assert equal(Haar("O", size).mean(product_of(Haar("O", size), cells)), value)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_unitary(degree: int) -> None:
    generator = random.Random(degree)
    for _ in range(6):
        cells = [(generator.randrange(2), generator.randrange(2)) for _ in range(degree)]
        rows, columns = lines(cells)
        stars = list(zip(rows, generator.sample(columns, degree), strict=True))
        for size in (d, 5):
            group = Haar("U", size)
            ours = group.mean(product_of(group, cells) * conjugate(product_of(group, stars)))
            assert equal(ours, haarpy.haar_integral_unitary(lines(cells), lines(stars), size))


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

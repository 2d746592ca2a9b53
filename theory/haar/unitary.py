"""Moments of the entries of a Haar unitary matrix and their conjugates."""

from __future__ import annotations

from functools import lru_cache
from math import prod

from theory.errors import UnsupportedError
from theory.haar.dirichlet import unit_sphere
from theory.haar.moment import Moment, vanishing, weingarten_moment
from theory.haar.monomials import Cells, Matrix
from theory.haar.orthogonal import MAXIMAL_COST
from theory.haar.walks import unitary_graph
from theory.haar.weingarten import MAXIMAL_DEGREE

__all__ = ["unitary_moment"]


def unitary_moment(powers: Cells, conjugates: Cells) -> Moment:
    """`E prod U_ij^(a_ij) conj(U_ij)^(b_ij)`, exact at every n for which the entries exist.

    Raises
    ------
    UnsupportedError
        Beyond the largest Weingarten table, or the limit on time.
    """
    rows = sorted({i for i, _ in (*powers, *conjugates)})
    columns = sorted({j for _, j in (*powers, *conjugates)})
    left = tuple(tuple(powers.get((i, j), 0) for j in columns) for i in rows)
    right = tuple(tuple(conjugates.get((i, j), 0) for j in columns) for i in rows)
    for name, one, other in (("row", left, right), ("column", flipped(left), flipped(right))):
        for position, (a, b) in enumerate(zip(one, other, strict=True)):
            if sum(a) != sum(b):
                return vanishing(
                    f"unequal powers in {name} {position + 1} of the monomial: a phase on it keeps the law"
                )
    if len(rows) <= 1 or len(columns) <= 1:
        return Moment(unit_sphere(powers.values()), "one line: uniform on the complex sphere")
    return matrix_moment(*canonical_pair(left, right))


def flipped(matrix: Matrix) -> Matrix:
    """Transpose."""
    return tuple(zip(*matrix, strict=True))


def canonical_pair(left: Matrix, right: Matrix) -> tuple[Matrix, Matrix]:
    """Rows and columns sorted by their powers, so that relabelled monomials mostly meet in the cache."""
    pairs = [list(zip(a, b, strict=True)) for a, b in zip(left, right, strict=True)]
    for _ in range(2):
        pairs.sort(key=lambda row: (sorted(row, reverse=True), row), reverse=True)
        columns = sorted(zip(*pairs, strict=True), key=lambda c: (sorted(c, reverse=True), c), reverse=True)
        pairs = [list(row) for row in zip(*columns, strict=True)]
    return tuple(tuple(a for a, _ in row) for row in pairs), tuple(tuple(b for _, b in row) for row in pairs)


@lru_cache(maxsize=20_000)
def matrix_moment(left: Matrix, right: Matrix) -> Moment:
    """Weingarten sum with pairs of permutations counted as closed walks."""
    degree = sum(map(sum, left))
    states = prod(a + 1 for matrix in (left, right) for row in matrix for a in row)
    states //= 2 ** (len(left) + len(left[0]) - 1)
    if degree > MAXIMAL_DEGREE or 2e-5 * states + 1e-7 * states**2 > MAXIMAL_COST:
        raise UnsupportedError(
            f"unitary moments go up to k = {MAXIMAL_DEGREE} factors and about {MAXIMAL_COST:g} s; received "
            f"k = {degree} with about {states:.0e} intermediate monomials; lower the powers or use one line"
        )
    return weingarten_moment("U", degree, unitary_graph(left, right).counts())

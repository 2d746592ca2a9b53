"""Expectations of polynomials in the entries of one Haar matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Integer, S

from theory.haar import orthogonal, unitary
from theory.haar.average import Average, Part, WeingartenTerm
from theory.haar.combination import Combination, rational_in
from theory.haar.entries import GroupKey, Monomial, entry_terms
from theory.haar.indices import index_vertex
from theory.haar.moment import Moment
from theory.haar.monomials import Cells, exponent_matrix
from theory.haar.orthogonal import orthogonal_moment
from theory.haar.partitions import Partition
from theory.haar.permutations import centered_moment, permutation_moment
from theory.haar.rational import RationalFunction
from theory.haar.symplectic import conjugate_cell, symplectic_moment
from theory.haar.unitary import unitary_moment

__all__ = ["cells_moment", "entry_average"]

EXPLAINED_SECONDS = 1.0


def entry_average(key: GroupKey, expr: Expr) -> Average:
    """Expectation term by term, relabelled monomials computed once."""
    scale = -2 if key.kind == "Sp" else 1
    dimension = S(key.n)
    items, parts, bound = [], [], 1
    for monomial, coefficient in entry_terms(expr, key).items():
        bound = max(bound, least_dimension(monomial, key))
        sign, moment = monomial_moment(monomial, key)
        value = settled(moment, key, scale).scaled(sign)
        free, factor = rational_in(coefficient, dimension, scale)
        items.append((free, value * factor))
        parts.append(entry_part(monomial, coefficient, value, sign, moment, key))
    return Average(expr, Combination.collect(items, dimension, scale), key.n, (bound,), parts)


def entry_part(
    monomial: Monomial, coefficient: Expr, value: RationalFunction, sign: int, moment: Moment, key: GroupKey
) -> Part:
    """One monomial with its value; the Weingarten sum is worked out only when asked for."""
    scale = -2 if key.kind == "Sp" else 1

    def terms() -> Sequence[WeingartenTerm]:
        counts = moment.counts
        if counts is None and value.numerator and monomial.degree:
            counts = weingarten_counts(monomial, key.kind)
        return [(moment.kind or key.kind, mu, Integer(sign * count)) for mu, count in (counts or {}).items()]

    combination = Combination({Integer(1): value} if value.numerator else {}, S(key.n), scale)
    return Part(coefficient, monomial.expr, combination, moment.rule, terms)


def weingarten_counts(monomial: Monomial, kind: str) -> Mapping[Partition, int] | None:
    """The Weingarten sum behind a moment found in another way, where it is cheap."""
    powers = {(e.row, e.column): a for e, a in monomial.powers}
    if kind == "O":
        matrix = exponent_matrix(powers)
        if orthogonal.walk_seconds(matrix) < EXPLAINED_SECONDS:
            return orthogonal.walk_rule(matrix).counts
    if kind == "U":
        pair = unitary.power_matrices(powers, {(e.row, e.column): b for e, b in monomial.conjugates})
        if unitary.walk_seconds(*pair) < EXPLAINED_SECONDS:
            return unitary.walk_rule(*pair).counts
    return None


def settled(moment: Moment, key: GroupKey, scale: int) -> RationalFunction:
    """The moment as a function, or its value at a numeric dimension."""
    if isinstance(key.n, int):
        return RationalFunction.constant(moment.at(scale * key.n))
    return moment.value


def least_dimension(monomial: Monomial, key: GroupKey) -> int:
    """Smallest n for which all entries exist."""
    least = 1
    for entry, _ in (*monomial.powers, *monomial.conjugates):
        for index in (entry.row, entry.column):
            least = max(least, index_vertex(index, key.n) >> 1 if key.kind == "Sp" else index)
    return least


def monomial_moment(monomial: Monomial, key: GroupKey) -> tuple[int, Moment]:
    """Sign and moment."""
    powers = {(e.row, e.column): a for e, a in monomial.powers}
    return cells_moment(key, powers, {(e.row, e.column): b for e, b in monomial.conjugates})


def cells_moment(key: GroupKey, powers: Cells, conjugates: Cells) -> tuple[int, Moment]:
    """Sign and moment of powers of entries and of conjugates; the sign comes from conjugates of symplectic entries."""
    if key.kind == "O":
        return 1, orthogonal_moment(powers)
    if key.kind == "U":
        return 1, unitary_moment(powers, conjugates)
    if key.kind == "Sp":
        return symplectic_cells(powers, conjugates, key)
    return 1, (permutation_moment if key.kind == "S" else centered_moment)(powers)


def symplectic_cells(powers: Cells, conjugates: Cells, key: GroupKey) -> tuple[int, Moment]:
    """Conjugates written as entries with a sign."""
    cells: dict[tuple[int, int], int] = {}
    total = 1
    for (row, column), power in powers.items():
        cell = index_vertex(row, key.n), index_vertex(column, key.n)
        cells[cell] = cells.get(cell, 0) + power
    for (row, column), power in conjugates.items():
        cell, sign = conjugate_cell((index_vertex(row, key.n), index_vertex(column, key.n)))
        cells[cell] = cells.get(cell, 0) + power
        total *= sign**power
    return total, symplectic_moment(cells)

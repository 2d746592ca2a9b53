"""Moments of a few columns of a unitary matrix by Gram-Schmidt, the complex twin of `theory.haar.columns`.

Given the columns before it, column c has the moments of a complex Gaussian vector of covariance
`I - sum_b u_b u_b^*`, divided by `(n - c)(n - c + 1) ...`; auxiliary complex normal variables z carry the
negative part.
"""

from __future__ import annotations

from math import factorial

from theory.haar.columns import Exponents, over_pochhammers, splits
from theory.haar.monomials import Matrix
from theory.haar.rational import RationalFunction

__all__ = ["unitary_column_moment"]

Pair = tuple[Exponents, Exponents]


def row_terms(row: Exponents, starred: Exponents) -> dict[Pair, int]:
    """Expectation over one row as a polynomial in z_(c,b) and their conjugates."""
    states: dict[tuple[Exponents, Exponents, Exponents, Exponents], int] = {(row, starred, (), ()): 1}
    for c in range(len(row) - 1, 0, -1):
        grown: dict[tuple[Exponents, Exponents, Exponents, Exponents], int] = {}
        for (powers, stars, used, used_stars), weight in states.items():
            for split, ways, left in splits(powers[c], c):
                for star_split, star_ways, star_left in splits(stars[c], c):
                    if left != star_left:
                        continue
                    key = (
                        tuple(p + s for p, s in zip(powers, split, strict=False)),
                        tuple(p + s for p, s in zip(stars, star_split, strict=False)),
                        used + split,
                        used_stars + star_split,
                    )
                    grown[key] = grown.get(key, 0) + weight * ways * star_ways * factorial(left)
        states = grown
    terms: dict[Pair, int] = {}
    for (powers, stars, used, used_stars), weight in states.items():
        if powers[0] == stars[0]:
            key2 = used, used_stars
            terms[key2] = terms.get(key2, 0) + weight * factorial(powers[0])
    return terms


def unitary_column_moment(left: Matrix, right: Matrix) -> RationalFunction:
    """`E prod U_ij^(a_ij) conj(U_ij)^(b_ij)`; exact for every n at least the number of columns."""
    columns = len(left[0])
    empty = (0,) * (columns * (columns - 1) // 2)
    total: dict[Pair, int] = {(empty, empty): 1}
    for row, starred in zip(left, right, strict=True):
        merged: dict[Pair, int] = {}
        terms = row_terms(row, starred)
        for (first, first_stars), a in total.items():
            for (second, second_stars), b in terms.items():
                key = (
                    tuple(x + y for x, y in zip(first, second, strict=True)),
                    tuple(x + y for x, y in zip(first_stars, second_stars, strict=True)),
                )
                merged[key] = merged.get(key, 0) + a * b
        total = merged
    base = [sum(row[c] for row in left) for c in range(columns)]
    by_degrees: dict[Exponents, int] = {}
    for (used, stars), weight in total.items():
        if used != stars:
            continue
        degrees, position = list(base), 0
        for c in range(columns - 1, 0, -1):
            for b in range(c):
                degrees[b] += used[position]
                position += 1
        for exponent in used:
            weight *= (-1) ** exponent * factorial(exponent)
        by_degrees[tuple(degrees)] = by_degrees.get(tuple(degrees), 0) + weight
    return over_pochhammers(by_degrees, 1)

"""Moments of a few columns by Gram-Schmidt: each is uniform on the sphere orthogonal to the earlier ones.

Given the columns before it, column c has the moments of a Gaussian vector of covariance
`I - sum_b u_b u_b'`, divided by `(n - c)(n - c + 2) ...`.  The negative part of the covariance is carried by
auxiliary normal variables with weight `i`; given those, the rows are independent and the sum factorises.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import comb, prod

from flint import fmpq_poly, fmpz_poly

from theory.haar.dirichlet import double_factorial, rising_poles
from theory.haar.rational import RationalFunction, linear_product

__all__ = ["column_cost", "column_moment", "over_pochhammers", "splits", "two_column_moment"]

Powers = tuple[tuple[int, ...], ...]
Exponents = tuple[int, ...]

FIELD = 16


def column_cost(rows: Powers) -> int:
    """Rough number of products of terms that `column_moment` forms."""
    columns = len(rows[0])
    sizes = [sum(row[c] for row in rows) + 1 for c in range(columns)]
    return prod(sizes[c] ** c for c in range(1, columns)) * len(rows)


def row_terms(row: tuple[int, ...]) -> dict[Exponents, int]:
    """Expectation over one row as a polynomial in the auxiliary variables z_(c,b), c > b."""
    columns = len(row)
    states: dict[tuple[Exponents, Exponents], int] = {(row, ()): 1}
    for c in range(columns - 1, 0, -1):
        grown: dict[tuple[Exponents, Exponents], int] = {}
        for (powers, used), weight in states.items():
            for split, ways, left in splits(powers[c], c):
                if left % 2:
                    continue
                ways *= double_factorial(left - 1)
                key = (tuple(p + s for p, s in zip(powers, split, strict=False)), used + split)
                grown[key] = grown.get(key, 0) + weight * ways
        states = grown
    terms: dict[Exponents, int] = {}
    for (powers, used), weight in states.items():
        if powers[0] % 2 == 0:
            terms[used] = terms.get(used, 0) + weight * double_factorial(powers[0] - 1)
    return terms


def pack(exponents: Exponents) -> int:
    """Exponents as one integer, so that monomials multiply by one addition."""
    return sum(e << (FIELD * i) for i, e in enumerate(exponents))


def unpack(packed: int, count: int) -> Exponents:
    """The exponents in a packed integer."""
    return tuple((packed >> (FIELD * i)) & ((1 << FIELD) - 1) for i in range(count))


def splits(power: int, parts: int) -> Iterator[tuple[Exponents, int, int]]:
    """Terms of `(g + x_1 + ... + x_parts)^power`: exponents of x, multinomial coefficient, exponent of g."""
    for split in product(*[range(power + 1)] * parts):
        left = power - sum(split)
        if left >= 0:
            ways, remaining = 1, power
            for part in split:
                ways *= comb(remaining, part)
                remaining -= part
            yield split, ways, left


def column_moment(rows: Powers) -> RationalFunction:
    """`E prod O_ij^(a_ij)` for the exponents `rows[i][j]`; exact for every n at least the number of columns.

    Source: gorin2008monomial.
    """
    columns = len(rows[0])
    variables = columns * (columns - 1) // 2
    parity = sum(1 << (FIELD * i) for i in range(variables))
    known = {row: {pack(used): weight for used, weight in row_terms(row).items()} for row in set(rows)}
    total = {0: 1}
    for row in rows[:-1]:
        merged: dict[int, int] = {}
        for left, a in total.items():
            for right, b in known[row].items():
                key = left + right
                merged[key] = merged.get(key, 0) + a * b
        total = merged
    # Odd powers of a normal variable have mean zero, so the last row is met by its own parities only.
    last: dict[int, list[tuple[int, int]]] = {}
    for right, b in known[rows[-1]].items():
        last.setdefault(right & parity, []).append((right, b))
    even: dict[int, int] = {}
    for left, a in total.items():
        for right, b in last.get(left & parity, ()):
            key = left + right
            even[key] = even.get(key, 0) + a * b
    by_degrees: dict[Exponents, int] = {}
    base = [sum(row[c] for row in rows) for c in range(columns)]
    for packed, weight in even.items():
        exponents = unpack(packed, variables)
        degrees, position = list(base), 0
        for c in range(columns - 1, 0, -1):
            for b in range(c):
                degrees[b] += exponents[position]
                position += 1
        sign = -1 if sum(exponents) % 4 else 1
        halves = tuple(d // 2 for d in degrees)
        weight *= sign * prod(double_factorial(e - 1) for e in exponents)
        by_degrees[halves] = by_degrees.get(halves, 0) + weight
    return over_pochhammers(by_degrees)


def two_column_moment(rows: Powers) -> RationalFunction:
    """`column_moment` of two columns: each row is a polynomial in the one auxiliary variable."""
    total = fmpz_poly([1])
    for a, b in rows:
        terms = [0] * (b + 1)
        for s in range(a & 1, b + 1, 2):
            if not (b - s) & 1:
                terms[s] = comb(b, s) * double_factorial(b - s - 1) * double_factorial(a + s - 1)
        total *= fmpz_poly(terms)
    first, second = sum(row[0] for row in rows), sum(row[1] for row in rows)
    numerator, end = fmpz_poly([0]), first // 2
    # The sum over 1/(n (n + 2) ... ) of growing length, by Horner's rule.
    for m in range(0, total.degree() + 1, 2):
        if m:
            numerator *= fmpz_poly([2 * end, 1])
            end += 1
        numerator += int(total[m]) * double_factorial(m - 1) * (-1) ** (m // 2)
    poles = rising_poles(0, end, 2) | rising_poles(-1, second // 2, 2)
    return RationalFunction(fmpq_poly(numerator), poles).reduced()


def over_pochhammers(weights: dict[Exponents, int], step: int = 2) -> RationalFunction:
    """`sum weight / prod_c (n - c)(n - c + step) ... (d_c factors)` in lowest terms."""
    if not weights:
        return RationalFunction.constant(0)
    longest = [max(d) for d in zip(*weights, strict=True)]
    numerator = fmpq_poly()
    for degrees, weight in weights.items():
        missing: dict[int, int] = {}
        for c, (degree, top) in enumerate(zip(degrees, longest, strict=True)):
            for pole in rising_poles(step * degree - c, top - degree, step):
                missing[pole] = missing.get(pole, 0) + 1
        numerator += weight * linear_product(missing)
    poles: dict[int, int] = {}
    for c, top in enumerate(longest):
        for pole in rising_poles(-c, top, step):
            poles[pole] = poles.get(pole, 0) + 1
    return RationalFunction(numerator, poles).reduced()

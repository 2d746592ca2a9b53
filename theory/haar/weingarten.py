"""Weingarten functions of the orthogonal, unitary and symplectic groups.

The orthogonality relation, applied at a point of the smallest component and collected by type, is one sparse
linear system of size p(k) in the values at one degree, with the values of degree k - 1 on the right.  In powers of
1/n it is a recursion in integers; as many terms as the known common denominator asks for give the functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, cached_property, lru_cache
from math import prod

from flint import fmpq, fmpq_mat, fmpq_poly, fmpz_poly
from sympy import Expr, Rational

from theory.arguments import known_name
from theory.errors import UnsupportedError
from theory.haar.characters import character_table, dimension
from theory.haar.dimensions import Dimension, checked_dimension
from theory.haar.partitions import Partition, as_partition, centralizer_order, contents, partitions
from theory.haar.rational import RationalFunction
from theory.haar.zonal import zonal_values

__all__ = ["MAXIMAL_DEGREE", "WeingartenTable", "table", "value", "weingarten"]

MAXIMAL_DEGREE = 20
MAXIMAL_NUMERIC_DEGREE = 28
ALPHA = {"U": 1, "O": 2}


class WeingartenTable:
    """All Weingarten functions of one group (`"O"` or `"U"`) and degree k over one common denominator.

    Parameters
    ----------
    kind : "O" or "U"
    degree : number of pairs (O), or of matrices and of conjugates (U)
    """

    def __init__(self, kind: str, degree: int) -> None:
        self.kind, self.degree = kind, degree
        self.types = partitions(degree)

    @cached_property
    def numerators(self) -> dict[Partition, fmpq_poly]:
        """Numerators over the common denominator."""
        return {mu: self.numerator({mu: 1}, self.degree) for mu in self.types}

    def numerator(self, counts: Mapping[Partition, int], lines: int) -> fmpq_poly:
        """Numerator of `sum counts[mu] * Wg(mu)` over the poles of shapes with at most so many rows.

        The product of the series in 1/n with the denominator is a polynomial; the terms below cancel.
        """
        poles, factor = denominator(ALPHA[self.kind], self.degree, lines)
        orders = poles - self.degree + 1
        rows = expansion_rows(self.kind, self.degree, orders)
        index = type_index(self.degree)
        weights = [(index[mu], count) for mu, count in counts.items()]
        series = fmpz_poly([sum([row[i] * count for i, count in weights]) for row in rows[:orders]])
        product = (series * factor).coeffs()[:orders]
        return fmpq_poly([0] * (orders - len(product)) + product[::-1])

    def combination(self, counts: Mapping[Partition, int], lines: int | None = None) -> RationalFunction:
        """Lowest terms of `sum counts[mu] * Wg(mu)`; `lines` is the smaller number of rows and columns, if known.

        The moments of few lines have the poles of the shapes with few rows only.
        """
        rows = self.degree if lines is None else min(lines, self.degree)
        return RationalFunction(
            self.numerator(counts, rows), common_poles(ALPHA[self.kind], self.degree, rows)
        ).reduced()


@cache
def denominator(alpha: int, degree: int, rows: int) -> tuple[int, fmpz_poly]:
    """Degree of the common denominator, and the denominator in 1/n."""
    poles = common_poles(alpha, degree, rows)
    factor = fmpz_poly([1])
    for pole, multiplicity in poles.items():
        if pole:
            factor *= fmpz_poly([1, -pole]) ** multiplicity
    return sum(poles.values()), factor


EXPANSIONS: dict[tuple[str, int], list[tuple[int, ...]]] = {}


def expansion_rows(kind: str, degree: int, orders: int) -> list[tuple[int, ...]]:
    """Coefficients of `n^(-degree - r)`, r = 0, 1, ..., at least `orders` of them, one per type.

    The orthogonality relation `n W_k = W_(k-1) - A W_k` gives them one after the other, in integers.
    """
    rows = EXPANSIONS.setdefault((kind, degree), [])
    if len(rows) >= orders:
        return rows
    if degree == 0:
        rows += [(1,) if not rows and not r else (0,) for r in range(orders - len(rows))]
        return rows
    lower = expansion_rows(kind, degree - 1, orders)
    relations = orthogonality_rows(ALPHA[kind], degree)
    while len(rows) < orders:
        r = len(rows)
        before, source_row = rows[r - 1] if r else (0,) * len(relations), lower[r]
        rows.append(
            tuple(
                [
                    (source_row[source] if source is not None else 0)
                    - shift * before[i]
                    - sum([coefficient * before[j] for j, coefficient in entries])
                    for i, (shift, entries, source) in enumerate(relations)
                ]
            )
        )
    return rows


@cache
def type_index(degree: int) -> dict[Partition, int]:
    """Positions in `partitions(degree)`."""
    return {mu: i for i, mu in enumerate(partitions(degree))}


@cache
def common_poles(alpha: int, degree: int, rows: int) -> dict[int, int]:
    """Poles of the common denominator: each content as often as in the worst shape with so many rows at most.

    The content c is met once per row i with `alpha j = c + i`, j a column; the shape spends least on it by making the
    rows above as short as these boxes allow.
    """
    multiplicity: dict[int, int] = {}
    for content in range(-rows + 1, alpha * (degree - 1) + 1):
        # rows i, i + alpha, ... hold the content in the columns j, j + 1, ...
        first = -content % alpha if content >= 0 else -content
        count = 0
        for last in range(first, rows, alpha):
            longest = (content + last) // alpha + 1
            # rows up to `last` reach at least the column of the content in `last`
            if longest * (last + 1) > degree:
                break
            count += 1
        if count:
            multiplicity[-content] = count
    return multiplicity


@cache
def orthogonality_rows(alpha: int, degree: int) -> tuple[tuple[int, tuple[tuple[int, int], ...], int | None], ...]:
    """Per type: diagonal shift, off-diagonal (column, coefficient), row of degree - 1 on the right."""
    index = {mu: i for i, mu in enumerate(partitions(degree))}
    previous = {mu: i for i, mu in enumerate(partitions(degree - 1))}
    rows = []
    for mu in partitions(degree):
        rest, r = mu[:-1], mu[-1]
        row: dict[int, int] = {}
        for part in set(rest):
            joined = list(rest)
            joined.remove(part)
            column = index[tuple(sorted((*joined, part + r), reverse=True))]
            row[column] = row.get(column, 0) + alpha * part * rest.count(part)
        for j in range(1, r):
            column = index[tuple(sorted((*rest, j, r - j), reverse=True))]
            row[column] = row.get(column, 0) + 1
        rows.append(((alpha - 1) * (r - 1), tuple(row.items()), previous[rest] if r == 1 else None))
    return tuple(rows)


@lru_cache(maxsize=4096)
def values_at(kind: str, degree: int, n: int) -> tuple[fmpq, ...]:
    """Values at one integer `n >= degree`, in the order of `partitions(degree)`."""
    if degree == 0:
        return (fmpq(1),)
    lower = values_at(kind, degree - 1, n)
    rows = orthogonality_rows(ALPHA[kind], degree)
    size = len(rows)
    matrix, right = fmpq_mat(size, size), fmpq_mat(size, 1)
    for i, (shift, entries, source) in enumerate(rows):
        matrix[i, i] = n + shift
        for j, coefficient in entries:
            matrix[i, j] += coefficient
        if source is not None:
            right[i, 0] = lower[source]
    return tuple(matrix.solve(right).entries())


@cache
def table(kind: str, degree: int) -> WeingartenTable:
    """The table of one group and degree, computed once.

    Raises
    ------
    UnsupportedError
        If `degree` exceeds `MAXIMAL_DEGREE`.
    """
    _check_degree(degree, MAXIMAL_DEGREE, "in a symbolic dimension")
    return WeingartenTable(kind, degree)


def _check_degree(degree: int, most: int, where: str) -> None:
    """Refuse a degree whose partitions, the unknowns of a linear system, are so many that it takes minutes."""
    if degree > most:
        raise UnsupportedError(
            f"Weingarten functions {where} go up to degree k = {most}; received k = {degree}; use fewer factors, "
            "one row or two columns"
        )


@lru_cache(maxsize=4096)
def pseudo_inverse_at(kind: str, degree: int, n: int) -> tuple[fmpq, ...]:
    """Values at any integer; where the Gram matrix is singular those of its pseudo-inverse.

    A shape with a vanishing factor `n + content` does not exist in that dimension and is left out of the
    spectral sum.  Symplectic groups ask for `"O"` at `-2n`.
    """
    if n >= degree:
        return values_at(kind, degree, n)
    types = partitions(degree)
    totals = [fmpq(0)] * len(types)
    for shape in types:
        product = prod(n + content for content in contents(shape, ALPHA[kind]))
        if not product:
            continue
        for i, spherical in enumerate(spectral_row(kind, shape)):
            totals[i] += spherical / product
    return tuple(totals)


def spectral_row(kind: str, shape: Partition) -> tuple[fmpq, ...]:
    """Coefficients of `1/prod(n + content)` of one shape in the Weingarten functions of its degree."""
    degree = sum(shape)
    if kind == "U":
        factor = fmpq(dimension(shape), centralizer_order((1,) * degree))
        return tuple(factor * chi for chi in character_table(degree)[shape])
    return zonal_values(shape)


def function(kind: str, mu: Partition) -> RationalFunction:
    """Weingarten function of type `mu` in the dimension; for `"Sp"` in `-2n`."""
    if kind == "Sp":
        return table("O", sum(mu)).combination({mu: (-1) ** len(mu)})
    return table(kind, sum(mu)).combination({mu: 1})


def value(kind: str, mu: Partition, n: int) -> fmpq:
    """Weingarten value at an integer dimension, the pseudo-inverse where the Gram matrix is singular."""
    position = partitions(sum(mu)).index(mu)
    if kind == "Sp":
        return (-1) ** len(mu) * pseudo_inverse_at("O", sum(mu), -2 * n)[position]
    return pseudo_inverse_at(kind, sum(mu), n)[position]


@lru_cache(maxsize=4096)
def _symbolic(kind: str, mu: Partition, n: Expr) -> Expr:
    return function(kind, mu).expr(n, -2 if kind == "Sp" else 1)


def weingarten(kind: str, type: Iterable[int], n: Dimension) -> Expr:
    r"""Weingarten function `Wg(type, n)`.

    For `"O"` the type is the coset type of a pair of pairings and
    `E[O_{i1 j1} ... O_{i2k j2k}] = sum_{p, q} delta_p(i) delta_q(j) Wg(type(p, q), n)`; for `"U"` the cycle
    type of a permutation; for `"Sp"` (matrices 2n x 2n) the coset type, `(-1)^parts Wg_O(type, -2n)`, which
    goes with pairs contracted with the symplectic form.

    Parameters
    ----------
    kind : "O", "U" or "Sp"
    type : parts of a partition of k, in any order
    n : symbol, expression or positive integer; at a small integer the value is that of the pseudo-inverse

    Raises
    ------
    DomainError
        For a dimension that is not a positive integer, or a type that is not a partition.
    UnsupportedError
        Beyond degree `MAXIMAL_DEGREE` for a symbolic dimension, `MAXIMAL_NUMERIC_DEGREE` for a number.

    Examples
    --------
    >>> from sympy import Symbol
    >>> weingarten("O", (2, 1), Symbol("n"))
    -1/(n*(n - 2)*(n - 1)*(n + 4))
    >>> weingarten("U", (1, 1), 3)
    1/8

    Sources: collins2006integration, collins2009some.
    """
    known_name("group", kind, ("O", "U", "Sp"))
    mu = as_partition(type)
    size = checked_dimension(n)
    if not isinstance(size, int):
        return _symbolic(kind, mu, size)
    _check_degree(sum(mu), MAXIMAL_NUMERIC_DEGREE, "at a number")
    number = value(kind, mu, size)
    return Rational(int(number.p), int(number.q))

"""Expectations of products of traces of words in a uniform permutation matrix, plain or centred, and fixed matrices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import comb, factorial, prod

from flint import fmpq, fmpq_poly
from sympy import Add, Expr, Float, Integer, MatrixSymbol, Mul, OneMatrix, Pow, S, Symbol, expand
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.errors import DomainError, UnsupportedError
from theory.haar.average import Average, Part
from theory.haar.combination import Combination, rational_in
from theory.haar.cumulants import set_partitions
from theory.haar.dirichlet import rising_poles
from theory.haar.index_sums import Edge, index_sum
from theory.haar.rational import RationalFunction
from theory.haar.traces import TraceContext, cancelled, trace_of, trace_terms
from theory.haar.words import Alphabet, Word

__all__ = ["permutation_trace_average"]

MAXIMAL_FACTORS = 4

Blocks = list[list[int]]


def permutation_trace_average(
    kind: str, n: int | Expr, matrix: MatrixSymbol, expr: Expr, symmetric: frozenset[MatrixExpr]
) -> Average:
    """Expectation of a polynomial in traces; a symbolic n is valid from the number of factors on.

    With fixed matrices the result has Hadamard products and the matrix of ones, since a permutation keeps both.

    Raises
    ------
    UnsupportedError
        Beyond `MAXIMAL_FACTORS` random factors next to fixed matrices, or where a sum over indices is no trace.
    """
    if expr.has(Float):
        raise DomainError(f"expectations are exact; received the float in {expr}; write Rational(1, 2) for 0.5")
    context = TraceContext("O", n, matrix, *matrix.shape)  # P^-1 = P'
    plain = expr if kind == "S" else expr.xreplace({matrix: matrix - OneMatrix(S(n), S(n)) / n})
    alphabet = Alphabet(matrix, True, True, symmetric)
    items, parts, bound = [], [], 1
    for coefficient, words in trace_terms(plain, alphabet):
        reduced = [cancelled(word, context) for word in words]
        factors = sum(letter.random for word in reduced for letter in word)
        bound = max(bound, factors)
        value = product_average(reduced, n, factors)
        for outer in Add.make_args(expand(coefficient)):
            free, factor = rational_in(outer, S(n))
            items += [(Mul(free, key), function * factor) for key, function in value.terms.items()]
        quantity = Mul(*[trace_of(word, S(n)) for word in reduced])
        parts.append(Part(coefficient, partial(S, quantity), value, "sum over set partitions of the factors"))
    bounds = [] if isinstance(n, int) else [bound]
    return Average(expr, Combination.collect(items, S(n)), n, bounds, parts)


def product_average(words: Sequence[Word], n: int | Expr, factors: int) -> Combination:
    """Mean of one product of traces."""
    if all(letter.random for word in words for letter in word):
        turns = [abs(sum(-1 if letter.transposed else 1 for letter in word)) for word in words]
        dimension = n if isinstance(n, int) else None
        empty = turns.count(0)
        value = RationalFunction.constant(cycle_moment([m for m in turns if m], dimension))
        if isinstance(S(n), Symbol):
            return Combination.collect([(Integer(1), value * RationalFunction.power(empty))], S(n))
        return Combination.collect([(Pow(S(n), empty), value)], S(n))
    if factors > MAXIMAL_FACTORS:
        raise UnsupportedError(
            f"{factors} random factors next to fixed matrices take the squared number of set partitions of as many; "
            f"the limit is {MAXIMAL_FACTORS} factors; lower the degree"
        )
    return partition_sum(words, n, factors)


def cycle_moment(powers: Sequence[int], n: int | None) -> fmpq:
    """`E prod tr(P^m)`, in the numbers c_d of cycles: `tr P^m = sum_(d | m) d c_d`.

    `E prod c_d (c_d - 1) ... (k_d factors) = prod d^(-k_d)` if `sum d k_d <= n`, and 0 otherwise.

    >>> [int(cycle_moment([1] * k, None).p) for k in range(1, 6)]
    [1, 2, 5, 15, 52]
    """
    polynomial: dict[tuple[int, ...], int] = {(): 1}
    for m in powers:
        grown: dict[tuple[int, ...], int] = {}
        for cycles, weight in polynomial.items():
            for d in (d for d in range(1, m + 1) if m % d == 0):
                key = tuple(sorted((*cycles, d)))
                grown[key] = grown.get(key, 0) + d * weight
        polynomial = grown
    total = fmpq(0)
    for cycles, weight in polynomial.items():
        falling: list[tuple[int, fmpq]] = [(0, fmpq(1))]  # length used, expectation
        for d in sorted(set(cycles)):
            a = cycles.count(d)
            falling = [(used + d * k, e * stirling(a, k) / d**k) for used, e in falling for k in range(1, a + 1)]
        total += weight * sum((e for used, e in falling if n is None or used <= n), fmpq(0))
    return total


def stirling(items: int, blocks: int) -> int:
    """Number of set partitions into so many blocks."""
    signed = sum((-1) ** j * comb(blocks, j) * (blocks - j) ** items for j in range(blocks + 1))
    return signed // factorial(blocks)


def partition_sum(words: Sequence[Word], n: int | Expr, factors: int) -> Combination:
    """`sum over pi of 1/(n (n - 1) ... (|pi| factors))` times the sum over indices whose equalities are exactly pi."""
    size = S(n)
    ends, edges, vertices = index_graph(words, factors)
    partitions = list(set_partitions(range(factors)))
    weights: dict[tuple[int, Expr], dict[int, int]] = {}
    for rows in partitions:
        for columns in partitions:
            counts = exact_weights(rows, columns, partitions, n)
            if not any(counts.values()):
                continue
            image = merged_vertices(rows, columns, ends, edges, vertices)
            found = index_sum(set(image.values()), [(image[u], image[v], w) for u, v, w in edges if w], size)
            known = weights.setdefault(found, {})
            for blocks, count in counts.items():
                known[blocks] = known.get(blocks, 0) + count
    items = []
    for (free, traces), counts in weights.items():
        function = RationalFunction.sum(
            [RationalFunction(fmpq_poly([c]), rising_poles(0, m, -1)) for m, c in counts.items() if c]
            or [RationalFunction.constant(0)]
        )
        if isinstance(n, int):
            value = sum((fmpq(c, prod(range(n - m + 1, n + 1))) for m, c in counts.items()), fmpq(0))
            items.append((traces, RationalFunction.constant(value * n**free)))
        elif isinstance(size, Symbol):
            items.append((traces, function * RationalFunction.power(free)))
        else:
            items.append((Mul(traces, Pow(size, free)), function))
    return Combination.collect(items, size)


def index_graph(words: Sequence[Word], factors: int) -> tuple[list[int], list[Edge], int]:
    """Vertices 0 ... 2k - 1 are the row and column indices of the random factors, the rest is summed freely."""
    edges: list[Edge] = []
    vertices, seen = 2 * factors, 0
    for word in words:
        places = [i for i, letter in enumerate(word) if letter.random]
        if not places:
            start, vertices = vertices, vertices + 1
            vertices = add_gap(edges, start, start, word, vertices)
            continue
        numbers = range(seen, seen + len(places))
        seen += len(places)
        for position, place in enumerate(places):
            following = (position + 1) % len(places)
            end = places[following]
            gap = word[place + 1 : end] if end > place else word[place + 1 :] + word[:end]
            leaving = 2 * numbers[position] + (0 if word[place].transposed else 1)
            entering = 2 * numbers[following] + (1 if word[end].transposed else 0)
            vertices = add_gap(edges, leaving, entering, gap, vertices)
    return list(range(2 * factors)), edges, vertices


def add_gap(edges: list[Edge], start: int, end: int, gap: Word, vertices: int) -> int:
    """Edges of a fixed word, cut at matrices of ones; an empty word joins its ends."""
    pieces: list[Word] = [()]
    for letter in gap:
        if isinstance(letter.matrix, OneMatrix):
            pieces.append(())
        else:
            pieces[-1] += (letter,)
    here = start
    for position, piece in enumerate(pieces):
        last = position == len(pieces) - 1
        if not last:
            there, vertices = vertices, vertices + 1
        else:
            there = end
        edges.append((here, there, piece))
        if not last:
            here, vertices = vertices, vertices + 1
    return vertices


def merged_vertices(
    rows: Blocks, columns: Blocks, ends: Sequence[int], edges: Sequence[Edge], vertices: int
) -> dict[int, int]:
    """Representatives of the indices when equal ones are put together."""
    image = list(range(vertices))

    def root(v: int) -> int:
        while image[v] != v:
            v = image[v]
        return v

    for side, blocks in enumerate((rows, columns)):
        for block in blocks:
            for item in block:
                image[root(2 * item + side)] = root(2 * block[0] + side)
    for u, v, word in edges:
        if not word:
            image[root(u)] = root(v)
    return {v: root(v) for v in range(vertices)}


def exact_weights(rows: Blocks, columns: Blocks, partitions: Sequence[Blocks], n: int | Expr) -> dict[int, int]:
    """By number of blocks: the sum of `mu(pi, rows) mu(pi, columns)` over the partitions finer than both."""
    counts: dict[int, int] = {}
    for finer in partitions:
        blocks = len(finer)
        if isinstance(n, int) and blocks > n:
            continue
        weight = moebius(finer, rows) * moebius(finer, columns)
        counts[blocks] = counts.get(blocks, 0) + weight
    return counts


def moebius(finer: Blocks, coarser: Blocks) -> int:
    """Moebius function of the lattice of set partitions, 0 if the first is not finer."""
    where = {item: i for i, block in enumerate(coarser) for item in block}
    counts = [0] * len(coarser)
    for block in finer:
        first = where[block[0]]
        if any(where[item] != first for item in block):
            return 0
        counts[first] += 1
    return prod((-1) ** (b - 1) * factorial(b - 1) for b in counts)

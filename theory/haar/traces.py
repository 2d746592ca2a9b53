"""Expectations of products of traces of words in a Haar matrix and fixed matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import fmpq
from sympy import Add, Expr, Float, Integer, MatMul, MatrixSymbol, Mul, Pow, S, Symbol, Trace, expand
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.errors import DomainError, UnsupportedError
from theory.haar.average import Average, Part, WeingartenTerm
from theory.haar.combination import Combination, rational_in
from theory.haar.contraction import Contraction, Loops, Occurrence
from theory.haar.partitions import Partition
from theory.haar.rational import RationalFunction
from theory.haar.weingarten import table, value
from theory.haar.words import Alphabet, Letter, Word, canonical_word, read_words, word_matrix

__all__ = ["TraceContext", "loop_combination", "square_context", "trace_average"]


@dataclass(frozen=True)
class TraceContext:
    """The random matrix in a word: group, dimension of the group, and the sizes of the matrix or block."""

    kind: str
    n: int | Expr
    matrix: MatrixSymbol
    rows: Expr
    columns: Expr

    @property
    def is_square(self) -> bool:
        """The whole group element, for which `M M'` cancels."""
        return bool(self.rows == self.size and self.columns == self.size)

    @property
    def size(self) -> Expr:
        """Number of rows of the group element."""
        return S(2 * self.n if self.kind == "Sp" else self.n)

    @property
    def scale(self) -> int:
        """Sp(n) is O(-2n) with the opposite trace: the variable of the rational functions over the dimension."""
        return -2 if self.kind == "Sp" else 1

    @property
    def form(self) -> MatrixSymbol | None:
        """The symplectic form J, named in results."""
        return MatrixSymbol("J", self.size, self.size) if self.kind == "Sp" else None


def square_context(kind: str, n: int | Expr, matrix: MatrixSymbol) -> TraceContext:
    """The context of a whole group element.

    Raises
    ------
    UnsupportedError
        For groups other than O, U and Sp.
    """
    if kind not in ("O", "U", "Sp"):
        raise UnsupportedError(f"forms of rows are averaged over O and U; received {kind!r}; expand in entries")
    return TraceContext(kind, n, matrix, *matrix.shape)


def trace_average(context: TraceContext, expr: Expr, symmetric: frozenset[MatrixExpr]) -> Average:
    """Expectation of a polynomial in traces.

    Below the degree the moments are step functions of the dimension: a symbolic n is valid from the number of
    pairs on; a numeric n is exact everywhere, by the pseudo-inverse of the Gram matrix.
    """
    if expr.has(Float):
        raise DomainError(f"expectations are exact; received the float in {expr}; write Rational(1, 2) for 0.5")
    alphabet = Alphabet(context.matrix, context.kind == "O", context.is_square, symmetric, context.form)
    dimension = S(context.n)
    gathered: dict[tuple[Word, ...], Expr] = {}
    for coefficient, words in trace_terms(expr, alphabet):
        reduced = tuple(sorted((canonical_word(cancelled(w, context)) for w in words), key=word_order))
        gathered[reduced] = gathered.get(reduced, Integer(0)) + coefficient
    items, parts, degree = [], [], 0
    for words, coefficient in gathered.items():
        if coefficient == 0:
            continue
        part, pairs = word_part(words, coefficient, context)
        degree = max(degree, pairs)
        parts.append(part)
        for outer in Add.make_args(expand(coefficient)):
            free, factor = rational_in(outer, dimension, context.scale)
            items += [(Mul(free, key), function * factor) for key, function in part.value.terms.items()]
    combination = Combination.collect(items, dimension, context.scale)
    return Average(expr, combination, context.n, lower_bounds(context, degree), parts)


def lower_bounds(context: TraceContext, degree: int) -> list[int | Expr]:
    """The sizes of the block, and for a symbolic n the number of pairs."""
    sizes = {context.rows, context.columns} - {context.size}
    bounds: list[int | Expr] = [] if isinstance(context.n, int) or not degree else [degree]
    return bounds + sorted(sizes, key=str)


def trace_terms(expr: Expr, alphabet: Alphabet) -> Iterator[tuple[Expr, tuple[Word, ...]]]:
    """A polynomial in traces as terms coefficient, words."""
    for term in Add.make_args(expand(expr)):
        products: list[tuple[Expr, tuple[Word, ...]]] = [(Integer(1), ())]
        for factor in Mul.make_args(term):
            base, exponent = factor.as_base_exp()
            if isinstance(base, Trace) and exponent.is_Integer and exponent > 0:
                sums = read_words(base.arg, alphabet)
                for _ in range(int(exponent)):
                    products = [(a * b, (*ws, w)) for a, ws in products for b, w in sums]
            elif factor.has(alphabet.random):
                raise UnsupportedError(
                    f"expectations of polynomials in traces of words are supported; received {factor}"
                )
            else:
                products = [(a * factor, ws) for a, ws in products]
        yield from products


def cancelled(word: Word, context: TraceContext) -> Word:
    """Remove neighbours `M M'` of an orthogonal or unitary matrix, around the cycle."""
    if not context.is_square:
        return word
    stack: list[Letter] = []
    for letter in word:
        if stack and inverse_letters(stack[-1], letter, context.kind):
            stack.pop()
        else:
            stack.append(letter)
    while len(stack) > 1 and inverse_letters(stack[-1], stack[0], context.kind):
        stack = stack[1:-1]
    return tuple(stack)


def inverse_letters(left: Letter, right: Letter, kind: str) -> bool:
    """Whether two neighbouring letters are the random matrix and its inverse."""
    if not (left.random and right.random) or left.transposed == right.transposed:
        return False
    return kind != "U" or left.conjugated != right.conjugated


def word_part(words: Sequence[Word], coefficient: Expr, context: TraceContext) -> tuple[Part, int]:
    """Expectation of one product of traces of words, and the number of pairs it took."""
    constant: list[Word] = []
    cycles: list[list[Occurrence]] = []
    for word in words:
        places = [i for i, letter in enumerate(word) if letter.random]
        if not places:
            constant.append(word)
            continue
        cycle = []
        for position, place in enumerate(places):
            end = places[(position + 1) % len(places)]
            gap = word[place + 1 : end] if end > place else word[place + 1 :] + word[:end]
            cycle.append(Occurrence(word[place].transposed, word[place].conjugated, gap))
        cycles.append(cycle)
    contraction = Contraction(cycles, "U" if context.kind == "U" else "O")
    counts = contraction.counts()
    sign = -1 if context.kind == "Sp" and len(cycles) % 2 else 1
    outer = Mul(sign, *[trace_of(word, context.rows) for word in constant])
    quantity = Mul(*[trace_of(word, context.rows) for word in words])
    return loop_part(coefficient, quantity, counts, contraction.degree, context, outer), contraction.degree


def trace_of(word: Word, size: Expr) -> Expr:
    """The trace of a word as an expression; the empty word is the identity."""
    if not word:
        return size
    matrix = word_matrix(word)
    return -Trace(-matrix) if isinstance(matrix, MatMul) and matrix.args[0] == -1 else Trace(matrix)


def loop_part(
    coefficient: Expr,
    quantity: Expr,
    counts: dict[Loops, dict[Partition, int]],
    degree: int,
    context: TraceContext,
    outer: Expr,
) -> Part:
    """Part from the numbers of pairs by loops and type."""
    combination = loop_combination(counts, degree, context, outer)

    def terms() -> Sequence[WeingartenTerm]:
        result: dict[Partition, Expr] = {}
        for loops, types in counts.items():
            size = Pow(loop_size(context.rows, context), loops.rows) * Pow(
                loop_size(context.columns, context), loops.columns
            )
            factor = Mul(outer, size, word_traces(loops, context))
            for mu, count in types.items():
                dual = (-1) ** len(mu) if context.kind == "Sp" else 1
                result[mu] = result.get(mu, Integer(0)) + dual * count * factor
        return [(context.kind, mu, factor) for mu, factor in result.items()] if degree else []

    rule = "sum over pairs of pairings" if degree else "no random factor left"
    return Part(coefficient, lambda: quantity, combination, rule, terms)


def loop_combination(
    counts: dict[Loops, dict[Partition, int]], degree: int, context: TraceContext, outer: Expr
) -> Combination:
    """`sum over loops of their traces times a combination of Weingarten functions`."""
    dimension = S(context.n)
    items = []
    for loops, types in counts.items():
        free, function = outer, weingarten_sum(types, degree, context)
        for size, count in ((context.rows, loops.rows), (context.columns, loops.columns)):
            if size == context.size and isinstance(dimension, Symbol):
                function = function * RationalFunction.power(count)
            else:
                free = Mul(free, Pow(loop_size(size, context), count))
        number, free = Mul(free, word_traces(loops, context)).as_coeff_Mul(rational=True)
        items.append((free, function.scaled(fmpq(int(number.p), int(number.q)))))
    return Combination.collect(items, dimension, context.scale)


def loop_size(size: Expr, context: TraceContext) -> Expr:
    """Value of an empty loop."""
    return -size if context.kind == "Sp" else size


def word_traces(loops: Loops, context: TraceContext) -> Expr:
    """Product of the traces of the loops with words."""
    sign = -1 if context.kind == "Sp" and len(loops.words) % 2 else 1
    return Mul(sign, *[trace_of(word, context.rows) for word in loops.words])


def weingarten_sum(types: dict[Partition, int], degree: int, context: TraceContext) -> RationalFunction:
    """Combination of Weingarten functions; at a numeric dimension a number, exact below the degree too."""
    if isinstance(context.n, int):
        total = fmpq(0)
        for mu, count in types.items():
            dual = (-1) ** len(mu) if context.kind == "Sp" else 1
            total += dual * count * value(context.kind, mu, context.n)
        return RationalFunction.constant(total)
    return table("U" if context.kind == "U" else "O", degree).combination(types)


def word_order(word: Word) -> list[tuple[str, bool, bool]]:
    """Order of words in a product."""
    return [letter.sort_key() for letter in word]

"""Sums over indices of products of matrix entries, reduced to traces.

A sum is a graph: a vertex per index, an edge (u, v, word) per factor `word[u, v]`.  Vertices with two neighbours are
multiplied out, parallel edges and loops become Hadamard products, ends are summed with the matrix of ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, HadamardProduct, Identity, Mul, OneMatrix, Trace

from theory.errors import UnsupportedError
from theory.haar.words import Letter, Word, canonical_word, flipped, word_matrix

__all__ = ["Edge", "index_sum"]

Edge = tuple[int, int, Word]


def index_sum(vertices: Iterable[int], edges: Iterable[Edge], size: Expr) -> tuple[int, Expr]:
    """The sum over all indices from 1 to `size`: number of free indices, product of traces.

    Raises
    ------
    UnsupportedError
        If the graph has a part in which every index occurs in three factors: no product of matrices gives it.
    """
    links: dict[int, list[tuple[int, Word]]] = {v: [] for v in vertices}
    loops: dict[int, list[Word]] = {v: [] for v in links}
    for u, v, word in edges:
        attach(links, loops, u, v, word)
    free, factors = 0, []
    while links:
        vertex = next((v for v, ends in links.items() if len(ends) < 3), None)
        if vertex is None:
            raise UnsupportedError(
                "the mean is a sum over indices that no product of the fixed matrices gives; "
                "use fewer random factors, or expand in entries"
            )
        ends, own = links.pop(vertex), loops.pop(vertex)
        for u, word in ends:
            links[u].remove((vertex, flipped(word)))
        if not ends:
            free += not own
            factors += [Trace(word_matrix(canonical_word(entrywise(own))))] if own else []
            continue
        diagonal = diagonal_word(own, size)
        if len(ends) == 1:
            ((u, word),) = ends
            attach(links, loops, u, u, flipped(word) + diagonal + ones(size))
        else:
            (u, first), (v, second) = ends
            attach(links, loops, u, v, flipped(first) + diagonal + second)
    return free, Mul(*factors)


def attach(links: dict[int, list[tuple[int, Word]]], loops: dict[int, list[Word]], u: int, v: int, word: Word) -> None:
    """Add an edge; parallel edges are multiplied entry by entry."""
    if u == v:
        loops[u].append(min(word, flipped(word), key=word_key))
        return
    known = next((w for x, w in links[u] if x == v), None)
    if known is not None:
        links[u].remove((v, known))
        links[v].remove((u, flipped(known)))
        pair = sorted((known, word), key=word_key)
        word = entrywise(pair)
    links[u].append((v, word))
    links[v].append((u, flipped(word)))


def diagonal_word(words: list[Word], size: Expr) -> Word:
    """The diagonal matrix of a product of diagonals; empty for the identity."""
    if not words:
        return ()
    (letter,) = entrywise([(Letter(Identity(size)),), *sorted(words, key=word_key)])
    return (Letter(letter.matrix, symmetric=True),)


def entrywise(words: list[Word]) -> Word:
    """The product of words entry by entry."""
    return words[0] if len(words) == 1 else (Letter(HadamardProduct(*[word_matrix(word) for word in words])),)


def ones(size: Expr) -> Word:
    """The matrix of ones as a word."""
    return (Letter(OneMatrix(size, size), symmetric=True),)


def word_key(word: Word) -> list[tuple[str, bool, bool]]:
    """Order of words."""
    return [letter.sort_key() for letter in word]

"""Words in a random matrix and fixed matrices, read from sympy matrix expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sympy import (
    Adjoint,
    Expr,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    Mul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.errors import UnsupportedError

__all__ = ["Letter", "Word", "canonical_word", "flipped", "read_words", "word_matrix"]


@dataclass(frozen=True)
class Letter:
    """A matrix in a word, possibly transposed and conjugated; `random` marks the averaged one.

    With a symplectic `form` J the dual `-J M' J` takes the place of the transpose.
    """

    matrix: MatrixExpr
    transposed: bool = False
    conjugated: bool = False
    random: bool = False
    symmetric: bool = False
    form: MatrixExpr | None = None

    def flip(self) -> Letter:
        """The transposed letter."""
        return self if self.symmetric else replace(self, transposed=not self.transposed)

    def sort_key(self) -> tuple[str, bool, bool]:
        """An order that is the same in every run."""
        return str(self.matrix), self.transposed, self.conjugated

    def expr(self) -> MatrixExpr:
        """As a sympy matrix expression."""
        if self.form is not None:
            return word_matrix((self,)) if self.transposed else self.matrix
        if self.transposed and self.conjugated:
            return Adjoint(self.matrix)
        result = Transpose(self.matrix) if self.transposed else self.matrix
        return Adjoint(Transpose(result)) if self.conjugated else result


Word = tuple[Letter, ...]


def flipped(word: Word) -> Word:
    """The transposed word."""
    return tuple(letter.flip() for letter in reversed(word))


def canonical_word(word: Word) -> Word:
    """Representative of a word under rotation and transposition, which keep the trace."""
    candidates = (w[i:] + w[:i] for w in (word, flipped(word)) for i in range(len(word)))
    return min(candidates, key=lambda w: [letter.sort_key() for letter in w], default=word)


def word_matrix(word: Word) -> MatrixExpr:
    """Product of a non-empty word; `J J = -1` for a symplectic form."""
    factors: list[MatrixExpr] = []
    sign = 1
    for letter in word:
        if letter.form is None or not letter.transposed:
            factors.append(letter.expr())
            continue
        sign = -sign
        if factors and factors[-1] == letter.form:
            factors.pop()
            sign = -sign
        else:
            factors.append(letter.form)
        factors += [Transpose(letter.matrix), letter.form]
    product = MatMul(*factors).doit(deep=False)
    return -product if sign < 0 else product


@dataclass(frozen=True)
class Alphabet:
    """Which matrix is random, whether it is real, which fixed ones are symmetric, and the form of `"Sp"`."""

    random: MatrixExpr
    real: bool
    inverse_is_adjoint: bool
    symmetric: frozenset[MatrixExpr]
    form: MatrixExpr | None = None


def read_words(expr: MatrixExpr, alphabet: Alphabet) -> list[tuple[Expr, Word]]:
    """A matrix expression as a sum of coefficient times word.

    Raises
    ------
    UnsupportedError
        If the random matrix occurs in something other than products, sums and powers.
    """
    return list(_read(expr, alphabet, False, False))


def _read(expr: MatrixExpr, alphabet: Alphabet, transposed: bool, conjugated: bool) -> Iterator[tuple[Expr, Word]]:
    if isinstance(expr, Transpose):
        yield from _read(expr.arg, alphabet, not transposed, conjugated)
    elif isinstance(expr, Adjoint):
        yield from _read(expr.arg, alphabet, not transposed, not conjugated)
    elif isinstance(expr, MatAdd):
        for term in expr.args:
            yield from _read(term, alphabet, transposed, conjugated)
    elif isinstance(expr, MatMul):
        scalars = [a for a in expr.args if not isinstance(a, MatrixExpr)]
        factors = [a for a in expr.args if isinstance(a, MatrixExpr)]
        yield from _product(Mul(*scalars), factors, alphabet, transposed, conjugated)
    elif isinstance(expr, Inverse) and expr.arg == alphabet.random and alphabet.inverse_is_adjoint:
        yield from _read(expr.arg, alphabet, not transposed, not conjugated)
    elif isinstance(expr, MatPow) and is_word_power(expr, alphabet):
        count = int(expr.exp)
        base = expr.base if count > 0 else Inverse(expr.base)
        yield from _product(Integer(1), [base] * abs(count), alphabet, transposed, conjugated)
    elif isinstance(expr, Identity):
        yield Integer(1), ()
    elif isinstance(expr, ZeroMatrix):
        return
    else:
        yield Integer(1), (_letter(expr, alphabet, transposed, conjugated),)


def is_word_power(expr: MatPow, alphabet: Alphabet) -> bool:
    """Positive powers, and inverse powers of the random matrix; `Inverse` is a power too in sympy."""
    if isinstance(expr, Inverse) or not isinstance(expr.exp, Integer):
        return False
    return bool(expr.exp > 0) or (expr.base == alphabet.random and alphabet.inverse_is_adjoint)


def _product(
    scalar: Expr, factors: Iterable[MatrixExpr], alphabet: Alphabet, transposed: bool, conjugated: bool
) -> Iterator[tuple[Expr, Word]]:
    sums: list[tuple[Expr, Word]] = [(scalar, ())]
    for factor in factors:
        terms = list(_read(factor, alphabet, transposed, conjugated))
        sums = [(a * b, w + v if transposed else v + w) for a, v in sums for b, w in terms]
    yield from sums


def _letter(expr: MatrixExpr, alphabet: Alphabet, transposed: bool, conjugated: bool) -> Letter:
    if alphabet.form is not None:
        return _dual_letter(expr, alphabet, transposed, conjugated)
    if expr == alphabet.random:
        return Letter(expr, transposed, conjugated and not alphabet.real, random=True)
    if expr.has(alphabet.random):
        raise UnsupportedError(
            f"words are products, sums and powers of {alphabet.random}, its transpose and fixed matrices; "
            f"received {expr}"
        )
    symmetric = expr in alphabet.symmetric
    return Letter(expr, transposed and not symmetric, conjugated, symmetric=symmetric)


def _dual_letter(expr: MatrixExpr, alphabet: Alphabet, transposed: bool, conjugated: bool) -> Letter:
    """A letter of a symplectic word: the inverse of the random matrix is its adjoint and its dual."""
    if expr == alphabet.random:
        if transposed is not conjugated:
            raise UnsupportedError(
                f"words in a symplectic matrix are read in {expr} and its inverse; received its transpose or "
                f"conjugate; write the transpose as -J*Inverse({expr})*J with the form J"
            )
        return Letter(expr, transposed, random=True, form=alphabet.form)
    plain = Letter(expr, transposed, conjugated).expr()
    if plain.has(alphabet.random):
        raise UnsupportedError(f"words are products, sums and powers of {alphabet.random} and its inverse; got {expr}")
    return Letter(plain, symmetric=plain in alphabet.symmetric, form=alphabet.form)

"""One side of a typed claim: a formula that may hold expectations, entries of random matrices and activations."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sympy import Expr, Integer, Symbol

from theory.claim_files.quantities import RANDOM, Means
from theory.claim_files.relations import MARK, Span, parse_masked, parse_span
from theory.errors import TheoryError
from theory.gaussian.law import Gaussian
from theory.grammar import Token, fail, match_brackets, tokenize
from theory.haar.entries import GroupKey, MatrixEntry
from theory.haar.group import KINDS, Haar
from theory.symbols import rho

__all__ = ["SideReader"]


class SideReader:
    """Reads the sides of one claim.

    Parameters
    ----------
    text : the whole claim; errors point into it.
    names : the declared symbols.
    means : collects the expectations; dummies stand for them in what `read` returns.
    groups : the random matrices by letter.
    """

    def __init__(self, text: str, names: Mapping[str, Symbol], means: Means, groups: Mapping[str, Haar]) -> None:
        if MARK in text:
            fail(f"the letter {MARK} is not available", text, text.index(MARK))
        self.text, self.names, self.means, self.groups = text, dict(names), means, groups
        self.marked: dict[str, Symbol] = {}

    def read(self, span: Span) -> Expr:
        """The expression of a side."""
        return self._masked(span.tokens, span.start, span.end, inside=False)

    def integrand(self, span: Span) -> Expr:
        """The expression of a part that may hold the Gaussian variables."""
        return self._masked(span.tokens, span.start, span.end, inside=True)

    def _masked(self, tokens: list[Token], start: int, end: int, inside: bool) -> Expr:
        """The value of tokens, with every bracket replaced by a name of the same length."""
        masked = list(" " * start + self.text[start:end])
        partner = match_brackets(tokens, self.text)
        index = 0
        while index < len(tokens):
            token = tokens[index]
            following = tokens[index + 1].text if index + 1 < len(tokens) else ""
            if token.kind == "name" and following == "[":
                close = partner[index + 1]
                symbol = self._bracket(token, tokens[index + 2 : close], tokens[close].start, inside)
                self._put(masked, token.start, tokens[close].start + 1, symbol)
                index = close
            elif token.text == "E" and following == "(":
                fail("an expectation is typed as E[...]", self.text, token.start)
            elif token.text == "[":
                fail("square brackets belong to E[...] and to entries such as O[1,1]", self.text, token.start)
            elif token.kind == "name" and token.text in self.means.activations and following != "(":
                mark = next(m for m, phi in self.means.marks.items() if m.name == token.text)
                self._put(masked, token.start, token.start + len(token.text), mark)
            index += 1
        names = self.names | self.marked | (RANDOM if inside else {})
        value = parse_masked(self.text, "".join(masked), names, self.means.functions())
        if inside and value.free_symbols & self.means.stand_ins:
            fail("no expectation stands inside another one, nor an activation without argument", self.text, start)
        return value

    def _put(self, masked: list[str], start: int, end: int, symbol: Symbol) -> None:
        name = next((n for n, s in self.marked.items() if s == symbol), f"{MARK}{len(self.marked)}")
        if len(name) > end - start:
            fail("a claim has at most a thousand brackets", self.text, start)
        self.marked[name] = symbol
        masked[start:end] = name.ljust(end - start)

    def _bracket(self, head: Token, inner: list[Token], end: int, inside: bool) -> Symbol:
        start = self.text.index("[", head.start) + 1
        if head.text == "E":
            if inside:
                fail("no expectation stands inside another one", self.text, head.start)
            return self._mean(inner, start, end)
        if head.text not in self.groups:
            known = ", ".join(f"{kind}[1,1]" for kind in KINDS)
            fail(f"square brackets belong to E[...] and to entries of a random matrix: {known}", self.text, head.start)
        if not inside:
            fail("an entry of a random matrix stands inside E[...]", self.text, head.start)
        return self._entry(head, inner, start, end)

    def _entry(self, head: Token, inner: list[Token], start: int, end: int) -> MatrixEntry:
        commas = [token.start for token in inner if token.text == ","]
        if len(commas) != 1:
            fail(f"an entry has a row and a column, as in {head.text}[1,2]", self.text, head.start)
        row, column = (parse_span(self.text, a, b, self.names) for a, b in ((start, commas[0]), (commas[0] + 1, end)))
        try:
            return self.groups[head.text][row, column]
        except TheoryError as error:
            fail(str(error), self.text, head.start)

    def _mean(self, inner: list[Token], start: int, end: int) -> Symbol:
        integrand = self._masked(inner, start, end, inside=True)
        entries = {e.key: e for e in integrand.atoms(MatrixEntry)}
        used = [symbol for symbol in RANDOM.values() if symbol in integrand.free_symbols]
        if entries:
            if len(entries) > 1 or used:
                fail("an expectation is over one random matrix, or over Gaussian variables", self.text, start)
            return self.means.haar_mean(integrand, self.groups[next(iter(entries)).name])
        if not used or (RANDOM["Z"] in used and len(used) > 1):
            fail("an expectation is over U and V, over Z, or over entries such as O[1,1]", self.text, start)
        return self.means.mean(integrand, Gaussian(used, corr=rho) if len(used) == 2 else Gaussian(used))


def side_tokens(text: str, names: Collection[str]) -> Span:
    """A whole text as one side."""
    return Span(tokenize(text, names, "[]"), 0, len(text))


def smallest_dimension(entries: set[MatrixEntry]) -> int:
    """The smallest dimension at which all entries exist."""
    return max((_needed(index, entry.key) for entry in entries for index in (entry.row, entry.column)), default=1)


def _needed(index: int | Expr, key: GroupKey) -> int:
    if not isinstance(index, int):  # n + i of a symplectic matrix
        offset = index - key.n
        return int(offset) if isinstance(offset, Integer) else 1
    return -(-index // 2) if key.kind == "Sp" else index

"""Claims that a random variable has a law: `P[f(U,V) <= x] = F(x)` on a support, or for eigenvalues."""

from __future__ import annotations

import re

from sympy import Expr, Symbol

from theory.claim import Claim
from theory.claim_files.relations import Span, cut, is_relation
from theory.claim_files.table_reader import TableReader
from theory.claim_files.vocabulary import read_interval
from theory.claims import Distribution
from theory.errors import StatementError
from theory.gaussian.law import Gaussian
from theory.laws import ContinuousLaw, GaussianFunction, GaussianSpectrum
from theory.symbols import rho

__all__ = ["LawForm", "is_law"]

_BELOW = ("<=", "<")
_EIGENVALUE = "eigenvalue"
_SPECTRUM = re.compile(r"\s*(?:(wigner)|wishart\s*\((.+)\))\s*$")


def is_law(text: str) -> bool:
    """Does the text state a probability?"""
    return text.replace(" ", "").startswith("P[")


class LawForm:
    """`claim = "P[f(U,V) <= x] = F(x)"` with the `support` outside which F is 0 and 1.

    With `spectrum = "wigner"` or `"wishart(c)"`, `eigenvalue` stands for what is drawn.
    """

    def __init__(self, names: TableReader) -> None:
        self.names = names
        if "support" not in names.table.values:
            names.table.fail('say where the variable lies, as in support = "[0, 1]"', "claim")
        self.lower, self.upper = names.under("support", self._support)
        self.spectrum = names.under("spectrum", self._spectrum)

    def claim(self, texts: list[str]) -> Claim:
        """What is drawn, and the distribution function that it is said to have."""
        (text,) = texts
        relation = cut(text, self._words(), "a law", ("=",))
        tokens = relation.left.tokens
        if [t.text for t in tokens[:2]] != ["P", "["] or tokens[-1].text != "]":
            raise StatementError(f"a law is typed as P[... <= x] = ...; received {text}")
        inner = Span(tokens[2:-1], tokens[1].start + 1, tokens[-1].start)
        below = [i for i, token in enumerate(inner.tokens) if token.text in _BELOW]
        if len(below) != 1 or len(inner.tokens) != below[0] + 2 or inner.tokens[-1].kind != "name":
            raise StatementError(
                f"a probability is typed as P[f(U,V) <= x] with a name behind the sign; received {text}"
            )
        variable = self.names.bound(inner.tokens[-1].text)
        drawn = self._drawn(text, Span(inner.tokens[: below[0]], inner.start, inner.tokens[below[0]].start))
        return Distribution(drawn, self._law(" " * relation.right.start + text[relation.right.start :], variable))

    def near_miss(self, text: str) -> Claim | Expr:
        """Another distribution function."""
        if is_relation(text, self._words()):
            return self.claim([text])
        claim = self.claim(self.names.table.claims())
        assert isinstance(claim, Distribution)
        return Distribution(claim.sample, self._law(text, claim.law.variable))

    def _law(self, text: str, variable: Symbol) -> ContinuousLaw:
        return ContinuousLaw(self.names.binding(variable).expression(text), variable, self.lower, self.upper)

    def _drawn(self, text: str, span: Span) -> GaussianFunction | GaussianSpectrum:
        if self.spectrum is not None:
            if text[span.start : span.end].strip() != _EIGENVALUE:
                raise StatementError(f"the law of a spectrum is typed as P[{_EIGENVALUE} <= x] = ...; received {text}")
            return self.spectrum
        value = self.names.reader.integrand(text, span)
        used = sorted((s for s in value.free_symbols if s.name in ("U", "V", "Z")), key=str)
        if not used or (len(used) > 1 and any(s.name == "Z" for s in used)):
            raise StatementError("a probability is over U and V, or over Z")
        return GaussianFunction(value, Gaussian(used, corr=rho) if len(used) == 2 else Gaussian(used))

    def _words(self) -> set[str]:
        return {*self.names.reader.names, *self.names.activations}

    def _support(self) -> tuple[Expr, Expr]:
        return read_interval(self.names.table.text("support"), self.names.names)

    def _spectrum(self) -> GaussianSpectrum | None:
        if "spectrum" not in self.names.table.values:
            return None
        text = self.names.table.text("spectrum")
        found = _SPECTRUM.match(text)
        if found is None:
            raise StatementError(f'a spectrum is "wigner" or "wishart(c)", c columns per row; received {text!r}')
        return GaussianSpectrum(None if found[1] else self.names.reader.expression(found[2]))

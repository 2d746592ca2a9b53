"""Claims about the limit of a wide network: the Gram entry of a layer as the width grows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sympy import Dummy, Expr, Integer

from theory.activations import Activation
from theory.claim import Claim
from theory.claim_files.expressions import SideReader
from theory.claim_files.quantities import Means
from theory.claim_files.relations import TENDS, Span, cut, is_relation
from theory.claim_files.table_reader import TableReader
from theory.claims import WidthLimit
from theory.errors import StatementError
from theory.observables import GramEntry
from theory.symbols import n

__all__ = ["WidthForm"]

_NETWORK = {"depth": "1", "C_W": "1", "C_b": "0", "q": "1"}
_DEEPEST = 5


class WidthForm:
    """`claim = "gram(phi, rho) -> limit"`: the mean over a layer of phi(h(x1)) phi(h(x2)) as the width n grows.

    `network` gives the depth at which it is read, the variances between the layers, and the first variance.
    """

    def __init__(self, names: TableReader) -> None:
        self.names = names
        table = names.table
        typed = table.mapping("network")
        for name in typed:
            if name not in _NETWORK:
                table.fail(f"a network has the keys {', '.join(_NETWORK)}; received {name}", "network")
        texts = {name: str(typed.get(name, default)) for name, default in _NETWORK.items()}
        values = {name: names.under("network", partial(names.reader.expression, text)) for name, text in texts.items()}
        depth = values.pop("depth")
        if not isinstance(depth, Integer) or not 1 <= depth <= _DEEPEST:
            table.fail(f"the depth is an integer from 1 to {_DEEPEST}; received {depth}", "network")
        self.depth, self.variances = int(depth), values
        if "n" in names.names:
            table.fail("n is the width here, and grows; leave its domain out", "domains")

    def claim(self, texts: list[str]) -> Claim:
        """The limit, with its envelope and rates."""
        (text,) = texts
        relation = cut(text, {*self.names.reader.names, *self.names.activations}, "a limit", (TENDS,))
        limit = self.names.reader.expression(" " * relation.right.start + text[relation.right.start :])
        if self.depth > 1 and "envelope" not in self.names.table.values:
            raise StatementError('say how far a network of width n may be from its limit, as in envelope = "1/n"')
        return WidthLimit(
            self._entry(text, relation.left),
            limit,
            n,
            bias_rate=self.names.number("bias_rate", "1"),
            fluctuation_rate=self.names.number("fluctuation_rate", "1/2"),
            envelope=self.names.number("envelope", "0"),
        )

    def near_miss(self, text: str) -> Claim | Expr:
        """Another limit."""
        if is_relation(text, {*self.names.reader.names, *self.names.activations}):
            return self.claim([text])
        return self.names.reader.expression(text)

    def derive(self, claim: WidthLimit) -> Callable[[], Expr]:
        """The limit by our own rules: the covariances of one layer after the other."""
        entry = claim.observable
        phi = Activation(entry.phi, entry.variable, self.names.vocabulary.assumptions)

        def derived() -> Expr:
            variance, correlation = entry.q, entry.rho
            for _ in range(entry.depth - 1):
                covariance = entry.C_W * phi.dual(correlation, variance, variance) + entry.C_b
                variance = entry.C_W * phi.moment(2, variance) + entry.C_b
                correlation = covariance / variance
            return phi.dual(correlation, variance, variance)

        return derived

    def _entry(self, text: str, span: Span) -> GramEntry:
        grams = _Grams(self.names.activations)
        value = SideReader(text, self.names.reader.names, grams, {}).read(span)
        if value not in grams.entries:
            raise StatementError(f"the left side of a limit is gram(phi, r), for an activation phi; received {text}")
        phi, r = grams.entries[value]
        return GramEntry(phi.expr, phi.variable, r, depth=self.depth, **self.variances)


class _Grams(Means):
    """The Gram entries of a text: dummies stand for them."""

    def __init__(self, activations: dict[str, Activation]) -> None:
        super().__init__(activations)
        self.entries: dict[Expr, tuple[Activation, Expr]] = {}

    def named(self) -> dict[str, Callable[..., Expr]]:
        """With the Gram entry."""
        return {**super().named(), "gram": self.gram}

    def gram(self, mark: Expr, r: Expr) -> Expr:
        """The Gram entry of two inputs of correlation r."""
        dummy = Dummy("gram", real=True)
        self.entries[dummy] = (self._activation(mark, "gram"), r)
        return dummy

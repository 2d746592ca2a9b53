"""Claims about an iterated map: its fixed points, and how its orbits decay with the depth."""

from __future__ import annotations

from sympy import Expr, Mul, S, Symbol, log

from theory.claim import Claim
from theory.claim_files.relations import TENDS, is_relation
from theory.claim_files.table_reader import TableReader
from theory.claims import DepthAsymptotic, FixedPoint
from theory.errors import StatementError
from theory.orbits import Orbit

__all__ = ["DepthForm", "FixedPointForm"]

_MULTIPLIER = "multiplier"


class FixedPointForm:
    """`map = { r = "..." }` and `claim = "r = value"`, with `multiplier` if the slope is claimed as well."""

    def __init__(self, names: TableReader) -> None:
        self.names = names
        self.variable, self.map = _map(names)

    def claim(self, texts: list[str]) -> Claim:
        """The fixed point."""
        (text,) = texts
        return FixedPoint(self.map, self.variable, self._value(text), self._multiplier())

    def near_miss(self, text: str) -> Claim | Expr:
        """Another value, or another slope typed as `multiplier = ...`."""
        if not is_relation(text, self.names.names):
            return self.names.reader.expression(text)
        left, _, right = text.partition("=")
        if left.strip() != _MULTIPLIER:
            return self.claim([text])
        claim = self.claim(self.names.table.claims())
        assert isinstance(claim, FixedPoint)
        return FixedPoint(self.map, self.variable, claim.value, self.names.reader.expression(right))

    def _value(self, text: str) -> Expr:
        left, right = self.names.binding(self.variable).sides(text)
        if left != self.variable:
            raise StatementError(f"a fixed point is typed as {self.variable} = value; received {text}")
        return right

    def _multiplier(self) -> Expr | None:
        typed = self.names.table.number(_MULTIPLIER)
        return None if typed is None else self.names.under(_MULTIPLIER, lambda: self.names.reader.expression(typed))


class DepthForm:
    """`claim = "1 - r ~ c/l^2"`: the leading term in the layer of an orbit of `map` from `initial`.

    A factor `(1 + a*log(l)/l)` states the logarithm, too.
    """

    def __init__(self, names: TableReader) -> None:
        self.names = names
        for key in ("map", "initial"):
            if key not in names.table.values:
                example = 'map = { r = "(1 + r^2)/2" } and initial = { r = "1/5" }'
                names.table.fail(f"a law in depth is about the orbit of a map; give {key}, as in {example}", "claim")
        self.variable, self.map = _map(names)
        index = names.index[0].name if names.index is not None else names.table.text("index", "l")
        if index == self.variable.name:
            names.table.fail(f'{index} counts the layers; name them otherwise, as in index = "j"', "map")
        # The symbol is positive, so that powers of it are written as one.
        self.index = Symbol(names.under("index", lambda: names.bound(index)).name, integer=True, positive=True)
        starts = names.texts_by_symbol("initial", {self.variable.name: self.variable}, names.reader)
        self.start = starts.get(self.variable)

    def claim(self, texts: list[str]) -> Claim:
        """The leading term."""
        (text,) = texts
        left, right = self.names.binding(self.index, self.variable).sides(text, signs=(TENDS,))
        if self.start is None:
            raise StatementError(f"initial says where the orbit of {self.variable} starts")
        return self._claim(Orbit(self.map, self.variable, self.start, left), right)

    def near_miss(self, text: str) -> Claim | Expr:
        """Another leading term."""
        if is_relation(text, self.names.names):
            return self.claim([text])
        claim = self.claim(self.names.table.claims())
        assert isinstance(claim, DepthAsymptotic)
        return self._claim(claim.sequence, self.names.binding(self.index).expression(text))

    def _claim(self, sequence: Orbit, right: Expr) -> DepthAsymptotic:
        constant, exponent, logarithm = leading_term(right, self.index)
        return DepthAsymptotic(sequence, self.index, exponent, constant, logarithm)


def leading_term(e: Expr, index: Symbol) -> tuple[Expr, Expr, Expr | None]:
    """Constant, exponent and coefficient of the logarithm of `c*l^-p*(1 + a*log(l)/l)`.

    Raises
    ------
    StatementError : the formula has another shape.

    Examples
    --------
    >>> l = Symbol("l", positive=True)
    >>> leading_term(3 / l**2 * (1 - log(l) / l), l)
    (3, 2, -1)
    """
    constant, exponent, logarithm = S.One, S.Zero, None
    for factor in Mul.make_args(e):
        base, power = factor.as_base_exp()
        if index not in factor.free_symbols:
            constant *= factor
        elif base == index and index not in power.free_symbols:
            exponent -= power
        elif logarithm is None and (found := _logarithm(factor, index)) is not None:
            constant, logarithm = constant * found[0], found[1]
        else:
            raise StatementError(f"a leading term is typed as c/l^p or c/l^p*(1 + a*log(l)/l); received {e}")
    return constant, exponent, logarithm


def _logarithm(factor: Expr, index: Symbol) -> tuple[Expr, Expr] | None:
    """`b` and `a` of `b*(1 + a*log(l)/l)`; sympy multiplies a number in."""
    scale, rest = factor.expand().as_independent(index, as_Add=True)
    slope = (rest * index / log(index)).expand()
    return None if scale == 0 or index in slope.free_symbols else (scale, slope / scale)


def _map(names: TableReader) -> tuple[Symbol, Expr]:
    typed = names.table.mapping("map")
    if len(typed) != 1:
        names.table.fail('a map has one variable, as in map = { r = "(1 + r^2)/2" }', "map")
    ((name, text),) = typed.items()
    variable = names.under("map", lambda: names.bound(name))
    return variable, names.under("map", lambda: names.binding(variable).expression(str(text)))

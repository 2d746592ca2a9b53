"""Claims: the kinds of assertion a statement can make, as inert data.

Every kind is a frozen dataclass over `theory.claim.Claim`; a checker asks for its type and reads its fields.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy as sp
from sympy import Expr, S, Symbol

from theory.claim import Claim, Printer, equation_list, show, side, symbols_of
from theory.errors import StatementError

__all__ = [
    "Bound",
    "Claim",
    "DepthAsymptotic",
    "Distribution",
    "Existence",
    "FixedPoint",
    "Flow",
    "ForAll",
    "GaussianIdentity",
    "HaarIdentity",
    "Identity",
    "Invariance",
    "Refutation",
    "Sequence",
    "WidthLimit",
]

_DOT = r"\dot{{{}}}"


class _TwoSided(Claim):
    """Common part of the claims that relate `lhs` and `rhs`."""

    def _check(self, kind: str) -> None:
        left, right, *_ = self.sides()
        if left == right:
            raise StatementError(f"{kind}: both sides are {left}; a tautology is no claim")


@dataclass(frozen=True)
class Identity(_TwoSided):
    """`lhs = rhs` at every admissible point; `rhs` is the stated side.

    >>> x = Symbol("x")
    >>> Identity(sp.cos(2 * x), 2 * sp.cos(x)**2 - 1).free_symbols
    {x}
    """

    lhs: Expr
    rhs: Expr
    _sides = ("lhs", "rhs")
    _stated = "rhs"

    def latex(self, printer: Printer = sp.latex) -> str:
        return f"{printer(self.lhs)} = {printer(self.rhs)}"


class _Expectation(Claim):
    """Common part of `E[integrand] = stated`; the random symbols are bound."""

    def _is_random(self, symbol: Any) -> bool:
        raise NotImplementedError

    @property
    def bound_symbols(self) -> set[Any]:
        return {symbol for symbol in self.sides()[0].free_symbols if self._is_random(symbol)}

    def _check(self, kind: str) -> None:
        integrand, stated = self.sides()
        if not self.bound_symbols:
            raise StatementError(f"{kind}: the integrand {integrand} does not depend on the random variables")
        if leaked := [symbol for symbol in stated.free_symbols if self._is_random(symbol)]:
            raise StatementError(f"{kind}: the stated side may not contain the random variables {leaked}")


@dataclass(frozen=True)
class GaussianIdentity(_Expectation):
    """`E[integrand] = stated` under a `theory.gaussian.law.Gaussian` law; its variables are bound."""

    integrand: Expr
    law: Any
    stated: Expr
    _sides = ("integrand", "stated")
    _stated = "stated"

    def _check(self, kind: str) -> None:
        if not hasattr(self.law, "variables"):
            raise StatementError(f"{kind}: law is a Gaussian([u], cov=[[1]]); received {self.law!r}")
        super()._check(kind)

    def _is_random(self, symbol: Any) -> bool:
        return symbol in self.law.variables

    def latex(self, printer: Printer = sp.latex) -> str:
        names = ", ".join(map(printer, self.law.variables))
        left = f"({names})" if len(self.law.variables) > 1 else names
        mean = ", ".join(map(printer, self.law.mean)) if any(self.law.mean) else "0"
        variance = self.law.cov if len(self.law.variables) > 1 else self.law.cov[0, 0]
        law = rf"{left} \sim \mathcal{{N}}\left({mean},\, {printer(variance)}\right)"
        return rf"\mathbb{{E}}\left[{printer(self.integrand)}\right] = {printer(self.stated)},\quad {law}"


@dataclass(frozen=True)
class HaarIdentity(_Expectation):
    """`E[integrand] = stated` for a `theory.haar.group.Haar` matrix or a block of one.

    The entries, the forms of rows and the matrix itself are bound; the dimensions are free.

    >>> from theory.haar.group import Haar
    >>> n = Symbol("n", integer=True, positive=True)
    >>> O = Haar("O", n)
    >>> HaarIdentity(O[1, 1] * O[2, 2], O, S.Zero).free_symbols
    {n}
    """

    integrand: Expr
    group: Any
    stated: Expr
    _sides = ("integrand", "stated")
    _stated = "stated"

    def _check(self, kind: str) -> None:
        if not hasattr(self.group, "mean_trace"):
            raise StatementError(f"{kind}: group is a Haar(...) or a block of one; received {self.group!r}")
        super()._check(kind)

    @property
    def _whole(self) -> Any:
        return getattr(self.group, "group", self.group)

    def _is_random(self, symbol: Any) -> bool:
        return symbol == self.group.matrix or getattr(symbol, "key", None) == self._whole.key

    @property
    def free_symbols(self) -> set[Any]:
        sizes = symbols_of(tuple(map(S, (self._whole.n, *self.group.matrix.shape))))
        return super().free_symbols | sizes

    def latex(self, printer: Printer = sp.latex) -> str:
        integrand, stated = map(printer, self.sides())
        law = rf"\operatorname{{Haar}}(\mathrm{{{self._whole.kind}}}({printer(S(self._whole.n))}))"
        return rf"\mathbb{{E}}\left[{integrand}\right] = {stated},\quad {self._whole.name} \sim {law}"


@dataclass(frozen=True)
class Sequence(_TwoSided):
    """`lhs(index) = rhs(index)` for every integer `index >= start`; the index is bound."""

    index: Symbol
    lhs: Expr
    rhs: Expr
    start: Expr = S.Zero
    _sides = ("lhs", "rhs", "start")
    _stated = "rhs"
    _bound = ("index",)
    _closed = ("start",)

    def latex(self, printer: Printer = sp.latex) -> str:
        index, start = printer(self.index), printer(self.start)
        return rf"{printer(self.lhs)} = {printer(self.rhs)},\quad {index} \ge {start}"


@dataclass(frozen=True)
class WidthLimit(Claim):
    """`observable -> limit` as `width -> oo`, bias `O(width^-bias_rate)`, sd `O(width^-fluctuation_rate)`.

    `observable` is an expression or an inert object that a simulator reads.  `bias_rate` is None when no rate
    is claimed, `oo` when the bias is exactly zero.  `envelope`, an expression in the width, bounds the bias
    at finite width.
    """

    observable: Any
    limit: Expr
    width: Symbol
    bias_rate: Expr | None = S.One
    fluctuation_rate: Expr | None = S.Half
    envelope: Expr = S.Zero
    _sides = ("limit", "bias_rate", "fluctuation_rate", "envelope")
    _stated = "limit"
    _bound = ("width",)
    _closed = ("limit", "bias_rate", "fluctuation_rate")

    def latex(self, printer: Printer = sp.latex) -> str:
        arrow = rf"\xrightarrow[{printer(self.width)} \to \infty]{{}}"
        return f"{show(self.observable, printer)} {arrow} {printer(self.limit)}"


@dataclass(frozen=True)
class DepthAsymptotic(Claim):
    """`sequence(l) = constant * l^-exponent * (1 + log_coefficient * log(l)/l + O(1/l))` as `l -> oo`.

    `sequence` is an expression in `index` or an inert object that an iteration reads.
    """

    sequence: Any
    index: Symbol
    exponent: Expr
    constant: Expr
    log_coefficient: Expr | None = None
    _sides = ("exponent", "constant", "log_coefficient")
    _stated = "constant"
    _bound = ("index",)
    _closed = ("exponent", "constant", "log_coefficient")

    def _check(self, kind: str) -> None:
        if self.constant == 0:
            raise StatementError(f"{kind}: the constant is not 0; a vanishing leading term names no asymptotics")

    def latex(self, printer: Printer = sp.latex) -> str:
        sequence, leading = show(self.sequence, printer), printer(self.constant * self.index**-self.exponent)
        if self.log_coefficient is None:
            return rf"{sequence} \sim {leading}"
        factor = printer(1 + self.log_coefficient * sp.log(self.index) / self.index)
        return rf"{sequence} = {leading} \left({factor} + O\left({printer(1 / self.index)}\right)\right)"


@dataclass(frozen=True)
class FixedPoint(Claim):
    """`map(value) = value` and, if given, `map'(value) = multiplier`; the variable of the map is bound."""

    map: Expr
    variable: Symbol
    value: Expr
    multiplier: Expr | None = None
    _sides = ("map", "value", "multiplier")
    _stated = "value"
    _bound = ("variable",)
    _closed = ("value", "multiplier")

    def _check(self, kind: str) -> None:
        if self.map == self.variable:
            raise StatementError(f"{kind}: every point is a fixed point of the identity map; that is no claim")

    def latex(self, printer: Printer = sp.latex) -> str:
        variable, value = printer(self.variable), printer(self.value)
        text = rf"{variable} \mapsto {printer(self.map)} \quad\text{{fixes}}\quad {variable}^* = {value}"
        return text if self.multiplier is None else rf"{text},\quad \text{{multiplier }} {printer(self.multiplier)}"


@dataclass(frozen=True)
class Bound(_TwoSided):
    """`lhs <= rhs` (`<` if strict), for certain or with at least the given probability."""

    lhs: Expr
    rhs: Expr
    strict: bool = False
    probability: Expr | None = None
    _sides = ("lhs", "rhs", "probability")
    _stated = "rhs"

    def latex(self, printer: Printer = sp.latex) -> str:
        sign = "<" if self.strict else r"\le"
        left, right = self.lhs, self.rhs
        if all(side.is_Mul and side.as_coeff_Mul()[0].is_negative for side in (left, right)):
            left, right = -right, -left  # a lower bound, both of whose sides were negated
        text = rf"{printer(left)} {sign} {printer(right)}"
        return text if self.probability is None else rf"\Pr\left[{text}\right] \ge {printer(self.probability)}"


@dataclass(frozen=True)
class Distribution(Claim):
    """`sample ~ law`; both are expressions or inert objects with `free_symbols`."""

    sample: Any
    law: Any

    def latex(self, printer: Printer = sp.latex) -> str:
        if hasattr(self.sample, "probability_latex") and hasattr(self.law, "cdf"):
            return str(self.sample.probability_latex(self.law, printer))
        return rf"{show(self.sample, printer)} \sim {show(self.law, printer)}"


@dataclass(frozen=True)
class Invariance(Claim):
    """The set where every expression of `manifold` vanishes is kept by the flow `dx/dt = flow[x]`."""

    manifold: tuple[Expr, ...]
    flow: Any
    _mappings = ("flow",)

    def __post_init__(self) -> None:
        equations = self.manifold if isinstance(self.manifold, tuple | list) else (self.manifold,)
        object.__setattr__(self, "manifold", tuple(side("Invariance: manifold", e) for e in equations))
        super().__post_init__()

    def _check(self, kind: str) -> None:
        if not self.manifold or not symbols_of(self.manifold) & {state for state, _ in self.flow}:
            raise StatementError(f"{kind}: the manifold does not depend on the variables of the flow")

    def sides(self) -> tuple[Expr, ...]:
        return (*self.manifold, *(rate for _, rate in self.flow))

    def latex(self, printer: Printer = sp.latex) -> str:
        kept = equation_list(((e, S.Zero) for e in self.manifold), printer)
        return rf"{kept} \quad\text{{is kept by}}\quad " + equation_list(self.flow, printer, _DOT)


@dataclass(frozen=True)
class Flow(Claim):
    """`dx/dt = equations[x]` is solved by `x = solution[x]`, with `x = initial[x]` at `time = 0` if given.

    The state variables are bound; the time and the parameters are free.
    """

    equations: Any
    time: Symbol
    solution: Any
    initial: Any = ()
    _mappings = ("equations", "solution", "initial")
    _closed = ("solution", "initial")

    @property
    def bound_symbols(self) -> set[Any]:
        return {state for state, _ in self.equations}

    def _check(self, kind: str) -> None:
        solved, started = {s for s, _ in self.solution}, {s for s, _ in self.initial}
        if solved != self.bound_symbols or not started <= solved:
            raise StatementError(f"{kind}: the equations are for {self.bound_symbols}, the solution for {solved}")

    def sides(self) -> tuple[Expr, ...]:
        return tuple(value for _, value in (*self.equations, *self.solution, *self.initial))

    def latex(self, printer: Printer = sp.latex) -> str:
        given = equation_list(self.equations, printer, _DOT)
        solved = equation_list(self.solution, printer)
        start = rf",\quad {equation_list(self.initial, printer, r'{}(0)')}" if self.initial else ""
        return rf"{given} \quad\Longrightarrow\quad {solved}{start}"


@dataclass(frozen=True)
class Existence(Claim):
    """There are values of some symbols, in their domains, at which `formula` holds; `witness` gives them."""

    formula: Claim
    witness: Any
    _mappings = ("witness",)

    @property
    def pinned(self) -> dict[Any, Expr]:
        return dict(self.witness)

    @property
    def free_symbols(self) -> set[Any]:
        return self.formula.free_symbols | symbols_of(tuple(value for _, value in self.witness))

    def _check(self, kind: str) -> None:
        if not isinstance(self.formula, Claim):
            raise StatementError(f"{kind}: the formula is a claim; received {self.formula!r}")
        if not self.witness or not set(self.pinned) <= self.formula.free_symbols:
            raise StatementError(f"{kind}: the witness gives values to free symbols of the formula; {self.witness}")
        if symbols_of(tuple(self.pinned.values())) & set(self.pinned):
            raise StatementError(f"{kind}: the values of the witness may not contain the witnesses; {self.witness}")

    def sides(self) -> tuple[Expr, ...]:
        return self.formula.sides()

    def latex(self, printer: Printer = sp.latex) -> str:
        names = ", ".join(printer(symbol) for symbol, _ in self.witness)
        values = equation_list(self.witness, printer)
        return rf"\exists\, {names}:\; {self.formula.latex(printer)} \quad ({values})"


@dataclass(frozen=True)
class ForAll(Claim):
    """A claim for every member of a domain that no symbol stands for (activations, kernel maps, partitions).

    `claim` builds an ordinary claim from a member; a checker instantiates members with `at`.  The free
    symbols are those of the first member, so the builder uses the same parameters for every member.  `prose_latex`
    is the claim for a general member, in the letter of the domain; without it the simplest member is printed.
    """

    domain: Any
    claim: Callable[[Any], Claim]
    prose_latex: str = ""

    def _check(self, kind: str) -> None:
        if not callable(self.claim) or isinstance(self.claim, Claim):
            raise StatementError(f"{kind}: claim is a function of a member; received {self.claim!r}")
        if not hasattr(self.domain, "samples") or symbols_of(self.domain):
            raise StatementError(f"{kind}: domain is a theory.domains.Domain without symbols; got {self.domain!r}")

    def at(self, member: Any) -> Claim:
        """The claim for one member of the domain; built once, because a builder may derive closed forms."""
        if member not in self._built:
            claim = self.claim(member)
            if not isinstance(claim, Claim):
                raise StatementError(f"ForAll: the builder returns a claim; received {claim!r}")
            self._built[member] = claim
        return self._built[member]

    @cached_property
    def _built(self) -> dict[Any, Claim]:
        return {}

    @cached_property
    def first(self) -> Claim:
        """The claim for the simplest member."""
        for member in self.domain.samples(random.Random(0)):
            return self.at(member)
        raise StatementError(f"ForAll: the domain {self.domain} is empty")

    @property
    def free_symbols(self) -> set[Any]:
        return self.first.free_symbols

    def map(self, transform: Callable[[Claim], Claim]) -> ForAll:
        """The family with every instance transformed: how a family is damaged."""
        return replace(self, claim=lambda member: transform(self.at(member)), prose_latex="")

    def latex(self, printer: Printer = sp.latex) -> str:
        member = self.domain.latex(getattr(self.domain, "letter", r"\varphi"))
        return rf"{self.prose_latex or self.first.latex(printer)},\quad {member}"


@dataclass(frozen=True)
class Refutation(Claim):
    """The wrapped claim is false: its sides are certified apart at the point `at`.

    For a `ForAll` claim, `member` is the member that violates it.  `at` gives every free symbol a value; the
    values lie in the domains of the statement, otherwise nothing is refuted.
    """

    claim: Claim
    at: Any = ()
    member: Any = None
    _mappings = ("at",)

    def _check(self, kind: str) -> None:
        if not isinstance(self.claim, Claim) or isinstance(self.claim, ForAll) is (self.member is None):
            raise StatementError(f"{kind}: wraps a claim, with member= exactly for a ForAll; got {self.claim!r}")
        if set(self.pinned) != self.free_symbols:
            raise StatementError(f"{kind}: at= gives values to exactly {self.free_symbols}; received {self.at}")
        if symbols_of(tuple(self.pinned.values())):
            raise StatementError(f"{kind}: the values of at= are numbers; received {self.at}")

    @property
    def instance(self) -> Claim:
        """The false claim, for the violating member if it is a family."""
        return self.claim.at(self.member) if isinstance(self.claim, ForAll) else self.claim

    @property
    def pinned(self) -> dict[Any, Expr]:
        return dict(self.at)

    @property
    def free_symbols(self) -> set[Any]:
        return self.instance.free_symbols

    def sides(self) -> tuple[Expr, ...]:
        return self.instance.sides()

    def latex(self, printer: Printer = sp.latex) -> str:
        at = rf"\quad\text{{at}}\quad {equation_list(self.at, printer)}" if self.at else ""
        return rf"\text{{false:}}\quad {self.instance.latex(printer)} {at}"

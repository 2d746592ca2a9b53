r"""Recurrences with polynomial coefficients for the Hermite coefficients of an activation.

In $C_k = E[\varphi(\sqrt q\,Z)\,He_k(Z)]$, multiplication by $k$ is the operator $\theta = x D - q D^2$ acting on
$\varphi$, and the shift $k \to k + 1$ is $\sqrt q\,D$.  Hence

$$ \sum_j p_j(k)\,C_{k+j} = 0 \;\text{ for all } k \ge k_0
   \iff \sum_j p_j(\theta)\,q^{j/2} D^j \varphi \;\text{ is a polynomial of degree} < k_0 $$

as distributions.  The right-hand side is linear algebra over the field of constants, so relation and start index are
found and proved together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp
from flint import arb
from sympy import Expr, Symbol
from sympy.polys.fields import FracElement

from theory.enclosure import enclose
from theory.errors import DomainError, UnsupportedError
from theory.gaussian.law import exact
from theory.gaussian.pieces import SWITCHES
from theory.hermite.differential import Monomial, normal_form
from theory.hermite.distribution import Calculus, Distribution, pose
from theory.hermite.marching import InitialValues, largest_count, march
from theory.hermite.regularity import demand_integrable, regular_pieces
from theory.hermite.scalars import Exact, Residues, Scalars
from theory.symbols import k as INDEX

if TYPE_CHECKING:
    from theory.activations import Activation

__all__ = ["HermiteRecurrence", "coefficients_by_recurrence", "hermite_recurrence"]

_MAX_SIZE = 70  # unknowns times irrational constants; beyond, the linear algebra takes minutes
_LIMITS = ((8, 4), (14, 6))  # largest order and degree of the searches, in turn


@dataclass(frozen=True)
class HermiteRecurrence:
    r"""Recurrence $\sum_{j=0}^r p_j(k)\,C_{k+j} = 0$, valid for all $k \ge k_0$.

    $C_k = E[\varphi(\sqrt q\,Z)\,He_k(Z)] = \sqrt{k!}\,c_k$ where the expectations exist.

    Attributes
    ----------
    coefficients : $p_0, \dots, p_r$ as polynomials in `theory.symbols.k`.
    start : $k_0$, the smallest index from which on the relation holds.
    """

    activation: Activation
    q: Expr
    coefficients: tuple[Expr, ...]
    start: int

    @property
    def order(self) -> int:
        """The largest shift r."""
        return len(self.coefficients) - 1

    @property
    def step(self) -> int:
        """Greatest common divisor of the shifts that occur; 2 where even and odd indices decouple."""
        return int(sp.igcd(0, *(j for j, p in enumerate(self.coefficients) if p != 0))) or 1

    def apply(self, values: Sequence[Expr], index: int) -> Expr:
        r"""The residual $\sum_j p_j(k) C_{k+j}$ at an index, for values $C_0, C_1, \dots$"""
        if index < 0 or index + self.order >= len(values):
            raise DomainError(f"index {index} needs the values C_0, ..., C_{index + self.order}; got {len(values)}")
        return sp.Add(*(p.subs(INDEX, index) * values[index + j] for j, p in enumerate(self.coefficients)))

    def check(self, K: int = 12) -> bool:
        """Do exact values satisfy the relation, to sixty digits, for all start <= k <= K?  Needs numeric parameters."""
        values = [self.initial.expression(i) for i in range(K + self.order + 1)]
        return all(_vanishes(self.apply(values, i)) for i in range(self.start, K + 1))

    @cached_property
    def initial(self) -> InitialValues:
        """Exact values of $C_k$ at single indices."""
        return InitialValues(self.activation, self.q)

    def latex(self) -> str:
        """The relation as a LaTeX equation."""
        terms = [
            rf"{_bracketed(p)}C_{{{sp.latex(INDEX + j)}}}"
            for j, p in reversed([*enumerate(self.coefficients)])
            if p != 0
        ]
        return " + ".join(terms).replace("+ -", "- ") + rf" = 0 \quad (k \ge {self.start})"

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def __repr__(self) -> str:
        terms = [_term(p, j) for j, p in reversed([*enumerate(self.coefficients)]) if p != 0]
        return f"HermiteRecurrence({' + '.join(terms)} = 0 for k >= {self.start})"


def _term(p: Expr, shift: int) -> str:
    index = f"C[k + {shift}]" if shift else "C[k]"
    return index if p == 1 else f"({p})*{index}"


def _bracketed(p: Expr) -> str:
    if abs(p) == 1:
        return "" if p == 1 else "-"
    text = sp.latex(p)
    return rf"\left({text}\right)" if isinstance(p, sp.Add) else text + r"\,"


def _vanishes(value: Expr) -> bool:
    """Zero to sixty digits; an error where that is not decided, so that doubt never passes for agreement."""
    value = sp.expand(value)
    return value == 0 or bool(enclose(value, 30).contains(0))


def hermite_recurrence(phi: Activation, q: Any = 1) -> HermiteRecurrence:
    r"""The recurrence of least order, then least degree and least start index, within the limits of the search.

    Parameters
    ----------
    phi : activation whose pieces solve linear differential equations with polynomial coefficients.
    q : variance, positive; a number or a symbol.

    Raises
    ------
    UnsupportedError
        if a piece satisfies no such equation, with the reason, or no relation of order at most 14 and degree at most
        6 exists.
    DivergenceError
        if a piece is not integrable against the law.

    Examples
    --------
    >>> from sympy import Max, Symbol
    >>> from theory.activations import Activation
    >>> x = Symbol("x", real=True)
    >>> hermite_recurrence(Activation(Max(x, 0), x))
    HermiteRecurrence(C[k + 2] + (k - 1)*C[k] = 0 for k >= 0)

    References
    ----------
    kauers2023dfinite
    """
    variance = exact(q)
    if phi.ordering.sign_or_none(variance) in (0, -1):
        raise DomainError(f"a recurrence needs a positive variance; received q = {variance}")
    if variance.has_free(phi.variable):
        raise DomainError(f"the variance does not depend on the variable; received q = {variance}")
    if INDEX in phi.expr.free_symbols | variance.free_symbols:
        raise DomainError(f"the symbol {INDEX} is the index of the recurrence; rename the parameter")
    if any(part.has(*SWITCHES) for part in phi.pieces.parts):
        raise UnsupportedError(f"the kinks of {phi} are not found in closed form; write the pieces out")
    search = _Search(phi, variance)
    for order, degree in _LIMITS:
        found = search.relation(order, degree)
        if found is not None:
            rows, start = found
            coefficients = search.scaled(rows)
            while coefficients[0] == 0:
                coefficients = tuple(sp.factor(p.subs(INDEX, INDEX - 1)) for p in coefficients[1:])
                start += 1
            return HermiteRecurrence(phi, variance, coefficients, start)
    order, degree = _LIMITS[-1]
    raise UnsupportedError(f"{phi} has no recurrence of order at most {order} and degree at most {degree}")


class _Table:
    """The distributions theta^i D^j phi, formed once each."""

    def __init__(self, calculus: Calculus) -> None:
        self.calculus = calculus
        self._known: dict[tuple[int, int], Distribution] = {}

    def __call__(self, i: int, j: int) -> Distribution:
        if (i, j) not in self._known:
            self._known[i, j] = self._formed(i, j)
        return self._known[i, j]

    def _formed(self, i: int, j: int) -> Distribution:
        if i:
            return self.calculus.index_operator(self(i - 1, j))
        return self.calculus.derivative(self(0, j - 1)) if j else self.calculus.function

    def columns(self, order: int, degree: int, polynomials: int) -> list[list[Any]]:
        """Coordinates of 1, x, ..., then of theta^i D^j phi by j and then by i."""
        members = [self.calculus.monomial(m) for m in range(polynomials)]
        members += [self(i, j) for j in range(order + 1) for i in range(degree + 1)]
        return self.calculus.columns(members)


def _transposed(columns: list[list[Any]]) -> list[list[Any]]:
    return [list(row) for row in zip(*columns, strict=True)]


def _dependency(scalars: Scalars, columns: list[list[Any]]) -> list[Any] | None:
    """Coefficients of the first column that depends on the earlier ones, that one having coefficient one."""
    rows, pivots = scalars.reduced(_transposed(columns))
    free = next((i for i in range(len(columns)) if i not in pivots), None)
    if free is None:
        return None
    relation = [scalars.zero] * len(columns)
    for row, pivot in zip(rows, pivots, strict=True):
        if pivot < free:
            relation[pivot] = -row[free]
    relation[free] = scalars.zero + 1
    return relation


class _Search:
    def __init__(self, phi: Activation, q: Expr) -> None:
        x = phi.variable
        pieces, system = regular_pieces(phi.pieces, x, phi.ordering)
        demand_integrable(system, q, phi.ordering)
        self.q = q
        self.problem = pose(system, pieces.breaks, q)
        self.residues = Residues(self.problem.field, x)
        self.table = _Table(Calculus(self.problem, self.residues))
        # A combination can leave a polynomial only of a degree that the rational parts reach, or one above.
        self.polynomials = 0
        if self.problem.one is not None:
            rational = [sp.together(normal_form(p, x).get(Monomial(), sp.S.Zero)) for p in pieces.parts]
            degrees = [_degree(top, x) - _degree(below, x) for top, below in map(sp.fraction, rational)]
            self.polynomials = max(0, *degrees) + 2

    def relation(self, top_order: int, top_degree: int) -> tuple[list[list[Any]], int] | None:
        for order in range(top_order + 1):
            if not self._exists(order, top_degree, self.polynomials):
                continue
            degree = next(d for d in range(top_degree + 1) if self._exists(order, d, self.polynomials))
            start = next(s for s in range(self.polynomials + 1) if self._exists(order, degree, s))
            return self._exact(order, degree, start)
        return None

    def _exists(self, order: int, degree: int, start: int) -> bool:
        return _dependency(self.residues, self.table.columns(order, degree, start)) is not None

    def _exact(self, order: int, degree: int, start: int) -> tuple[list[list[Any]], int]:
        """The relation over the exact field: solved on independent equations and verified on all."""
        size = (order + 1) * (degree + 1) * (len(self.problem.field.generators) - 1)
        if size > _MAX_SIZE:
            constants = [str(g) for g in self.problem.field.generators if g != self.problem.x]
            raise UnsupportedError(
                f"the least relation has order {order} and degree {degree} over the constants {', '.join(constants)}; "
                f"its exact solution is out of reach (size {size}, limit {_MAX_SIZE}); put numbers for parameters"
            )
        guess = self.table.columns(order, degree, start)
        last = max(i for i, c in enumerate(_dependency(self.residues, guess) or []) if int(c))
        _, independent = self.residues.reduced(guess[: last + 1])
        scalars = Exact(self.problem.field, self.problem.x)
        columns = _Table(Calculus(self.problem, scalars)).columns(order, degree, start)[: last + 1]
        relation = _dependency(scalars, [[column[i] for i in independent] for column in columns])
        if relation is None or any(_inner(relation, row, scalars.zero) != 0 for row in _transposed(columns)):
            raise UnsupportedError("the relation found modulo a prime does not lift to the exact field")
        relation += [scalars.zero] * (start + (order + 1) * (degree + 1) - len(relation))
        flat = relation[start:]
        rows = [flat[j * (degree + 1) : (j + 1) * (degree + 1)] for j in range(order + 1)]
        return rows, start

    def scaled(self, rows: list[list[Any]]) -> tuple[Expr, ...]:
        """Coefficients as primitive polynomials in k, for C_k in place of the derivatives."""
        field = self.problem.field
        order = len(rows) - 1
        half = sp.sqrt(self.q)
        raw = []
        for j, row in enumerate(rows):
            polynomial = sp.Add(*(_expr(field, c) * INDEX**i for i, c in enumerate(row)))
            raw.append(sp.expand(polynomial) * half ** (order - j))
        below = sp.lcm_list([sp.fraction(sp.together(p))[1] for p in raw])
        cleared = [sp.cancel(sp.together(p * below)) for p in raw]
        common = sp.gcd_list([p for p in cleared if p != 0])
        if common.has_free(INDEX):
            common = sp.S.One
        return tuple(sp.factor(sp.cancel(p / common)) for p in cleared)


def _inner(relation: Sequence[Any], row: Sequence[Any], zero: Any) -> Any:
    return sum((a * b for a, b in zip(relation, row, strict=True)), zero)


def _expr(field: Any, element: Any) -> Expr:
    if isinstance(element, FracElement):
        return field.expr(element)
    return sp.Rational(int(element.numerator), int(element.denominator))


def _degree(e: Expr, x: Symbol) -> int:
    return 0 if e == 0 else int(sp.degree(e, x))


def coefficients_by_recurrence(phi: Activation, K: int, q: Any = 1, digits: int = 30) -> list[arb]:
    r"""Balls around $c_0, \dots, c_K$, $c_k = E[\varphi(\sqrt q\,Z)\,He_k(Z)]/\sqrt{k!}$, by the recurrence.

    The first values and those at zeros of the leading coefficient come from exact expressions; the rest is computed in
    ball arithmetic, whose working precision is raised until every radius is at most $10^{-\text{digits}}$ times the
    largest of the neighbouring coefficients.

    Raises
    ------
    DomainError
        if parameters are symbolic or K is too large for the memory.
    PrecisionError
        if the radius is not reached.

    Examples
    --------
    >>> from sympy import Max, Symbol
    >>> from theory.activations import Activation
    >>> x = Symbol("x", real=True)
    >>> coefficients_by_recurrence(Activation(Max(x, 0), x), 2, digits=10)[2].str(10, radius=False)
    '0.2820947918'
    """
    return run(hermite_recurrence(phi, q), K, digits)


def run(recurrence: HermiteRecurrence, K: int, digits: int = 30) -> list[arb]:
    r"""Balls around $c_0, \dots, c_K$ from a recurrence already derived; see `coefficients_by_recurrence`."""
    if not isinstance(K, int) or K < 0:
        raise DomainError(f"the largest index is a non-negative integer; received K = {K!r}")
    if not isinstance(digits, int) or digits < 1:
        raise DomainError(f"digits is a positive integer; received {digits!r}")
    if largest_count(digits) < K:
        raise DomainError(
            f"coefficients up to K = {K} with {digits} digits do not fit the memory allowed; "
            f"the limit is K = {largest_count(digits)}"
        )
    names = recurrence.activation.expr.free_symbols - {recurrence.activation.variable} | recurrence.q.free_symbols
    if names:
        raise DomainError(f"numbers need numeric parameters; {sorted(map(str, names))} are free")
    return march(recurrence.coefficients, recurrence.start, recurrence.initial, K, digits)

"""Domains: the sets the variables of a statement range over.

A domain has exact endpoints and yields exact points, the smallest and simplest first, because the slips of
published formulas sit at 0, at the endpoints and at the smallest permitted size.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, ClassVar

import sympy as sp
from sympy import Expr, Integer, Rational, S, Symbol, latex, oo, sympify
from sympy.matrices import MatrixBase
from sympy.utilities.iterables import partitions

from theory.arguments import items, known_name
from theory.definitions import DEFINITIONS
from theory.errors import DomainError

__all__ = [
    "Activations",
    "Domain",
    "Gram",
    "HermiteWeights",
    "Integers",
    "Interval",
    "Partition",
    "Simplex",
    "Spectrum",
]

_SIMPLE = tuple(Rational(p, r) for p, r in [(1, 1), (-1, 1), (2, 1), (1, 2), (-1, 2), (3, 10), (-9, 10), (19, 20)])
_FRACTIONS = tuple(Rational(p, 1000) for p in (500, 250, 750, 100, 999, 1))
_STEPS = tuple(Rational(p, r) for p, r in [(1, 1), (1, 2), (2, 1), (1, 10), (10, 1), (1, 1000)])


def endpoint(value: object) -> Expr:
    """Exact real expression; floats are refused because 0.1 is not one tenth."""
    if isinstance(value, bool) or not isinstance(value, int | Fraction | Expr):
        raise DomainError(f"an endpoint is an exact number or expression; received {value!r}")
    number = sympify(value)
    if number.has(sp.Float, sp.nan) or number.is_extended_real is False:
        raise DomainError(f"an endpoint is exact and real; received {number}; write Rational(1, 10) for 0.1")
    return number


def _number(value: object) -> Expr | None:
    """The value as an expression, or None; text is never read as a formula."""
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction | Expr):
        return None
    number = sympify(value)
    return None if number is S.NaN else number


def _truth(condition: Any) -> bool | None:
    return True if condition == True else False if condition == False else None  # noqa: E712


def _all(conditions: Iterable[bool | None]) -> bool | None:
    known = list(conditions)
    return False if False in known else None if None in known else True


def _distinct(points: Iterable[Any]) -> Iterator[Any]:
    """The points without repetition; a long run of repetitions means that the supply is exhausted."""
    seen: set[Hashable] = set()
    repeated = 0
    for point in points:
        repeated = repeated + 1 if point in seen else 0
        if repeated > 1000:
            return
        if not repeated:
            seen.add(point)
            yield point


class Domain:
    """A set of values: `contains`, `is_empty`, `samples`.

    `shape` is `()` for numbers, `(d,)` for vectors (declared under a tuple of symbols), `(n, n)` for matrices
    (declared under a `MatrixSymbol`), and `None` for objects that no symbol stands for: these are quantified
    over by `theory.claims.ForAll`.
    """

    shape: ClassVar[Any] = ()

    @property
    def free_symbols(self) -> set[Symbol]:
        """Symbols in the endpoints: the other variables this domain depends on."""
        values = (getattr(self, f.name) for f in fields(self))  # type: ignore[arg-type]
        return set().union(*(value.free_symbols for value in values if isinstance(value, Expr)))

    def instantiate(self, point: Mapping[Any, Any]) -> Domain:
        """The domain with the symbols of its endpoints replaced by the values of `point`."""
        if not self.free_symbols:
            return self
        values = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        changed = {name: value.subs(point) for name, value in values.items() if isinstance(value, Expr)}
        return replace(self, **changed)  # type: ignore[type-var]

    def contains(self, value: Any) -> bool | None:
        """Membership; `None` when it is not decided."""
        raise NotImplementedError

    def is_empty(self) -> bool:
        """True if the domain is certainly empty."""
        return False

    def samples(self, rng: random.Random) -> Iterator[Any]:
        """Distinct exact points: special ones first, then seeded random ones until exhaustion."""
        if self.free_symbols:
            raise DomainError(f"{self} depends on {sorted(map(str, self.free_symbols))}; call instantiate() first")
        return _distinct(self._points(rng))

    def _points(self, rng: random.Random) -> Iterator[Any]:
        raise NotImplementedError

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        """LaTeX of `variable in domain`; `printer` prints the endpoints."""
        raise NotImplementedError


@dataclass(frozen=True)
class Interval(Domain):
    """Real interval with exact endpoints, which may be infinite or depend on other variables.

    >>> domain = Interval(-1, 1)
    >>> [str(p) for p in itertools.islice(domain.samples(random.Random(0)), 8)]
    ['0', '1', '-1', '1/2', '-1/2', '3/10', '-9/10', '19/20']
    >>> domain.contains(Rational(3, 2)), Interval(2, 1).is_empty()
    (False, True)
    """

    lo: Expr
    hi: Expr
    left_open: bool = False
    right_open: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "lo", endpoint(self.lo))
        object.__setattr__(self, "hi", endpoint(self.hi))
        object.__setattr__(self, "left_open", self.left_open or self.lo == -oo)
        object.__setattr__(self, "right_open", self.right_open or self.hi == oo)

    def contains(self, value: Any) -> bool | None:
        value = _number(value)
        if value is None or value.is_real is False:
            return False
        above = value > self.lo if self.left_open else value >= self.lo
        below = value < self.hi if self.right_open else value <= self.hi
        return _all([_truth(above), _truth(below)])

    def is_empty(self) -> bool:
        is_open = self.left_open or self.right_open
        return _truth(self.lo >= self.hi if is_open else self.lo > self.hi) is True

    def _points(self, rng: random.Random) -> Iterator[Expr]:
        if self.is_empty():
            return
        lo, hi = self.lo, self.hi
        bounded = lo != -oo and hi != oo
        inner = [lo + (hi - lo) * f for f in _FRACTIONS] if bounded else [self._beyond(t) for t in _STEPS]
        simple = [S.Zero, *(end for end in (hi, lo) if end.is_finite), *_SIMPLE, *inner]
        yield from (point for point in simple if self.contains(point))
        if lo == hi:
            return
        while True:
            tiny = rng.random() < 0.25  # a quarter of the random points probes the ends and all magnitudes
            if bounded:
                size = 10 ** rng.randint(2, 6) if tiny else 997
                part = Rational(rng.randint(1, 9 if tiny else 996), size)
                yield lo + (hi - lo) * (1 - part if rng.random() < 0.5 else part)
            else:
                step = Rational(rng.randint(1, 999), 10 ** rng.randint(0, 6) if tiny else 100)
                yield self._beyond(-step if rng.random() < 0.5 else step)

    def _beyond(self, step: Expr) -> Expr:
        if self.lo != -oo:
            return self.lo + abs(step)
        return self.hi - abs(step) if self.hi != oo else step

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        left, right = "(" if self.left_open else "[", ")" if self.right_open else "]"
        return rf"{variable} \in {left}{printer(self.lo)}, {printer(self.hi)}{right}"


@dataclass(frozen=True)
class Integers(Domain):
    """Integers from `lo` to `hi` inclusive; without end if `hi` is omitted.

    >>> [int(p) for p in Integers(2, 5).samples(random.Random(0))]
    [2, 3, 4, 5]
    """

    lo: Expr
    hi: Expr = oo

    def __post_init__(self) -> None:
        for name, end in (("lo", self.lo), ("hi", oo if self.hi is None else self.hi)):
            end = endpoint(end)
            if end.is_integer is False and end != oo:
                raise DomainError(f"Integers: {name} is an integer; received {end}")
            object.__setattr__(self, name, end)

    def contains(self, value: Any) -> bool | None:
        value = _number(value)
        if value is None or value.is_integer is False:
            return False
        return _all([value.is_integer, _truth(value >= self.lo), _truth(value <= self.hi)])

    def is_empty(self) -> bool:
        return _truth(self.lo > self.hi) is True

    def _points(self, rng: random.Random) -> Iterator[Integer]:
        if self.is_empty():
            return
        low, last = int(self.lo), None if self.hi == oo else int(self.hi)
        yield from map(Integer, range(low, low + 8 if last is None else min(low + 8, last + 1)))
        if last is not None:
            yield self.hi
        while last is None or low <= last:  # shuffled blocks: every integer comes up, small ones early
            high = low + 100 if last is None else min(low + 100, last + 1)
            yield from map(Integer, rng.sample(range(low, high), high - low))
            low = high

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        if self.hi == oo:
            return rf"{variable} \in \mathbb{{Z}},\ {variable} \ge {printer(self.lo)}"
        return rf"{variable} \in \{{{printer(self.lo)}, \dots, {printer(self.hi)}\}}"


def _size(value: object, kind: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Integer) or value < 1:
        raise DomainError(f"{kind}: the size is a positive integer; received {value!r}")
    return int(value)


def _weights(d: int, rng: random.Random) -> Iterator[tuple[Rational, ...]]:
    """Points of the simplex: vertex, centre, near-centre, near-vertex, edges, then random sparse points."""
    centre, zeros = Rational(1, d), (S.Zero,) * d
    yield (S.One, *zeros[1:])
    yield (centre,) * d
    if d == 1:
        return
    rest = (centre,) * (d - 2)
    for part in (Rational(1, 10), Rational(1, 1000)):
        yield (centre * (1 + part), *rest, centre * (1 - part))
        yield (1 - part, *zeros[2:], part)
    for size in range(2, d):
        yield (Rational(1, size),) * size + zeros[size:]
    while True:
        raw = [rng.randint(1, 60) if rng.random() < 0.75 else 0 for _ in range(d)]
        if any(raw):
            yield tuple(Rational(entry, sum(raw)) for entry in raw)


class _Vector(Domain):
    """Non-negative vectors of length `d` with a given sum."""

    d: int

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.d,)

    def _contains(self, value: Any, total: Expr) -> bool | None:
        if not isinstance(value, tuple | list) or len(value) != self.d:
            return False
        entries = [number for number in map(_number, value) if number is not None]
        if len(entries) < self.d:
            return False
        return _all([*(_truth(entry >= 0) for entry in entries), (sp.Add(*entries) - total).equals(0)])


@dataclass(frozen=True)
class Simplex(_Vector):
    """Probability vectors with `d` entries, `p_i >= 0`, `sum p_i = 1`.

    >>> Simplex(2).contains((Rational(1, 3), Rational(2, 3)))
    True
    """

    d: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "d", _size(self.d, "Simplex"))

    def contains(self, value: Any) -> bool | None:
        return self._contains(value, S.One)

    def _points(self, rng: random.Random) -> Iterator[tuple[Rational, ...]]:
        return _weights(self.d, rng)

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        return rf"{variable} \in \Delta^{{{self.d - 1}}}"


@dataclass(frozen=True)
class Spectrum(_Vector):
    """Eigenvalues of a positive semi-definite `d x d` matrix of given trace, sampled in decreasing order.

    >>> next(Spectrum(3, 3).samples(random.Random(0)))
    (3, 0, 0)
    """

    d: int
    trace: Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "d", _size(self.d, "Spectrum"))
        object.__setattr__(self, "trace", endpoint(self.trace))

    def contains(self, value: Any) -> bool | None:
        return self._contains(value, self.trace)

    def is_empty(self) -> bool:
        return _truth(self.trace < 0) is True

    def _points(self, rng: random.Random) -> Iterator[tuple[Expr, ...]]:
        if self.is_empty() or self.trace == 0:
            return iter(() if self.is_empty() else [(S.Zero,) * self.d])
        ordered = (sorted(weights, reverse=True) for weights in _weights(self.d, rng))
        return (tuple(self.trace * weight for weight in weights) for weights in ordered)

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        return rf"{variable} \in \mathbb{{R}}_{{\ge 0}}^{{{self.d}}},\ \textstyle\sum_i = {printer(self.trace)}"


@dataclass(frozen=True)
class Gram(Domain):
    """Positive semi-definite symmetric `n x n` matrices; with unit diagonal if asked.

    The size may be another variable, whose domain is declared as well.

    >>> [m.rank() for m in itertools.islice(Gram(3).samples(random.Random(0)), 4)]
    [3, 1, 3, 2]
    """

    n: Any
    unit_diagonal: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.n, Expr) or not self.n.free_symbols:
            object.__setattr__(self, "n", _size(self.n, "Gram"))

    @property
    def shape(self) -> tuple[Any, ...]:
        return (self.n, self.n)

    def contains(self, value: Any) -> bool | None:
        if not isinstance(value, MatrixBase) or value.shape != self.shape:
            return False
        diagonal = [not self.unit_diagonal or (value[i, i] - 1).equals(0) for i in range(self.n)]
        return _all([value.is_symmetric(), value.is_positive_semidefinite, *diagonal])

    def _points(self, rng: random.Random) -> Iterator[sp.ImmutableMatrix]:
        n, one, identity = self.n, sp.ones(self.n, self.n), sp.eye(self.n)
        # orthogonal inputs, equal inputs, equicorrelated, the singular corner, nearly equal inputs
        lowest = Rational(-1, n - 1) if n > 1 else S.Zero
        for r in (S.Zero, S.One, Rational(1, 2), lowest, Rational(999, 1000)):
            yield sp.ImmutableMatrix(r * one + (1 - r) * identity)
        while n > 1 or not self.unit_diagonal:
            rank = rng.randint(1, n)
            rows = [[Rational(rng.randint(-12, 12), rng.randint(1, 4)) for _ in range(rank)] for _ in range(n)]
            if self.unit_diagonal:  # stereographic projection keeps the unit vectors rational
                squares = [sum(entry**2 for entry in row) for row in rows]
                rows = [
                    [*(2 * e / (1 + s) for e in row), (1 - s) / (1 + s)] for row, s in zip(rows, squares, strict=True)
                ]
            matrix = sp.ImmutableMatrix(rows)
            yield matrix * matrix.T

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        diagonal = r",\ \operatorname{diag} = 1" if self.unit_diagonal else ""
        return rf"{variable} \in \mathbb{{R}}^{{{self.n} \times {self.n}}},\ {variable} \succeq 0{diagonal}"


@dataclass(frozen=True)
class HermiteWeights(Domain):
    """Kernel maps `sum_k a_k rho^k`, `a_k >= 0`, `sum_k a_k = 1`, as tuples `(a_0, ..., a_K)`.

    Random members have `K <= degree`; `centered` asks for `a_0 = 0` (the mean of the activation removed).

    >>> list(itertools.islice(HermiteWeights(centered=True).samples(random.Random(0)), 2))
    [(0, 1), (0, 0, 1)]
    """

    degree: int = 8
    centered: bool = False
    shape: ClassVar[None] = None
    letter: ClassVar[str] = r"\kappa"

    def __post_init__(self) -> None:
        if _size(self.degree, "HermiteWeights") < 4:
            raise DomainError(f"HermiteWeights: degree is at least 4; received {self.degree}")

    def contains(self, value: Any) -> bool | None:
        if not isinstance(value, tuple) or not value or (self.centered and value[0] != 0):
            return False
        return Simplex(len(value)).contains(value)

    def _points(self, rng: random.Random) -> Iterator[tuple[Rational, ...]]:
        low, half, tiny = int(self.centered), Rational(1, 2), Rational(1, 1000)
        for power in range(low, 4):
            yield (S.Zero,) * power + (S.One,)
        for first, second in itertools.combinations(range(low, 5), 2):
            for share in (half, tiny, 1 - tiny):  # the middle of the edge and next to its two ends
                yield tuple({first: share, second: 1 - share}.get(j, S.Zero) for j in range(second + 1))
        while True:
            support = rng.sample(range(low, self.degree + 1), rng.randint(1, min(4, self.degree + 1 - low)))
            raw = [rng.randint(1, 60) if j in support else 0 for j in range(max(support) + 1)]
            yield tuple(Rational(entry, sum(raw)) for entry in raw)

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        start = int(self.centered)
        return rf"{variable}(\rho) = \sum_{{k \ge {start}}} a_k \rho^k,\ a_k \ge 0,\ \sum_k a_k = 1"


@dataclass(frozen=True)
class Activations(Domain):
    """Activations: the catalogue (or the `names` given), then random members of the exact class.

    `smooth` keeps (or drops) those without kinks and jumps; `where` is a further predicate of an activation.

    >>> [phi.expr for phi in Activations(["erf", "relu"], smooth=True).samples(random.Random(0))]
    [erf(x)]
    """

    names: tuple[str, ...] | None = None
    smooth: bool | None = None
    where: Callable[[Any], bool | None] | None = None
    shape: ClassVar[None] = None

    def __post_init__(self) -> None:
        if self.names is not None:
            names = tuple(known_name("activation", name, DEFINITIONS) for name in items("names=", self.names))
            object.__setattr__(self, "names", names)

    def contains(self, value: Any) -> bool | None:
        expr = getattr(value, "expr", None)
        if not isinstance(expr, Expr):
            return False
        kinked = expr.has(sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise)
        return _all([self.smooth is None or self.smooth is not kinked, self.where is None or self.where(value)])

    def is_empty(self) -> bool:
        return self.names == ()

    def _points(self, rng: random.Random) -> Iterator[Any]:
        from theory.activations import Activation, activation, activation_names
        from theory.random_activations import random_expression
        from theory.symbols import x

        names = activation_names() if self.names is None else self.names
        yield from (member for member in map(activation, names) if self.contains(member))
        rejected = 0
        while self.names is None and rejected < 200:  # a filter that random members never pass ends the stream
            member = Activation(random_expression(rng, x, self.smooth), x)
            rejected = 0 if self.contains(member) else rejected + 1
            if not rejected:
                yield member

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        kind = {None: "", True: r"\text{ smooth}", False: r"\text{ piecewise}"}[self.smooth]
        return rf"{variable}{kind} \text{{ with }} \mathbb{{E}}[{variable}(Z)^2] < \infty"


@dataclass(frozen=True)
class Partition(Domain):
    """Partitions of the integer `n`, as decreasing tuples.

    >>> list(Partition(3).samples(random.Random(0)))
    [(3,), (2, 1), (1, 1, 1)]
    """

    n: int
    shape: ClassVar[None] = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", _size(self.n, "Partition"))

    def contains(self, value: Any) -> bool | None:
        if not isinstance(value, tuple) or not all(isinstance(part, int | Integer) and part > 0 for part in value):
            return False
        return sum(value) == self.n and list(value) == sorted(value, reverse=True)

    def _points(self, rng: random.Random) -> Iterator[tuple[int, ...]]:
        for parts in partitions(self.n):
            yield tuple(part for part in sorted(parts, reverse=True) for _ in range(parts[part]))

    def latex(self, variable: str, printer: Callable[[Any], str] = latex) -> str:
        return rf"{variable} \vdash {self.n}"

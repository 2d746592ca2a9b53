"""Statements: a claim with the domains of its variables, its source and its near-misses.

A statement is checked when it is built, because a malformed one is never refuted: undeclared or unused
symbols, empty domains, truth values in place of claims and unknown sources are refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from sympy import Expr, MatrixSymbol, Symbol, sympify
from sympy.logic.boolalg import Boolean, BooleanAtom

from theory.arguments import known_name
from theory.claim import Claim
from theory.claims import Refutation
from theory.domains import Domain
from theory.errors import StatementError, UnknownNameError
from theory.points import admissible_points

__all__ = ["Statement", "Status", "TheoremFile", "theorem"]


class Status(Enum):
    """What is known of a statement apart from our own evidence; `sentence` says it in words."""

    THEOREM = "theorem"
    DERIVED = "derived"
    HEURISTIC = "heuristic"
    CONJECTURE = "conjecture"
    REFUTED = "refuted"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Status.THEOREM: "Proved in the cited source.",
    Status.DERIVED: "Derived here from the definitions; not taken from a published source.",
    Status.HEURISTIC: "Argued in the source without proof; evidence says at most that it is not refuted.",
    Status.CONJECTURE: "Conjectured; evidence says at most that it is not refuted.",
    Status.REFUTED: "Published or plausible, and false; the witness is part of the statement.",
}


@dataclass(frozen=True, eq=False)
class Statement:
    """A claim together with everything needed to decide it.

    Parameters
    ----------
    claim : a `theory.claims` object.
    domains : the domain of each free symbol; keys are symbols, tuples of symbols (vectors), matrix symbols.
    derive : function without arguments that returns our own closed form, to be compared with the stated side.
    resolution : positive number; the difference that sampling must be able to tell apart.
    near_misses : expressions (put in the place of the stated side) or whole claims; each must come out false.
    assumptions : sympy relations between the variables.
    points : how many admissible points a check asks for.
    envelope : bound on the finite-size bias, at least 0 and below the resolution.
    missing_witness : the written reason when a second kind of evidence does not exist.
    identifier, prose, topics, sources, needs, status : filled in by the `theorem` decorator.

    Raises
    ------
    StatementError : the statement is malformed.
    UnknownNameError : a source key is not in the bibliography.

    Examples
    --------
    >>> from sympy import cos
    >>> from theory.claims import Identity
    >>> from theory.domains import Interval
    >>> from theory.symbols import x
    >>> s = Statement(Identity(cos(2 * x), 2 * cos(x)**2 - 1), {x: Interval(-1, 1)}, near_misses=[cos(x)**2])
    >>> s.identifier, s.status.value, [p[x] for p in s.admissible_points(3)]
    ('anonymous', 'conjecture', [0, 1, -1])
    """

    claim: Claim
    domains: Mapping[Any, Domain]
    derive: Callable[[], Any] | None = None
    resolution: Any = None
    near_misses: Sequence[Expr | Claim] = ()
    assumptions: Sequence[Any] = ()
    points: int = 8
    envelope: Any = 0
    missing_witness: str = ""
    identifier: str = "anonymous"
    prose: str = ""
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    status: Status | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.claim, Claim):
            self._refuse(f"the claim is an object of theory.claims; received {self.claim!r}")
        for name in ("near_misses", "assumptions", "topics", "sources", "needs"):
            given = getattr(self, name)
            if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
                self._refuse(f"{name} is a list; received {given!r}")
            object.__setattr__(self, name, tuple(given))
        if not isinstance(self.domains, Mapping):
            self._refuse(f"domains maps variables to domains; received {self.domains!r}")
        object.__setattr__(self, "domains", MappingProxyType(dict(self.domains)))
        default = Status.REFUTED if isinstance(self.claim, Refutation) else Status.CONJECTURE
        if self.status is not None and not isinstance(self.status, Status):
            known_name("status", self.status, [member.value for member in Status])
        object.__setattr__(self, "status", default if self.status is None else Status(self.status))
        self._check_domains()
        self._check_symbols()
        self._check_pinned()
        self._check_numbers()
        if not self._free_domains():
            object.__setattr__(self, "points", 1)  # without free variables there is one point and no more
        self.damaged_claims()
        self._check_identity()

    def _refuse(self, reason: str) -> None:
        raise StatementError(f"statement {self.identifier}: {reason}")

    def _check_domains(self) -> None:
        for key, domain in self.domains.items():
            if not isinstance(domain, Domain):
                self._refuse(f"the domain of {key} is a theory.domains object; received {domain!r}")
            if domain.shape is None:
                self._refuse(f"no symbol stands for a member of {domain}; use ForAll({domain}, ...)")
            if _shape(key) != domain.shape:
                self._refuse(f"{key} has shape {_shape(key)}, its domain {domain} has shape {domain.shape}")
            if domain.is_empty():
                self._refuse(f"the domain {domain} of {key} is empty")
        for condition in self.assumptions:
            if isinstance(condition, Expr | BooleanAtom) or not isinstance(condition, Boolean):
                self._refuse(f"an assumption is a sympy relation between symbols; received {condition!r}")

    def _check_symbols(self) -> None:
        declared = {symbol for key in self.domains for symbol in _members(key)}
        needed = set(self.claim.free_symbols).union(*(c.free_symbols for c in self.assumptions))
        needed = needed.union(*(domain.free_symbols for domain in self.domains.values()))
        for symbol in sorted(needed - declared, key=str):
            twin = any(str(other) == str(symbol) for other in declared)
            hint = "a symbol of that name with other assumptions is declared" if twin else "give it a domain"
            self._refuse(f"the symbol {symbol} is undeclared; {hint}")
        used = set(self.claim.free_symbols)
        for _ in self.domains:  # a variable is used, too, if a used variable's domain depends on it
            for key, domain in self.domains.items():
                if used & set(_members(key)):
                    used |= domain.free_symbols
        for key in self.domains:
            if not used & set(_members(key)):
                bound = "the claim binds it itself" if set(_members(key)) & self.claim.bound_symbols else "drop it"
                self._refuse(f"the variable {key} has a domain but the claim does not contain it; {bound}")

    def _free_domains(self) -> dict[Any, Domain]:
        """The domains of the variables whose value the claim does not fix itself."""
        pinned = self.claim.pinned
        return {k: d.instantiate(pinned) for k, d in self.domains.items() if not set(_members(k)) & set(pinned)}

    def _check_pinned(self) -> None:
        pinned = self.claim.pinned
        for key, domain in self.domains.items():
            values = [pinned[symbol] for symbol in _members(key) if symbol in pinned]
            if values and len(values) < len(_members(key)):
                self._refuse(f"the claim fixes some entries of {key} and not the others")
            if values and domain.instantiate(pinned).contains(tuple(values) if domain.shape else values[0]) is False:
                self._refuse(f"the value {values} of {key} is not in its domain {domain}")
        for condition in self.assumptions:
            if condition.subs(pinned) == False:  # noqa: E712 - a sympy truth value
                self._refuse(f"the assumption {condition} fails at {pinned}")

    def _check_numbers(self) -> None:
        for name in ("resolution", "envelope"):
            value = getattr(self, name)
            is_number = isinstance(value, int | float | Expr) and not isinstance(value, bool)
            if not is_number and (name == "envelope" or value is not None):
                self._refuse(f"the {name} is a number; received {value!r}")
            if is_number and not sympify(value).is_extended_real:
                self._refuse(f"the {name} is a real number; received {value!r}")
        if self.resolution is not None and not self.resolution > 0:
            self._refuse(f"the resolution is positive; received {self.resolution}")
        if not self.envelope >= 0 or (self.resolution is not None and not self.envelope < self.resolution):
            self._refuse(f"the envelope is at least 0 and below the resolution; received {self.envelope}")
        if isinstance(self.points, bool) or not isinstance(self.points, int) or self.points < 1:
            self._refuse(f"points is a positive integer; received {self.points!r}")
        if self.derive is not None and not callable(self.derive):
            self._refuse(f"derive is a function without arguments; received {self.derive!r}")

    def _check_identity(self) -> None:
        if not isinstance(self.identifier, str) or not self.identifier.isidentifier():
            self._refuse("the identifier is made of letters, digits and underscores, as in relu_dual")
        if (self.status is Status.REFUTED) is not isinstance(self.claim, Refutation):
            self._refuse("the status is 'refuted' exactly when the claim is a Refutation")
        if self.sources:
            from theory.bibliography import known_keys

            known = known_keys()
            for key in self.sources:
                known_name("source key", key, known)

    def damaged_claims(self) -> tuple[Claim, ...]:
        """The near-misses as claims; each of them must be found false."""
        damaged = []
        for near in self.near_misses:
            claim = near if isinstance(near, Claim) else self.claim.replace_stated(near)
            if claim == self.claim:
                self._refuse(f"the near-miss {near} is the stated claim itself")
            if foreign := claim.free_symbols - {s for key in self.domains for s in _members(key)}:
                self._refuse(f"the near-miss {near} contains undeclared symbols {foreign}")
            damaged.append(claim)
        return tuple(damaged)

    def admissible_points(self, count: int | None = None, seed: int = 0) -> Iterator[dict[Any, Any]]:
        """Exact points that lie in the domains and meet the assumptions; fewer than asked means vacuity."""
        pinned = self.claim.pinned
        count = self.points if count is None else count
        conditions = [condition.subs(pinned) for condition in self.assumptions]
        for point in admissible_points(self._free_domains(), conditions, count, seed):
            yield point | {symbol: value.subs(point) for symbol, value in pinned.items()}

    def latex(self, environment: bool = True, notation: Any = "mean-field") -> str:
        r"""LaTeX: a theorem environment with `\label{thm:<identifier>}` and `\cite`, or the bare display."""
        from theory.latex import statement_latex

        return statement_latex(self, environment=environment, notation=notation)

    def _repr_latex_(self) -> str:
        return self.claim._repr_latex_()


def _members(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _shape(key: Any) -> tuple[Any, ...] | None:
    if isinstance(key, MatrixSymbol):
        return tuple(int(size) if size.is_Integer else size for size in key.shape)
    if isinstance(key, tuple):
        return (len(key),) if len(set(key)) == len(key) and all(isinstance(s, Symbol) for s in key) else None
    return () if isinstance(key, Symbol) else None


class TheoremFile:
    """A registered theorem whose statement is built, once, when asked for."""

    def __init__(self, function: Callable[[], Statement], **literals: Any) -> None:
        self.identifier = function.__name__
        self.prose = inspect.cleandoc(function.__doc__ or "")
        if not self.prose:
            raise StatementError(f"theorem {self.identifier}: the docstring is the statement in words; it is missing")
        for name in ("topics", "sources", "needs"):
            value = literals[name]
            if not isinstance(value, list | tuple) or not all(isinstance(entry, str) for entry in value):
                raise StatementError(f"theorem {self.identifier}: {name} is a list of texts; received {value!r}")
        self.topics, self.sources, self.needs = (tuple(literals[n]) for n in ("topics", "sources", "needs"))
        if literals["status"] not in [status.value for status in Status]:
            raise UnknownNameError("status", str(literals["status"]), [status.value for status in Status])
        self.status = Status(literals["status"])
        self._function = function
        self._statement: Statement | None = None

    def statement(self) -> Statement:
        """The statement with its identity filled in."""
        if self._statement is None:
            built = self._function()
            if not isinstance(built, Statement):
                raise StatementError(f"theorem {self.identifier}: the function returns a Statement; got {built!r}")
            names = ("identifier", "prose", "topics", "sources", "needs", "status")
            self._statement = replace(built, **{name: getattr(self, name) for name in names})
        return self._statement

    __call__ = statement

    def __repr__(self) -> str:
        return f"<theorem {self.identifier} ({self.status.value})>"


def theorem(
    *, topics: Sequence[str], sources: Sequence[str], status: str, needs: Sequence[str] = ()
) -> Callable[[Callable[[], Statement]], TheoremFile]:
    """Register the function below as a theorem file; the arguments are literals, read without importing.

    The name of the function is the identifier and the stem of the file, its docstring the statement in words.

    Parameters
    ----------
    topics, sources, needs : lists of texts: topics, keys of the bibliography, identifiers of other theorems.
    status : one of `theorem`, `derived`, `heuristic`, `conjecture`, `refuted`.
    """

    def register(function: Callable[[], Statement]) -> TheoremFile:
        return TheoremFile(function, topics=topics, sources=sources, status=status, needs=needs)

    return register

"""The variables of a typed claim: symbols, domains and assumptions, read from text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Ge, Gt, Le, Lt, Symbol, oo
from sympy.core.relational import Relational

from theory.claim_files.intervals import UnsatisfiableError, parameter_intervals
from theory.claim_files.relations import cut, parse_span
from theory.domains import Domain, Integers, Interval
from theory.errors import ParseError, StatementError
from theory.grammar import CONSTANTS, FUNCTIONS, LAST_BRANCH
from theory.parsing import parse_expression, parse_parameters
from theory.symbols import rho

__all__ = ["Vocabulary", "read_interval", "read_vocabulary"]

RESERVED = frozenset({*CONSTANTS, *FUNCTIONS, *LAST_BRANCH, "U", "V", "Z", "and", "or", "oo", "phi"})
_INEQUALITIES: dict[str, type[Relational]] = {"<": Lt, "<=": Le, ">": Gt, ">=": Ge}
_FORMS = '"[0, 1]", "(0, 1]", "[0, oo)", "integers [1, 9]", "integers >= 1" or "reals"'
_EMPTY = "no real value meets these inequalities"  # how the parser of parameters puts it


@dataclass(frozen=True)
class Vocabulary:
    """What the names of a claim stand for, and where they range."""

    symbols: Mapping[str, Symbol]
    domains: Mapping[Symbol, Domain]
    assumptions: tuple[Relational, ...]


class _Typed:
    """A domain as text: its kind, its ends, and whether they belong to it."""

    def __init__(self, text: str | Sequence[Any]) -> None:
        if not isinstance(text, str):
            if not isinstance(text, list) or len(text) != 2:
                raise StatementError(f"a domain is typed as {_FORMS}; received {text!r}")
            text = f"[{text[0]}, {text[1]}]"
        self.text = text.strip()
        self.integer = self.text.startswith("integers")
        rest = self.text.removeprefix("integers").strip()
        if rest == "reals":
            rest = "(-oo, oo)"
        if self.integer and rest.startswith(">="):
            rest = f"[{rest[2:]}, oo)"
        ends = _halves(rest[1:-1])
        if len(rest) < 2 or rest[0] not in "[(" or rest[-1] not in "])" or ends is None:
            raise StatementError(f"a domain is typed as {_FORMS}; received {text!r}")
        self.open = (rest[0] == "(", rest[-1] == ")")
        self.ends = ends
        if self.integer and any(o and end not in ("oo", "-oo") for o, end in zip(self.open, ends, strict=True)):
            raise StatementError(f'the ends of a range of integers belong to it, as in "integers [1, 9]"; got {text!r}')

    def domain(self, names: Mapping[str, Symbol]) -> Domain:
        lo, hi = (_end(end, names) for end in self.ends)
        found: Domain = Integers(lo, hi) if self.integer else Interval(lo, hi, self.open[0], self.open[1])
        if found.is_empty():
            raise UnsatisfiableError(f"the domain {self.text} is empty: no value lies in it")
        return found

    def symbol(self, name: str, names: Mapping[str, Symbol]) -> Symbol:
        """A symbol with the sign that numeric ends imply; `rho` is the shared one."""
        if name == "rho":
            return rho
        facts: dict[str, bool] = {"integer": True} if self.integer else {"real": True}
        lo, hi = (_end(end, names) for end in self.ends)
        if lo.is_number and lo >= 0:
            strict = lo > 0 or (self.open[0] and not self.integer)
            facts["positive" if strict else "nonnegative"] = True
        elif hi.is_number and hi <= 0:
            strict = hi < 0 or (self.open[1] and not self.integer)
            facts["negative" if strict else "nonpositive"] = True
        return Symbol(name, **facts)


def read_interval(text: str, names: Mapping[str, Symbol]) -> tuple[Expr, Expr]:
    """The ends of an interval typed as a domain.

    >>> read_interval("[0, oo)", {})
    (0, oo)
    """
    typed = _Typed(text)
    if typed.integer:
        raise StatementError(f"an interval of real numbers is due here; received {text!r}")
    found = typed.domain(names)
    assert isinstance(found, Interval)
    return found.lo, found.hi


def _halves(text: str) -> tuple[str, str] | None:
    """The parts before and after the only comma outside brackets."""
    depth, commas = 0, []
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        commas += [place] * (character == "," and depth == 0)
    if len(commas) != 1:
        return None
    return text[: commas[0]].strip(), text[commas[0] + 1 :].strip()


def _end(text: str, names: Mapping[str, Symbol]) -> Expr:
    if text in ("oo", "+oo", "-oo"):
        return -oo if text[0] == "-" else oo
    return parse_expression(text, names)


def read_vocabulary(parameters: Sequence[str], domains: Mapping[str, Any], assumptions: Sequence[str]) -> Vocabulary:
    """Symbols, domains and assumptions of typed variables.

    Parameters
    ----------
    parameters : texts such as `a: 0 < a < 1`; the domain follows from the inequalities.
    domains : texts such as `[0, 1]`, `(0, oo)`, `integers >= 1`, by the name of the variable.
    assumptions : inequalities such as `a < b` between the variables.

    Raises
    ------
    UnsatisfiableError : a domain is empty, or the inequalities of a parameter contradict each other.
    StatementError, ParseError : a name or a domain is not readable.

    Examples
    --------
    >>> found = read_vocabulary(["a: 0 < a < 1"], {"n": "integers >= 2"}, ["a < n"])
    >>> found.domains[found.symbols["n"]], found.symbols["n"].is_positive, found.assumptions
    (Integers(lo=2, hi=oo), True, (0 < a, a < 1, a < n))
    """
    for name in domains:
        if not name.isidentifier() or "__" in name or name[0] == "_" or name in RESERVED:
            raise StatementError(f"{name!r} cannot name a variable; use letters and digits, not a name that is taken")
    try:
        symbols, conditions = parse_parameters(parameters)
    except ParseError as error:
        if error.reason == _EMPTY:
            raise UnsatisfiableError(f"{error.reason}: {error.text}") from None
        raise
    if twice := sorted(set(symbols) & set(domains)):
        raise StatementError(f"{', '.join(twice)} has a domain and is a parameter as well; keep one of the two")
    found: dict[Symbol, Domain] = dict(parameter_intervals(symbols.values(), conditions))
    typed = {name: _Typed(text) for name, text in domains.items()}
    plain = {**symbols, **{name: rho if name == "rho" else Symbol(name, real=True) for name in typed}}
    names = {**symbols, **{name: text.symbol(name, plain) for name, text in typed.items()}}
    found |= {names[name]: text.domain(names) for name, text in typed.items()}
    known = {**names, "rho": rho}
    return Vocabulary(names, found, (*conditions, *(_assumption(text, known) for text in assumptions)))


def _assumption(text: str, names: Mapping[str, Symbol]) -> Relational:
    """The inequality as typed: evaluated, one that is always or never true would vanish."""
    left, sign, right = cut(text, names, "an assumption", tuple(_INEQUALITIES))
    sides = [parse_span(text, part.start, part.end, names) for part in (left, right)]
    return _INEQUALITIES[sign](*sides, evaluate=False)

"""Linters: what can be wrong with the form of a statement before anything is verified."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sympy import Expr, MatrixSymbol, S, Symbol

from numerics.budget import Budget
from numerics.points import mixed_points
from theory.catalogue import metadata
from theory.claim_files.sources import ClaimSource, claims_at, theorem_functions
from theory.claims import Bound, ForAll, Refutation
from theory.domains import Integers, Interval
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.instances import substitution
from theory.statement import Statement, Status

__all__ = ["LINTERS", "Finding", "lint", "lint_statement", "near_miss_distances"]

_POINTS = 12
_PROVED = ("is proved", "we prove", "proof of", "theorem:")


@dataclass(frozen=True)
class Finding:
    """One slip: where, which rule, and what to do."""

    place: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}: {self.message}"


def smallest_values(statement: Statement) -> Iterator[str]:
    """The value of least size of every variable is among the points of a standard check.

    That is the smallest integer of a range, and zero or the end next to zero of an interval.
    """
    pinned = statement.claim.pinned
    points = mixed_points(statement, max(Budget.named("standard").points, statement.points), 0)
    for key, domain in statement.domains.items():
        if not isinstance(key, Symbol) or key in pinned or not isinstance(domain, Interval | Integers):
            continue
        least = _least(domain)
        if least is None or not domain.contains(least) or not _permitted(statement, key, least):
            continue
        if not any(point.get(key) == least for point in points):
            yield f"{key} = {least}, the smallest value of its domain, is never tried; narrow it or raise points"


def _least(domain: Interval | Integers) -> Expr | None:
    if domain.free_symbols or isinstance(domain, Integers):
        return domain.lo if not domain.lo.free_symbols else None
    return S.Zero if domain.contains(0) else min(domain.lo, domain.hi, key=abs)


def _permitted(statement: Statement, key: Symbol, low: Expr) -> bool:
    """Does the value keep the assumptions that the symbol and the statement make, where that is settled?"""
    facts = key.assumptions0.items()
    if any(getattr(low, f"is_{name}") not in (None, truth) for name, truth in facts):
        return False
    return not any(condition.subs(key, low) == False for condition in statement.assumptions)  # noqa: E712


def satisfiable(statement: Statement) -> Iterator[str]:
    """As many points are admissible as the statement asks for."""
    found = sum(1 for _ in statement.admissible_points())
    if found < statement.points:
        yield f"{found} admissible points of the {statement.points} asked for; the assumptions exclude the others"


def honest_status(statement: Statement) -> Iterator[str]:
    """A theorem has a source; what is not proved does not say it is."""
    if statement.status is Status.THEOREM and not statement.sources and "Source: " not in statement.prose:
        yield "a theorem names the source that proves it; without one the status is derived or conjecture"
    words = statement.prose.lower()
    if statement.status in (Status.CONJECTURE, Status.HEURISTIC):
        for phrase in _PROVED:
            if phrase in words:
                yield f"the status is {statement.status.value}, but the words say {phrase!r}"


def resolution(statement: Statement) -> Iterator[str]:
    """No near-miss is closer to the stated side than three times the resolution."""
    if statement.resolution is None:
        return
    for number, distance in enumerate(near_miss_distances(statement), 1):
        if distance is not None and float(statement.resolution) > distance / 3:
            yield (
                f"near-miss {number} is {distance:.3g} away, less than three resolutions of {statement.resolution}; "
                f"lower the resolution to {distance / 3:.3g}"
            )


def damageable(statement: Statement) -> Iterator[str]:
    """A bound can fail: it has a near-miss, because no operator damages it."""
    claim = statement.claim.first if isinstance(statement.claim, ForAll) else statement.claim
    if isinstance(claim, Bound) and not statement.near_misses:
        yield "a bound has near-misses, because no damaged copy is made of it: what would be too sharp?"


def near_miss_distances(statement: Statement) -> list[float | None]:
    """The distance of each near-miss, the largest over the tested points: there sampling can tell it apart."""
    stated = statement.claim.stated_side
    if stated is None or isinstance(statement.claim, Refutation):
        return []
    points = [_values(point) for point in mixed_points(statement, _POINTS, 0)]
    return [_distance(claim.stated_side, stated, points) for claim in statement.damaged_claims()]


def _values(point: dict[Any, Any]) -> dict[Any, Any]:
    return {s: v for s, v in point.items() if isinstance(s, Symbol)} if not _matrices(point) else point


def _matrices(point: dict[Any, Any]) -> bool:
    return any(isinstance(key, MatrixSymbol) for key in point)


def _distance(wrong: Any, stated: Any, points: Iterable[dict[Any, Any]]) -> float | None:
    if wrong is None:
        return None
    found = []
    for point in points:
        try:
            found.append(float(abs(enclose((wrong - stated).subs(point), 10)).mid()))
        except (TheoryError, ArithmeticError):
            continue
    return max(found, default=None)


LINTERS: tuple[Callable[[Statement], Iterator[str]], ...] = (
    smallest_values,
    satisfiable,
    honest_status,
    resolution,
    damageable,
)


def lint_statement(statement: Statement, place: str = "") -> list[Finding]:
    """The findings on one statement that is built already."""
    name = place or statement.identifier
    return [Finding(name, rule.__name__, message) for rule in LINTERS for message in rule(statement)]


def lint(path: str | Path | None = None) -> list[Finding]:
    """The findings on the claims of a file or folder, or on the catalogue.

    Building a statement checks that sources exist and that variables are declared and used: what it refuses is a
    finding of the rule `built`.

    Raises
    ------
    StatementError
        if there is no such path, or no claim there.
    """
    sources = _catalogue() if path is None else claims_at(path)
    findings: list[Finding] = []
    built: dict[str, Statement] = {}
    for source in sources:
        place = f"{source.file}:{source.line}"
        try:
            built[place] = source.statement()
        except Exception as error:
            findings.append(Finding(place, "built", str(error)))
    for file in dict.fromkeys(source.file for source in sources):
        findings += [Finding(str(file), "one_claim", message) for message in one_claim(file)]
    for place, statement in built.items():
        findings += lint_statement(statement, place)
    return findings + list(instances(built))


def one_claim(file: Path) -> Iterator[str]:
    """A Python file holds one theorem, named as the file."""
    if file.suffix != ".py":
        return
    names = list(theorem_functions(file))
    if len(names) != 1:
        yield f"one claim per file; found {', '.join(names)}"
    elif names[0] != file.stem:
        yield f"the theorem is named as its file, {file.stem}; received {names[0]}"


def instances(built: dict[str, Statement]) -> Iterator[Finding]:
    """No statement is a substitution instance of another one, unless one of the two names the other in `needs`."""
    for place, special in built.items():
        for general in built.values():
            linked = special.identifier in general.needs or general.identifier in special.needs
            if special is general or linked:
                continue
            values = substitution(special, general)
            if values is not None:
                where = ", ".join(f"{s} = {v}" for s, v in values.items()) or "the same claim"
                message = f"a special case of {general.identifier} at {where}; drop it, or name it in needs"
                yield Finding(place, "instance", message)


def _catalogue() -> list[ClaimSource]:
    return [ClaimSource(entry.file, name, entry.line) for name, entry in metadata().items()]

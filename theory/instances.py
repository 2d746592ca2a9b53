"""Is a statement the special case of another one, by a substitution of its parameters?"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sympy import Add, Expr, Max, Min, Mul, Pow, S, Symbol, Tuple

from theory.claim import Claim
from theory.claims import Bound, GaussianIdentity, HaarIdentity, Identity
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.haar.entries import MatrixEntry
from theory.haar.quadratic_forms import RowForm
from theory.statement import Statement

__all__ = ["matches", "substitution"]

Binding = dict[Symbol, Expr]
_COMMUTATIVE = (Add, Mul, Max, Min)
_WIDEST = 6  # arguments of a sum or product whose orders are tried
_TRIED = 200  # bindings of one pair of statements
_POINTS = 4


class _Shape(NamedTuple):
    """What a claim is about, without the side that is stated, and the symbols it binds."""

    kind: tuple[Any, ...]
    about: Expr
    stated: Expr
    bound: frozenset[Symbol]


def substitution(special: Statement, general: Statement) -> Binding | None:
    """Values of the parameters of `general` that turn it into `special`, or None if none is found.

    Both sides have to agree, the stated ones at admissible points, and the values to lie in the domains of `general`.

    Examples
    --------
    >>> from theory.catalogue import lookup
    >>> substitution(lookup("relu_dual"), lookup("step_dual")) is None
    True
    """
    for one in _shapes(special.claim):
        for other in _shapes(general.claim)[:1]:
            if one.kind != other.kind:
                return None
            parameters = frozenset(s for s in general.claim.free_symbols if isinstance(s, Symbol)) - other.bound
            fresh = {s: Symbol(f"{s.name}_", **s.assumptions0) for s in parameters}
            back = {new: old for old, new in fresh.items()}
            pattern = other.about.xreplace(fresh)
            for found in itertools.islice(matches(pattern, one.about, frozenset(back), one.bound), _TRIED):
                values = {old: found.get(new, old) for new, old in back.items()}
                if _agrees(special, general, one.stated, other.stated, values):
                    return values
    return None


@lru_cache(maxsize=1024)  # a catalogue is compared pair by pair
def _shapes(claim: Claim) -> tuple[_Shape, ...]:
    return tuple(_orders(claim))


def _orders(claim: Claim) -> Iterator[_Shape]:
    """The claim with its random variables under names of ours; one shape for every order of them."""
    if isinstance(claim, GaussianIdentity):
        law = claim.law
        names = [Symbol(f"random_{i}", real=True) for i in range(len(law.variables))]
        for order in itertools.permutations(range(len(names))):
            renaming = {law.variables[i]: names[place] for place, i in enumerate(order)}
            cov = [law.cov[i, j] for i in order for j in order]
            about = Tuple(claim.integrand.xreplace(renaming), *cov, *(law.mean[i] for i in order))
            yield _Shape((GaussianIdentity, len(names)), about, claim.stated, frozenset(names))
    elif isinstance(claim, HaarIdentity) and hasattr(claim.group, "kind") and not claim.integrand.has(RowForm):
        entries = claim.integrand.atoms(MatrixEntry)
        kinds = {e: {"complex": True} if e.is_real is None else {"real": True} for e in entries}
        renaming = {e: Symbol(f"entry_{e.row}_{e.column}", **kinds[e]) for e in entries}
        about = Tuple(claim.integrand.xreplace(renaming), S(claim.group.n))
        if entries:
            yield _Shape((HaarIdentity, claim.group.kind), about, claim.stated, frozenset(renaming.values()))
    elif isinstance(claim, Identity | Bound):
        kind = (type(claim), getattr(claim, "strict", None))
        yield _Shape(kind, claim.lhs, claim.rhs, frozenset())


def matches(
    pattern: Expr,
    target: Expr,
    parameters: frozenset[Symbol],
    bound: frozenset[Symbol] = frozenset(),
    found: Binding | None = None,
) -> Iterator[Binding]:
    """Values of the parameters that turn the pattern into the target; they hold no bound symbol.

    Examples
    --------
    >>> from sympy.abc import a, b, x
    >>> next(matches(a*x + b, 3*x, frozenset([a, b]), frozenset([x])))
    {a: 3, b: 0}
    """
    known: Binding = {} if found is None else found
    if pattern in parameters:
        value = known.get(pattern)
        if value is None and not target.free_symbols & bound:
            yield {**known, pattern: target}
        elif value == target:
            yield known
    elif not pattern.free_symbols & parameters:
        if pattern == target:
            yield known
    elif isinstance(pattern, _COMMUTATIVE):
        yield from _unordered(pattern, target, parameters, bound, known)
    elif isinstance(pattern, Pow) and not isinstance(target, Pow):
        yield from _in_order(pattern.args, (target, S.One), parameters, bound, known)
    elif pattern.func is target.func and len(pattern.args) == len(target.args):
        yield from _in_order(pattern.args, target.args, parameters, bound, known)


def _in_order(
    patterns: tuple[Expr, ...],
    targets: tuple[Expr, ...],
    parameters: frozenset[Symbol],
    bound: frozenset[Symbol],
    known: Binding,
) -> Iterator[Binding]:
    if not patterns:
        yield known
        return
    for found in matches(patterns[0], targets[0], parameters, bound, known):
        yield from _in_order(patterns[1:], targets[1:], parameters, bound, found)


def _unordered(
    pattern: Expr, target: Expr, parameters: frozenset[Symbol], bound: frozenset[Symbol], known: Binding
) -> Iterator[Binding]:
    """Arguments without parameters are there; every other one takes one of the rest, a bare parameter what is left."""
    rest = list(target.args) if target.func is pattern.func else [target]
    if isinstance(pattern, Mul) and target == 0:
        for factor in pattern.args:
            yield from matches(factor, S.Zero, parameters, bound, known)
        return
    shapes: list[Expr] = []
    bare: list[Expr] = []
    for part in pattern.args:
        if part in parameters:
            bare.append(part)
        elif part.free_symbols & parameters:
            shapes.append(part)
        elif part in rest:
            rest.remove(part)
        else:
            return
    if len(shapes) > _WIDEST or len(rest) > _WIDEST:
        return
    # A term or factor of the pattern may also vanish into the neutral element.
    neutral = getattr(pattern.func, "identity", None)
    spare = [neutral] * len(shapes) if isinstance(pattern, Add | Mul) else []
    tried: set[tuple[Any, ...]] = set()
    for chosen in itertools.permutations([*enumerate(rest), *((-1, e) for e in spare)], len(shapes)):
        if chosen in tried:
            continue
        tried.add(chosen)
        left = [e for i, e in enumerate(rest) if (i, e) not in chosen]
        if left and not bare:
            continue
        for found in _in_order(tuple(shapes), tuple(e for _, e in chosen), parameters, bound, known):
            if not bare:
                yield found
                continue
            shares = [pattern.func(*left), *[neutral] * (len(bare) - 1)]
            if neutral is not None or len(bare) == 1:
                yield from _in_order(tuple(bare), tuple(shares), parameters, bound, found)


def _agrees(special: Statement, general: Statement, one: Expr, other: Expr, values: Mapping[Symbol, Expr]) -> bool:
    """Do the stated sides meet, and do the values lie in the domains, at admissible points of the special case?"""
    seen = False
    for point in special.admissible_points(_POINTS):
        numbers = {s: value.subs(point) for s, value in values.items()}
        for key, domain in general.domains.items():
            if key in numbers and domain.instantiate(numbers).contains(numbers[key]) is not True:
                return False
        try:
            if not enclose(one.subs(point), 20).overlaps(enclose(other.subs(numbers, simultaneous=True), 20)):
                return False
        except TheoryError:
            continue
        seen = True
    return seen

"""Mutation: fixed operators that damage the stated side of a claim.

A check that does not refute the damaged copies proves nothing.  The operators look at the expression alone; a copy
that is proved to say the same as the original is dropped, a near-miss never.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flint import arb
from sympy import Add, Expr, Function, Integer, Mul, Number, Pow, Rational, pi

from numerics.inequality_copies import Mutant, sharpened_copies, true_copies
from numerics.region import Region
from numerics.sides import at_point, quick_ball
from theory.claim import Claim
from theory.claims import Bound, Existence, FixedPoint, Flow, ForAll, Refutation
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.gaussian.expectation import GaussianExpectation
from theory.statement import Statement

__all__ = ["Mutant", "copies_and_proofs", "damaged_copies", "mutants"]

_LIMIT = 12


def damaged_copies(statement: Statement, region: Region) -> tuple[Mutant, ...]:
    """The mutants of a statement without those that are proved to say the same; a near-miss is never left out."""
    return copies_and_proofs(statement, region)[0]


def copies_and_proofs(statement: Statement, region: Region) -> tuple[tuple[Mutant, ...], dict[str, str]]:
    """The damaged copies, and of every mutant that is proved to say the same as the claim how that is proved.

    Among those are near-misses, which stay: one that says the same is a mistake of its author.
    """
    kept, proofs = [], {}
    for mutant in mutants(statement):
        proof = _equivalence(statement.claim, mutant.claim, region)
        if proof is not None:
            proofs[mutant.name] = proof
        if proof is None or mutant.name.startswith("near-miss"):
            kept.append(mutant)
    return tuple(kept), proofs


def _equivalence(claim: Claim, damaged: Claim, region: Region) -> str | None:
    """How two claims are proved to be the same, if they are: by their stated sides, all else being equal."""
    stated, other = claim.stated_side, damaged.stated_side
    if stated is None or other is None or claim.replace_stated(other) != damaged:
        return None
    if stated.has(GaussianExpectation):
        return None
    difference = other - stated
    try:
        # A point at which they are apart saves the proof; the later points are the less simple ones.
        if any(not _ball(difference, p).contains(0) for p in region.points[:-5:-1]):
            return None
        return region.proves_zero(difference)
    except (TheoryError, ArithmeticError, TypeError):
        return None


def _ball(difference: Expr, point: dict[Any, Any]) -> arb:
    ball = quick_ball(difference, point, 15)
    return enclose(at_point(difference, point), 15) if ball is None else ball


def mutants(statement: Statement) -> tuple[Mutant, ...]:
    """The near-misses of a statement, and its claim under every operator that applies.

    A looser bound is true, and a sharper one may be: a bound is sharpened by more than its margin at a simple point.
    The copy of a refutation wraps a true claim, which no witness may call refuted.
    """
    found = [Mutant(f"near-miss {i}", c) for i, c in enumerate(statement.damaged_claims(), 1)]
    claim = statement.claim
    if isinstance(claim, Refutation):
        return (*found, *true_copies(statement))
    instance = claim.first if isinstance(claim, ForAll) else claim
    instance = instance.formula if isinstance(instance, Existence) else instance
    shift = _inward(statement, _shift(statement))
    if isinstance(instance, Bound):
        found += sharpened_copies(statement)
    elif isinstance(claim, ForAll):
        found.append(Mutant(f"shifted by {shift}", claim.map(lambda c: _shifted(c, shift))))
        found.append(Mutant("scaled by 3/2", claim.map(_scaled)))
    elif isinstance(claim, Flow):
        found += _flows(claim)
    elif isinstance(claim, Existence):
        found.append(Mutant(f"shifted by {shift}", replace(claim, formula=_shifted(claim.formula, shift))))
    elif (stated := claim.stated_side) is not None:
        copies = ((name, e) for name, e in _damaged(stated, shift) if e != stated and _defined(statement, e))
        found += [Mutant(name, claim.replace_stated(e)) for name, e in copies]
    return tuple(m for m in found if m.claim != claim)


def _flows(claim: Flow) -> Iterator[Mutant]:
    """Damaged solutions; only where the initial values are given is every other function wrong."""
    solution = dict(claim.solution)
    if {state for state, _ in claim.initial} != set(solution):
        return
    for state, expr in solution.items():
        for name, damaged in _damaged(expr, Rational(1, 100)):
            if damaged != expr:
                yield Mutant(f"{name} in {state}", replace(claim, solution={**solution, state: damaged}))


def _shift(statement: Statement) -> Expr:
    """At least three resolutions, so that sampling can see it."""
    resolution = statement.resolution
    return Rational(1, 100) if resolution is None else 3 * Rational(str(resolution)) + Rational(1, 1000)


def _inward(statement: Statement, shift: Expr) -> Expr:
    """The shift, or its opposite where the map of a fixed point has no value at the shifted place."""
    claim = statement.claim
    return shift if not isinstance(claim, FixedPoint) or _defined(statement, claim.value + shift) else -shift


def _defined(statement: Statement, value: Expr) -> bool:
    """Does the map of a fixed point have a value there?  Where it has none, nothing is refuted."""
    claim = statement.claim
    if not isinstance(claim, FixedPoint):
        return True
    try:
        image = claim.map.subs(claim.variable, value)
        return all(enclose(at_point(image, point), 15).is_finite() for point in statement.admissible_points(1))
    except TheoryError:
        return False


def _shifted(claim: Claim, shift: Expr) -> Claim:
    stated = claim.stated_side
    return claim if stated is None else claim.replace_stated(stated + shift)


def _scaled(claim: Claim) -> Claim:
    stated = claim.stated_side
    return claim if stated is None else claim.replace_stated(stated * Rational(3, 2) + Rational(1, 7))


def _damaged(e: Expr, shift: Expr) -> Iterator[tuple[str, Expr]]:
    yield f"shifted by {shift}", e + shift
    if e != 0:
        yield "sign", -e
    terms = Add.make_args(e)
    if len(terms) > 1:
        for i, term in enumerate(terms[:_LIMIT]):
            yield f"term {i + 1} dropped", e - term
            yield f"term {i + 1} negated", e - 2 * term
    yield from _inside(e)


def _inside(e: Expr) -> Iterator[tuple[str, Expr]]:
    """One numeric constant, exponent or function argument changed at a time."""
    count = 0
    for node in sorted(e.atoms(Pow), key=lambda p: p.sort_key()):
        if node.exp.is_Rational and node.base.free_symbols and count < _LIMIT:
            count += 1
            yield f"exponent of {node.base}", e.xreplace({node: Pow(node.base, node.exp + 1)})
    for node in sorted(e.atoms(Function), key=lambda f: f.sort_key())[:_LIMIT]:
        if node.free_symbols and len(node.args) == 1:
            yield f"argument of {node.func.__name__}", e.xreplace({node: node.func(node.args[0] / 2)})
    for node in sorted(e.atoms(Mul), key=lambda m: m.sort_key())[:_LIMIT]:
        coeff, rest = node.as_coeff_Mul()
        if coeff not in (1, -1) and isinstance(coeff, Number) and rest.free_symbols:
            yield f"coefficient {coeff}", e.xreplace({node: (coeff + Integer(1) / 5) * rest})
    if e.has(pi):
        yield "pi by 3", e.xreplace({pi: Integer(3)})

"""Adversarial search for the worst margin of a bound over the domains of a statement.

A step from one admissible point towards another stays in a convex domain and is looked at again in the others; every
point is exact, every margin a rigorous ball, and a violation is therefore a proof.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from flint import arb
from sympy import Expr, ImmutableMatrix, Integer, Rational, nan, oo, zoo
from sympy.matrices import MatrixBase

from numerics.bound_means import integrates_pairs, with_closed_means
from numerics.float_scan import scanned_points
from numerics.inner_roots import turning_values
from numerics.near_equality import Expansion, flattest, leading_term
from numerics.sides import number_at, quick_ball, real_ball
from theory.activations import Activation
from theory.claims import ForAll
from theory.domains import Activations, Domain, Integers, Interval, Partition
from theory.errors import TheoryError
from theory.points import is_admissible
from theory.statement import Statement

__all__ = ["Found", "Place", "Search", "Trial"]

_DIGITS = 12
_FINE_DIGITS = 22
_EXACT = 1e-20  # a ball around zero of this radius counts as equality
_APPROACH = tuple(Rational(1, 10**k) for k in (1, 3, 8, 16, 32))
_DENOMINATORS = (1, 2, 3, 4, 5, 8, 10, 16, 20, 50, *(10**k for k in range(2, 19)))
_NEARBY = tuple(Rational(1, 4**k) for k in (1, 2, 3, 5, 8))
_CLOSE = 1e-6
_FAR = Integer(10) ** 8
_MEMBER = "member"
_MEMBERS = 12
_COST = 10  # of a place with an activation, against one with numbers
_LARGEST = 40  # operations in a mixed activation
_SCAN = 60  # points in floating point for every one that is enclosed


class Place(NamedTuple):
    """A member of the family (None without one) and values of the symbols."""

    member: Any
    point: dict[Any, Any]

    def names(self) -> dict[str, str]:
        """The place in words."""
        named = {str(s): str(v) for s, v in self.point.items()}
        return named if self.member is None else {_MEMBER: str(self.member), **named}


class Trial(NamedTuple):
    """A place with the balls of both sides there and the margin `right - left`, relative to the larger side."""

    place: Place
    left: arb
    right: arb
    margin: arb
    relative: float

    @property
    def violated(self) -> bool:
        """Is the bound certified false there?"""
        return bool(self.margin < 0)

    @property
    def equal(self) -> bool:
        """Do the two sides meet to 20 digits?"""
        return bool(self.margin.contains(0)) and bool(self.margin.rad() <= _EXACT)


@dataclass
class Found:
    """What a search saw: the worst trial, how many, those left open, and the expansions near equality."""

    worst: Trial | None = None
    trials: int = 0
    open: list[tuple[Place, str]] = field(default_factory=list)
    equalities: int = 0
    expansions: list[tuple[Place, Expansion]] = field(default_factory=list)

    @property
    def violated(self) -> bool:
        return self.worst is not None and self.worst.violated


class Search:
    """Search of a bound over the domains of its statement.

    Parameters
    ----------
    claim : a `Bound`, or a `ForAll` over one.
    statement : gives the domains and the assumptions.
    effort : number of places at which both sides are enclosed.
    seed : of the random moves.
    """

    def __init__(self, claim: Any, statement: Statement, effort: int, seed: int) -> None:
        self.stated, claim = claim, with_closed_means(claim)
        # Every activation or mean that is met is integrated anew: a short search stays with the members it is given.
        costly = (isinstance(claim, ForAll) and isinstance(claim.domain, Activations)) or integrates_pairs(claim)
        self.claim, self.statement, self.seed = claim, statement, seed
        self.effort = effort // _COST if costly else effort
        self.moves = not costly or self.effort > _MEMBERS
        self.generator = random.Random(f"search/{seed}")
        self.found = Found()
        self.pool = list(itertools.islice(self._places(seed), max(_MEMBERS, self.effort // 4)))
        self._known: dict[Any, Trial | None] = {}

    def run(self) -> Found:
        """Simple points and corners, the way towards degenerate points, descent, and expansion near equality."""
        trials = [self._trial(place) for place in self.pool]
        seen = [t for t in [*trials, *map(self._trial, self._aimed())] if t is not None]
        blind = [place for place, t in zip(self.pool, trials, strict=True) if t is None]
        # A violation at a simple place needs no search for a larger one.
        if seen and self.moves and not self.found.violated:
            self._approach(blind, seen)
            self._expand(seen)
            ranked = sorted(self._decided(), key=lambda t: t.relative)
            # Next to equality every margin is small; the other starts are those that are not, and the least gap.
            starts = [*ranked[:2], *[t for t in ranked[2:] if t.relative > _CLOSE][:2]]
            starts += [t for t in sorted(ranked, key=lambda t: float(t.margin.mid()))[:1] if t not in starts]
            for start in starts:
                self._descend(start, share=len(starts))
        if self.found.violated:
            self._shorten()
        if self.found.violated and self.claim is not self.stated:
            self._confirm()
        return self.found

    def _confirm(self) -> None:
        """What a derived mean violates counts only if the definition does."""
        assert self.found.worst is not None
        place, self.claim = self.found.worst.place, self.stated
        self.found.worst = self._measured(place)
        if not self.found.violated:
            self.found.open.append((place, "violated by the derived means, and not by their definition"))

    def _decided(self) -> list[Trial]:
        return [t for t in self._known.values() if t is not None and not t.equal]

    def _places(self, seed: int) -> Iterator[Place]:
        """Admissible places, simplest first; members of a family and points of the symbols take turns."""
        claim = self.claim
        points = list(self.statement.admissible_points(max(12, self.effort // 4), seed))
        if not isinstance(claim, ForAll):
            yield from (Place(None, p) for p in points)
            return
        for turn, member in enumerate(claim.domain.samples(random.Random(seed))):
            for step in range(min(len(points), 2)):
                yield Place(member, points[(2 * turn + step) % len(points)])

    def _aimed(self) -> list[Place]:
        """Where the margin is least in floating point, and where a part of it turns; a family shows two members."""
        members = list({str(place.member): place for place in self.pool}.values())[:2]
        turning, scanned = [], []
        for place in members:
            bound = self.claim.at(place.member) if isinstance(self.claim, ForAll) else self.claim
            left, right = bound.sides()[:2]
            domains, conditions = self.statement.domains, self.statement.assumptions
            found = scanned_points(left, right, domains, conditions, _SCAN * self.effort, self.seed)
            scanned += [Place(place.member, point) for point in found]
            for key in (key for key, domain in domains.items() if isinstance(domain, Interval)):
                values = turning_values(right - left, key)
                turning += [Place(place.member, place.point | {key: value}) for value in values]
        places = [*scanned, *self.generator.sample(turning, len(turning))]
        return [place for place in places if self._admissible(place)][: self.effort // 4]

    def _trial(self, place: Place) -> Trial | None:
        """Both sides at a place; None where a side has no finite value or no enclosure."""
        key = _key(place)
        if key not in self._known:
            self._known[key] = found = self._measured(place)
            worst = self.found.worst
            if found is not None:
                self.found.trials += 1
                self.found.equalities += found.equal
                if not found.equal and (worst is None or found.relative < worst.relative):
                    self.found.worst = found
        return self._known[key]

    def _measured(self, place: Place) -> Trial | None:
        try:
            bound = self.claim.at(place.member) if isinstance(self.claim, ForAll) else self.claim
            left, right = bound.sides()[:2]
            quick = [quick_ball(side, place.point, _DIGITS) for side in (left, right)]
            first, second = (ball if ball is not None else arb("nan") for ball in quick)
            margin = second - first
            if not margin.is_finite() or margin.contains(0):
                left, right = (number_at(side, place.point) for side in (left, right))
                if any(side.has(oo, -oo, zoo, nan) for side in (left, right)):
                    return None
                first, second = real_ball(left, _DIGITS), real_ball(right, _DIGITS)
                margin = second - first
            if margin.contains(0):
                margin = real_ball(right - left, _FINE_DIGITS)
        except (TheoryError, ZeroDivisionError, ValueError) as error:
            self.found.open.append((place, str(error)))
            return None
        scale = max(abs(float(first.mid())), abs(float(second.mid())), 1e-300)
        return Trial(place, first, second, margin, float(margin.mid()) / scale)

    def _left(self) -> int:
        return self.effort - len(self._known)

    def _approach(self, blind: list[Place], seen: list[Trial]) -> None:
        """Towards places without a finite value, and towards corners, from inside."""
        inside = [t.place for t in seen if not t.equal]
        corners = [t.place for t in sorted(seen, key=lambda t: t.relative)[:3]]
        for corner in [*blind[:6], *corners, *itertools.islice(self._open_ends(inside), 8)]:
            for near in _APPROACH:
                if inside and self._left() > 0:
                    self._step(corner, self.generator.choice(inside[:8]), near)

    def _open_ends(self, inside: list[Place]) -> Iterator[Place]:
        """Ends of intervals that do not belong to them; those at infinity stand far out."""
        for key, domain in self.statement.domains.items():
            if not isinstance(domain, Interval):
                continue
            for place in inside[:2]:
                own: Any = domain.instantiate(place.point)
                for end, is_open, out in ((own.lo, own.left_open, -1), (own.hi, own.right_open, 1)):
                    if is_open:
                        far = end if end.is_finite else out * _FAR
                        yield Place(place.member, place.point | {key: far})

    def _step(self, start: Place, target: Place, share: Expr) -> Trial | None:
        """The trial at `start + share (target - start)`, if that is admissible."""
        place = self._between(start, target, share)
        return None if place is None else self._trial(place)

    def _between(self, start: Place, target: Place, share: Expr) -> Place | None:
        member = start.member
        try:
            if isinstance(self.claim, ForAll):
                member = _mixed(self.claim.domain, start.member, target.member, share)
            point = {s: _mixed(self._domain(s), v, target.point[s], share) for s, v in start.point.items()}
        except (TypeError, ValueError, KeyError):
            return None
        place = Place(member, point)
        return place if self._admissible(place) else None

    def _domain(self, symbol: Any) -> Domain | None:
        return next((d for k, d in self.statement.domains.items() if k == symbol), None)

    def _admissible(self, place: Place) -> bool:
        if not is_admissible(self.statement.domains, self.statement.assumptions, place.point):
            return False
        return not isinstance(self.claim, ForAll) or self.claim.domain.contains(place.member) is not False

    def _descend(self, start: Trial, share: int) -> None:
        """Random moves to and from other places, shorter after every few failures."""
        current, step, failures = start, Rational(1, 2), 0
        limit = max(0, self._left() // max(share, 1))
        for _ in range(4 * limit):
            if step < Rational(1, 2**14) or limit <= 0:
                return
            before = len(self._known)
            other = self.generator.choice(self.pool)
            trials = (self._step(current.place, other, sign * step) for sign in (1, -1))
            better = next((t for t in trials if t and not t.equal and t.relative < current.relative), None)
            limit -= len(self._known) - before
            if better is None:
                failures += 1
                step, failures = (step / 2, 0) if failures == 4 else (step, failures)
            else:
                tidy = self._tidied(better)
                current, step, failures = tidy, min(2 * step, Integer(1)), 0

    def _tidied(self, trial: Trial) -> Trial:
        """The same place with short numbers, if it is as good."""
        for place in self._rounded(trial.place, 10**6):
            found = self._trial(place)
            if found is not None and not found.equal and found.relative <= trial.relative * (1 - 1e-3):
                return found
        return trial

    def _shorten(self) -> None:
        """A violation with the shortest numbers that keep a tenth of it, fit for checking by hand."""
        worst = self.found.worst
        assert worst is not None
        for denominator in _DENOMINATORS:
            for place in self._rounded(worst.place, denominator):
                found = self._trial(place)
                if found is not None and found.violated and found.relative <= worst.relative / 10:
                    self.found.worst = found
                    return

    def _rounded(self, place: Place, denominator: int) -> Iterator[Place]:
        """The place with all numbers rounded to a denominator, if that is admissible."""
        member, point = place.member, dict(place.point)
        try:
            if isinstance(self.claim, ForAll):
                member = _round(member, denominator)
            for key in self.statement.domains:
                if isinstance(key, tuple):
                    rounded = _round(tuple(point[s] for s in key), denominator)
                    point |= dict(zip(key, rounded, strict=True))
                else:
                    point[key] = _round(point[key], denominator)
        except TypeError:
            return
        candidate = Place(member, point)
        if self._admissible(candidate):
            yield candidate

    def _expand(self, seen: list[Trial]) -> None:
        """Leading term of the margin along directions out of each place of equality, and along the flattest one."""
        corners = [t for t in seen if t.equal][:2]
        for corner in corners:
            targets = [p for p in self.pool if p is not corner.place][:5]
            terms = [(target, self._term(corner.place, target)) for target in targets]
            known = [(target, term) for target, term in terms if term is not None]
            self.found.expansions += [(corner.place, term) for _, term in known]
            flat = flattest(partial(self._margin, corner.place), targets[:3], self._blend)
            for target in flat:
                for near in _NEARBY:
                    for sign in (1, -1):
                        self._step(corner.place, target, sign * near)

    def _term(self, corner: Place, target: Place) -> Expansion | None:
        return leading_term([(near, self._margin(corner, target, near)) for near in _NEARBY])

    def _margin(self, corner: Place, target: Place, share: Expr) -> float | None:
        trial = self._step(corner, target, share)
        return None if trial is None else float(trial.margin.mid())

    def _blend(self, places: list[Place], weights: list[Expr]) -> Place | None:
        """Weighted mean of places, admissible or not: a direction."""
        first, total = places[0], weights[0]
        for place, weight in zip(places[1:], weights[1:], strict=True):
            total += weight
            if total == 0:
                return None
            try:
                member = first.member
                if isinstance(self.claim, ForAll):
                    member = _mixed(self.claim.domain, first.member, place.member, weight / total)
                point = {s: _mixed(self._domain(s), v, place.point[s], weight / total) for s, v in first.point.items()}
            except (TypeError, ValueError, KeyError):
                return None
            first = Place(member, point)
        return first


def _key(place: Place) -> Any:
    return str(place.member), tuple(sorted((str(s), str(v)) for s, v in place.point.items()))


def _mixed(domain: Domain | None, start: Any, target: Any, share: Expr) -> Any:
    """`start + share (target - start)`, entry by entry; TypeError for members that cannot be mixed."""
    if isinstance(domain, Partition):
        raise TypeError("partitions have no mixtures")
    if isinstance(domain, Activations):
        if domain.names is not None:
            raise TypeError("a list of named activations has no other members")
        return _mixed_activations(start, target, share)
    if isinstance(domain, Integers):
        return Integer(round(start + share * (target - start)))
    if isinstance(start, tuple):
        size = max(len(start), len(target))
        pairs = zip(_padded(start, size), _padded(target, size), strict=True)
        return tuple(a + share * (b - a) for a, b in pairs)
    if isinstance(start, MatrixBase):
        return ImmutableMatrix(start + share * (target - start))
    return start + share * (target - start)


def _mixed_activations(start: Activation, target: Activation, share: Expr) -> Activation:
    """The activation on the straight line between two; towards itself, its argument shrinks, so that it stays in L2."""
    if start.parameters or target.parameters:
        raise TypeError("an activation with parameters is a family of its own")
    own, other = start.expr, target.expr.subs(target.variable, start.variable)
    shrunk = own.subs(start.variable, start.variable / (1 + abs(share)))
    mixed = shrunk if own == other else own + share * (other - own)
    if mixed.count_ops() > _LARGEST:
        raise TypeError("a mixture of mixtures becomes too large to integrate")
    return Activation(mixed, start.variable)


def _padded(entries: tuple[Expr, ...], size: int) -> tuple[Expr, ...]:
    return (*entries, *(Integer(0),) * (size - len(entries)))


def _round(value: Any, denominator: int) -> Any:
    """The value with entries of this denominator; the last entry of a vector keeps the sum."""
    if isinstance(value, tuple):
        entries = [_round(v, denominator) for v in value[:-1]]
        return (*entries, sum(value) - sum(entries)) if value else value
    if isinstance(value, MatrixBase):
        return ImmutableMatrix(value.applyfunc(lambda e: _round(e, denominator)))
    if not isinstance(value, Expr) or not value.is_number:
        raise TypeError("only numbers are rounded")
    return value if value.is_Integer else Rational(round(value * denominator), denominator)

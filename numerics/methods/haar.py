"""Method `haar`: the claimed expectation against Haar-distributed matrices, judged by confidence sequences.

The matrices are drawn at a few numeric dimensions, the smallest admissible one first, exactly in law.  There is no
finite-size error, so the envelope of a claim is normally zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, MatrixBase, S, Symbol

from numerics.budget import Budget
from numerics.haar_integrands import HaarIntegrand
from numerics.method import Judgement
from numerics.points import separating_points
from numerics.samples import Allowance, Sample
from numerics.sides import at_point
from numerics.statistics import Accumulator, ConfidenceSequence, Outcome, advice, decide, needed
from numerics.streams import stream
from numerics.traces import sequence_trace
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import Bound, HaarIdentity, Identity, Refutation
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.statement import Statement

__all__ = ["METHOD"]

_CHUNK_NUMBERS = 400_000
_LARGEST_SIZE = 24
_POINTS_SEEN = 64
_PILOT = 64
_ALPHA = 1e-9
# The target is fixed before any draw: an interval tuned to the count it is read at would not be valid at all counts.
_TARGET = 200_000.0


class _Reading(NamedTuple):
    """A claim about the mean of `integrand`: equal to `other` (0), at most (-1) or at least (1)."""

    integrand: Expr
    group: Any
    other: Expr
    relation: int


class _Case(NamedTuple):
    """A point and what is drawn there."""

    point: dict[Any, Any]
    sample: Sample


class _Gathered(NamedTuple):
    cases: list[_Case]
    integrand: Expr
    resolution: float
    envelope: float
    allowance: Allowance


class _Haar:
    name = "haar"
    grade = Grade.STATISTICAL
    independent_of = "Weingarten calculus: random matrices are drawn and averaged"

    def accepts(self, statement: Statement) -> bool:
        return statement.resolution is not None and _reading(statement.claim) is not None

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        reading = _reading(statement.claim)
        assert reading is not None
        resolution, envelope = float(statement.resolution), float(statement.envelope)
        points = _points(statement, reading, budget.statistical_points, seed)
        # The level is that of the statement: every point has its share.
        sequence = ConfidenceSequence(alpha=_ALPHA / max(1, len(points)), target=_TARGET)
        cases = []
        for point in points:
            source = HaarIntegrand(reading.integrand, reading.group, point)
            label = f"{statement.identifier}|{sorted(f'{s}={v}' for s, v in point.items())}"
            cases.append(_Case(point, _sample(source, sequence, needed(resolution, envelope), label, seed)))
        allowance = Allowance([case.sample for case in cases], budget.normals)
        allowance.fill()
        return _Gathered(cases, reading.integrand, resolution, envelope, allowance)

    def more(self, gathered: _Gathered, claim: Claim | None, copies: Sequence[Claim]) -> bool:
        needs = []
        for case in gathered.cases if claim is not None else ():
            stated, relation = _stated(claim, case)
            if stated is not None and _outcome(case.sample, stated, relation, gathered)[0] is Outcome.UNDECIDED:
                sample = case.sample
                numbers = sample.numbers_to_refute(stated, 0.0, 0.0) if relation else sample.numbers_to_narrow()
                needs.append([(sample, numbers)])
        for copy in copies:
            ways = []
            for case in gathered.cases:
                stated, relation = _stated(copy, case)
                if stated is not None:
                    tolerances = (0.0, 0.0) if relation else (gathered.resolution, gathered.envelope)
                    ways.append((case.sample, case.sample.numbers_to_refute(stated, *tolerances)))
            needs.append(ways)
        return gathered.allowance.reach(needs)

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        reading = _reading(claim)
        if reading is None or reading.integrand != gathered.integrand:
            return Judgement(Verdict.UNDECIDED, "the matrices were drawn for the mean of another quantity")
        if not gathered.cases:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        refuting, undecided = isinstance(claim, Refutation), 0
        shown, seen, valueless = Judgement(Verdict.UNDECIDED, ""), gathered.cases[0], None
        for case in gathered.cases:
            try:
                claimed = float(enclose(at_point(reading.other, case.point), 17).mid())
            except TheoryError as error:  # the claim may still be refuted at another point
                valueless = Judgement(Verdict.UNDECIDED, str(error))
                continue
            interval, draws = case.sample.interval, case.sample.draws
            outcome, text = _outcome(case.sample, claimed, reading.relation, gathered)
            if refuting:
                outcome = _OPPOSITE[outcome]
            name = {str(s): str(v) for s, v in case.point.items()} | {"draws": str(draws.count)}
            measured = f"{interval.centre:.8g} +- {interval.half_width:.2g}"
            found = Judgement(Verdict[outcome.name], text, name, measured, f"{claimed:.10g}", len(gathered.cases))
            if outcome is Outcome.FAILS:
                return found
            if outcome is Outcome.UNDECIDED:
                undecided += 1
                shown, seen = found, case
            elif not undecided:
                shown, seen = found, case
        if valueless is not None:
            return valueless
        trace = sequence_trace(seen.sample.path, seen.sample.sequence, float(shown.stated), gathered.resolution)
        return replace(shown, trace=trace)


_OPPOSITE = {
    Outcome.HOLDS: Outcome.FAILS,
    Outcome.FAILS: Outcome.HOLDS,
    Outcome.UNDECIDED: Outcome.UNDECIDED,
}


def _reading(claim: Claim) -> _Reading | None:
    """The claim as one about a mean over a Haar matrix, if it is.

    Expressions that stand for such a mean carry their integrand and group in `haar_mean`.
    """
    instance = claim.instance if isinstance(claim, Refutation) else claim
    if isinstance(instance, HaarIdentity):
        return _Reading(instance.integrand, instance.group, instance.stated, 0)
    if not isinstance(instance, Identity | Bound):
        return None
    left, right = instance.sides()[:2]
    relation = -1 if isinstance(instance, Bound) else 0
    for mean, other, sign in ((left, right, 1), (right, left, -1)):
        if hasattr(mean, "haar_mean") and not hasattr(other, "haar_mean"):
            integrand, group = mean.haar_mean
            return _Reading(integrand, group, other, sign * relation)
    return None


def _points(statement: Statement, reading: _Reading, count: int, seed: int) -> list[dict[Any, Any]]:
    """The smallest dimension first, then the next ones; generic values of everything else.

    Points at which the integrand is constant and as claimed refute nothing, and are taken only if there are no others.
    """
    whole = getattr(reading.group, "group", reading.group)
    sizes = [S(size) for size in (whole.n, *reading.group.matrix.shape)]

    def dimension(point: dict[Any, Any]) -> int:
        return int(max(size.subs({s: v for s, v in point.items() if isinstance(s, Symbol)}) for size in sizes))

    symbols = S(whole.n).free_symbols

    def special(point: dict[Any, Any]) -> int:
        # Zeros, units and equal values of the other variables are where formulas agree by accident.
        others = [str(value) for s, value in point.items() if s not in symbols]
        matrices = [value for value in point.values() if isinstance(value, MatrixBase)]
        flat = sum(len(set(matrix)) < 3 for matrix in matrices)  # the identity, the matrix of ones, mixtures of both
        return flat + sum(value in ("-1", "0", "1") for value in others) + len(others) - len(set(others))

    admissible = list(statement.admissible_points(_POINTS_SEEN * count, seed))
    largest = max(_LARGEST_SIZE, min(map(dimension, admissible), default=0))
    points = sorted((p for p in admissible if dimension(p) <= largest), key=lambda p: (special(p), dimension(p)))
    resolution = float(statement.resolution)
    telling: dict[int, bool] = {}

    def tells(place: int) -> bool:
        if place not in telling:
            telling[place] = not _trivial(reading, points[place], seed, resolution)
        return telling[place]

    chosen: list[int] = []
    for allowed in (1, count):  # different dimensions before several points at one
        for place, point in enumerate(points):
            same = sum(dimension(points[p]) == dimension(point) for p in chosen)
            if len(chosen) < count and place not in chosen and same < allowed and tells(place):
                chosen.append(place)
    order = [*chosen, *(place for place in range(len(points)) if place not in chosen)]
    place_of = {id(points[place]): place for place in order}
    wrong = [found.other for found in map(_reading, statement.damaged_claims()) if found is not None]
    gaps = [other - reading.other for other in wrong]
    candidates = [points[place] for place in order]
    found = separating_points(candidates, gaps, 3 * resolution, count, lambda point: tells(place_of[id(point)]))
    return found or points[:count]


def _trivial(reading: _Reading, point: dict[Any, Any], seed: int, resolution: float) -> bool:
    """Does a pilot of its own show one value only, and that one as claimed?"""
    source = HaarIntegrand(reading.integrand, reading.group, point)
    pilot = Accumulator.of(source.draw(stream("pilot", source.n, 0, seed), _PILOT))
    if not pilot.degenerate:
        return False
    try:
        claimed = float(enclose(at_point(reading.other, point), 17).mid())
    except TheoryError:
        return False
    return abs(pilot.mean - claimed) <= resolution


def _sample(source: HaarIntegrand, sequence: ConfidenceSequence, half_width: float, label: str, seed: int) -> Sample:
    count = max(64, _CHUNK_NUMBERS // source.cost)

    def chunk(number: int) -> NDArray[np.float64]:
        return source.draw(stream(label, source.n, number, seed), count)

    return Sample(chunk, count * source.cost, sequence, half_width, constant=True)


def _stated(claim: Claim | None, case: _Case) -> tuple[float | None, int]:
    """What a claim states at a point, if it has a value there, and its relation to the mean."""
    reading = None if claim is None else _reading(claim)
    if reading is None:
        return None, 0
    try:
        return float(enclose(at_point(reading.other, case.point), 17).mid()), reading.relation
    except TheoryError:
        return None, reading.relation


def _outcome(sample: Sample, claimed: float, relation: int, gathered: _Gathered) -> tuple[Outcome, str]:
    """Rule of decision; a mean whose normal approximation is not settled confirms nothing."""
    resolution, envelope, interval = gathered.resolution, gathered.envelope, sample.interval
    heavy = not interval.settled and not sample.draws.degenerate
    if relation == 0:
        outcome = decide(interval, claimed, resolution, envelope)
        text = advice(interval, claimed, resolution, envelope)
    else:
        low, high = sorted((relation * (interval.lower - claimed), relation * (interval.upper - claimed)))
        outcome = Outcome.HOLDS if low >= 0 else Outcome.FAILS if high < 0 and not heavy else Outcome.UNDECIDED
        outcome = Outcome.UNDECIDED if interval.dominated else outcome
        text = f"{interval.centre:.6g} +- {interval.half_width:.2g}, bound {claimed:.6g}"
    if outcome is Outcome.HOLDS and heavy:
        return Outcome.UNDECIDED, f"{text}; heavy-tailed draws: use a logarithm, a median or a bounded statistic"
    return outcome, text


METHOD = _Haar()

"""Method `wide_network`: the claimed value against simulated wide networks, judged by confidence sequences.

The networks are drawn exactly in law at their finite width.  Layer one of a network has the claimed expectation at
every width; deeper layers tend to their limit, with a bias that the claim's envelope must cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.gaussian_sources import IntegrandSource, NetworkSource, source_of
from numerics.method import Judgement
from numerics.points import generic_points, separated, separating_points
from numerics.rates import bias_rate, fluctuation_slope
from numerics.samples import Allowance, Sample
from numerics.sides import NotRealError, quick_ball, real_ball
from numerics.statistics import Accumulator, ConfidenceSequence, Outcome, advice, decide
from numerics.traces import Trace, sequence_trace
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import GaussianIdentity, WidthLimit
from theory.enclosure import enclose
from theory.errors import DomainError, TheoryError
from theory.observables import GramEntry
from theory.statement import Statement

__all__ = ["METHOD"]

_WIDTH = 4096
_SMALL_WIDTHS = (16, 64, 256)
_DIGITS = 17
# Candidates per point that is wanted; more of them where the first do not separate the near-misses.
_REACHES = (3, 12)
_ALPHA = 1e-9
# The target is fixed before any draw: an interval tuned to the count it is read at would not be valid at all counts.
_TARGET = 2000.0


class _Case(NamedTuple):
    """A point, a width, and what is drawn there."""

    point: dict[Symbol, Expr]
    width: int
    sample: Sample


class _Gathered(NamedTuple):
    cases: list[_Case]
    resolution: float
    envelope: Expr
    width: Symbol | None
    allowance: Allowance


class _WideNetwork:
    name = "wide_network"
    grade = Grade.STATISTICAL
    independent_of = "integration: random networks are drawn and averaged"

    def accepts(self, statement: Statement) -> bool:
        if statement.resolution is None:
            return False
        claim = statement.claim
        if isinstance(claim, WidthLimit):
            return isinstance(claim.observable, GramEntry)
        return isinstance(claim, GaussianIdentity)

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        claim: Any = statement.claim
        resolution, envelope = float(statement.resolution), float(statement.envelope)
        wide = isinstance(claim, WidthLimit)
        widths = (*_SMALL_WIDTHS, _WIDTH) if wide else (_WIDTH,)
        chosen = _telling_points(statement, budget.statistical_points, seed)
        sequence = _sequence(len(chosen) * len(widths))
        cases = []
        for width in widths:
            bound = float(claim.envelope.subs(claim.width, width)) if wide else envelope
            half = ((resolution if bound < resolution else 2 * bound) - bound) / 2
            for values in chosen:
                source = source_of(claim, values, width, statement.identifier)
                share = budget.normals // (len(chosen) * len(widths))
                cases.append(
                    _Case(values, width, _sample(source.aimed(sequence, half, share, seed), sequence, half, seed))
                )
        allowance = Allowance([case.sample for case in cases], budget.normals)
        allowance.fill()
        symbol = claim.width if wide else None
        return _Gathered(cases, resolution, claim.envelope if wide else envelope, symbol, allowance)

    def more(self, gathered: _Gathered, claim: Claim | None, copies: Sequence[Claim]) -> bool:
        needs = []
        if claim is not None:
            for case in gathered.cases:
                stated = _stated(claim, case)
                if stated is not None and _outcome(case, stated, gathered) is Outcome.UNDECIDED:
                    needs.append([(case.sample, case.sample.numbers_to_narrow())])
        for copy in copies:
            ways = []
            for case in gathered.cases:
                if (stated := _stated(copy, case)) is not None:
                    bound, resolution = _tolerances(gathered, case)
                    ways.append((case.sample, case.sample.numbers_to_refute(stated, resolution, bound)))
            needs.append(ways)
        return gathered.allowance.reach(needs)

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if not gathered.cases:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        assert claim.stated_side is not None
        undecided = lines = 0
        shown, valueless = Judgement(Verdict.UNDECIDED, ""), None
        for case in gathered.cases:
            name = {**{str(s): str(v) for s, v in case.point.items()}, "width": str(case.width)}
            try:
                stated = _value(claim.stated_side, case.point)
            except NotRealError as error:
                return Judgement(Verdict.FAILS, str(error), name, f"{case.sample.draws.mean:.8g}", "not real")
            except TheoryError as error:  # the claim may still be refuted at another point
                valueless = Judgement(Verdict.UNDECIDED, str(error), name)
                continue
            bound, resolution = _tolerances(gathered, case)
            interval = case.sample.interval
            outcome = decide(interval, stated, resolution, bound)
            measured = f"{interval.centre:.8g} +- {interval.half_width:.2g}"
            text = advice(interval, stated, resolution, bound)
            if outcome is Outcome.FAILS:
                return Judgement(Verdict.FAILS, text, name, measured, f"{stated:.10g}", len(gathered.cases))
            if outcome is Outcome.UNDECIDED:
                undecided += 1
                shown = Judgement(Verdict.UNDECIDED, text, name, measured, f"{stated:.10g}")
            elif not undecided:
                shown = Judgement(Verdict.HOLDS, text, name, measured, f"{stated:.10g}")
            lines += 1
        if valueless is not None:
            return valueless
        detail = f"{undecided} of {lines} undecided; {shown.detail}" if undecided else shown.detail
        verdict = Verdict.UNDECIDED if undecided else Verdict.HOLDS
        if isinstance(claim, WidthLimit):
            contradicted, rates = _rates(claim, gathered.cases)
            detail = f"{detail}; {rates}"
            verdict = Verdict.FAILS if contradicted else verdict
        trace = _trace(claim, gathered, shown)
        return Judgement(verdict, detail, shown.point, shown.measured, shown.stated, lines, trace=trace)


def _trace(claim: Any, gathered: _Gathered, shown: Judgement) -> Trace | None:
    """Intervals against width at the first point of a limit, otherwise the confidence sequence of the case shown."""
    first = gathered.cases[0]
    if gathered.width is not None:
        stated = _value(claim.stated_side, first.point)
        ladder = [case for case in gathered.cases if case.point == first.point]
        found = [(case.width, case.sample.interval) for case in ladder]
        return Trace.of("width", [(n, i.lower, i.upper, stated) for n, i in found], gathered.resolution)
    names = {s: v for s, v in shown.point.items() if s != "width"}
    for case in gathered.cases:
        if {str(s): str(v) for s, v in case.point.items()} == names:
            return sequence_trace(case.sample.path, case.sample.sequence, float(shown.stated), gathered.resolution)
    return None


def _rates(claim: WidthLimit, cases: list[_Case]) -> tuple[bool, str]:
    """Are the claimed rates contradicted?  The bias is read on the small widths, the fluctuation on the large ones.

    A rate is only refuted by an interval that is settled, which takes some ten thousand networks per width.
    """
    ladder = [case for case in cases if case.point == cases[0].point]
    large = [case for case in ladder if case.width >= _SMALL_WIDTHS[-1]]
    slope = fluctuation_slope(
        [case.width for case in large], [case.sample.draws for case in large], large[0].sample.sequence.alpha
    )
    words = f"sd ~ n^{slope.centre:.2f} +- {slope.half_width:.2f}"
    contradicted = False
    if claim.fluctuation_rate is not None and slope.settled and not slope.dominated:
        rate = -float(claim.fluctuation_rate)
        contradicted = not slope.lower <= rate <= slope.upper
    small = [case for case in ladder if case.width in _SMALL_WIDTHS]
    limit = float(enclose(claim.limit.subs(small[0].point), 17).mid())
    biases = [case.sample.interval - limit for case in small]
    bias = bias_rate([case.width for case in small], biases)
    words += f", bias: {bias.status}"
    if bias.exponent is not None and claim.bias_rate is not None:
        words += f" n^-{bias.exponent.centre:.2f}"
        contradicted |= bias.exponent.settled and bias.exponent.upper < float(claim.bias_rate)
    return contradicted, words


def _sequence(cases: int) -> ConfidenceSequence:
    """The level is that of the statement: every case has its share, and so has the slope of the fluctuation."""
    return ConfidenceSequence(alpha=_ALPHA / (cases + 1), target=_TARGET)


def _telling_points(statement: Statement, count: int, seed: int) -> list[dict[Symbol, Expr]]:
    """Generic points at which a pilot run varies without a draw that makes the mean, and the near-misses are far."""
    assert statement.resolution is not None
    stated, distance = statement.claim.stated_side, 3 * float(statement.resolution)
    others = [side for copy in statement.damaged_claims() if (side := copy.stated_side) is not None]
    gaps = [] if stated is None else [side - stated for side in others]
    sequence, known = _sequence(count), {}

    def usable(point: dict[Symbol, Expr]) -> bool:
        source = source_of(statement.claim, point, _WIDTH, statement.identifier)
        try:
            pilot = Accumulator.of(source.draw(0, source.chunk, seed))
        except DomainError:
            return False
        # Equal draws say nothing about their own spread, and refute nothing.
        return not pilot.degenerate and not sequence.interval(pilot).dominated

    def first_usable(point: dict[Symbol, Expr]) -> bool:
        key = tuple(point.items())
        if key not in known:
            known[key] = usable(point)
        return known[key]

    for reach in _REACHES:
        points = generic_points(statement, reach * count, seed)
        candidates = [{s: v for s, v in point.items() if isinstance(s, Symbol)} for point in points]
        chosen = separating_points(candidates, gaps, distance, count, first_usable)
        if separated(chosen, gaps, distance):
            break
    return chosen or candidates[:count]


def _tolerances(gathered: _Gathered, case: _Case) -> tuple[float, float]:
    """Envelope and resolution at the width of the case; small widths are read at twice their envelope."""
    if gathered.width is None:
        return float(gathered.envelope), gathered.resolution
    bound = float(gathered.envelope.subs(gathered.width, case.width))
    return bound, gathered.resolution if bound < gathered.resolution else 2 * bound


def _value(side: Expr, point: dict[Symbol, Expr]) -> float:
    """A side at a point; TheoryError where it has no real value."""
    ball = quick_ball(side, point, _DIGITS)
    return float((real_ball(side.subs(point), _DIGITS) if ball is None else ball).mid())


def _stated(claim: Claim, case: _Case) -> float | None:
    """The stated value at a case, if it has one."""
    assert claim.stated_side is not None
    try:
        return _value(claim.stated_side, case.point)
    except TheoryError:
        return None


def _outcome(case: _Case, stated: float, gathered: _Gathered) -> Outcome:
    bound, resolution = _tolerances(gathered, case)
    return decide(case.sample.interval, stated, resolution, bound)


def _sample(
    source: NetworkSource | IntegrandSource, sequence: ConfidenceSequence, half_width: float, seed: int
) -> Sample:
    def chunk(number: int) -> NDArray[np.float64]:
        return source.draw(number * source.chunk, source.chunk, seed)

    return Sample(chunk, source.chunk * source.width * source.normals, sequence, half_width)


METHOD = _WideNetwork()

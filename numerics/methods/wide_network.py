"""Method `wide_network`: the claimed value against simulated wide networks, judged by confidence sequences.

The networks are drawn exactly in law at their finite width.  Layer one of a network has the claimed expectation at
every width; deeper layers tend to their limit, with a bias that the claim's envelope must cover.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.gaussian_sources import IntegrandSource, NetworkSource, source_of
from numerics.method import Judgement
from numerics.points import generic_points
from numerics.rates import bias_rate, fluctuation_slope
from numerics.sides import NotRealError, real_ball
from numerics.statistics import Accumulator, ConfidenceSequence, Outcome, advice, decide
from numerics.traces import Path, Trace, sequence_trace
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import GaussianIdentity, WidthLimit
from theory.enclosure import enclose
from theory.errors import DomainError, TheoryError, UnsupportedError
from theory.observables import GramEntry
from theory.statement import Statement

__all__ = ["METHOD"]

_WIDTH = 4096
_SMALL_WIDTHS = (16, 64, 256)
# The target is fixed before any draw: an interval tuned to the count it is read at would not be valid at all counts.
_SEQUENCE = ConfidenceSequence(alpha=1e-9, target=2000.0)


class _Case(NamedTuple):
    """A point, a width, and everything drawn there."""

    point: dict[Symbol, Expr]
    width: int
    draws: Accumulator
    path: tuple[Accumulator, ...] = ()


class _Gathered(NamedTuple):
    cases: list[_Case]
    resolution: float
    envelope: Expr
    width: Symbol | None


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
        cases = []
        for values in chosen:
            for width in widths:
                bound = float(claim.envelope.subs(claim.width, width)) if wide else envelope
                source = source_of(claim, values, width, statement.identifier)
                share = budget.normals // (len(chosen) * len(widths))
                half = (resolution if bound < resolution else 2 * bound) - bound
                cases.append(_Case(values, width, *_draw(source, half / 2, share, seed)))
        symbol = claim.width if wide else None
        return _Gathered(cases, resolution, claim.envelope if wide else envelope, symbol)

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if not gathered.cases:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        assert claim.stated_side is not None
        undecided = lines = 0
        shown, valueless = Judgement(Verdict.UNDECIDED, ""), None
        for case in gathered.cases:
            name = {**{str(s): str(v) for s, v in case.point.items()}, "width": str(case.width)}
            try:
                stated = float(real_ball(claim.stated_side.subs(case.point), 17).mid())
            except NotRealError as error:
                return Judgement(Verdict.FAILS, str(error), name, f"{case.draws.mean:.8g}", "not real")
            except TheoryError as error:  # the claim may still be refuted at another point
                valueless = Judgement(Verdict.UNDECIDED, str(error), name)
                continue
            bound, resolution = _tolerances(gathered, case)
            interval = _SEQUENCE.interval(case.draws)
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
        stated = float(real_ball(claim.stated_side.subs(first.point), 17).mid())
        ladder = [case for case in gathered.cases if case.point == first.point]
        found = [(case.width, _SEQUENCE.interval(case.draws)) for case in ladder]
        return Trace.of("width", [(n, i.lower, i.upper, stated) for n, i in found], gathered.resolution)
    names = {s: v for s, v in shown.point.items() if s != "width"}
    for case in gathered.cases:
        if case.path and {str(s): str(v) for s, v in case.point.items()} == names:
            return sequence_trace(case.path, _SEQUENCE, float(shown.stated), gathered.resolution)
    return None


def _rates(claim: WidthLimit, cases: list[_Case]) -> tuple[bool, str]:
    """Are the claimed rates contradicted?  The bias is read on the small widths, the fluctuation on the large ones.

    A rate is only refuted by an interval that is settled, which takes some ten thousand networks per width.
    """
    ladder = [case for case in cases if case.point == cases[0].point]
    large = [case for case in ladder if case.width >= _SMALL_WIDTHS[-1]]
    slope = fluctuation_slope([case.width for case in large], [case.draws for case in large])
    words = f"sd ~ n^{slope.centre:.2f} +- {slope.half_width:.2f}"
    contradicted = False
    if claim.fluctuation_rate is not None and slope.settled and not slope.dominated:
        rate = -float(claim.fluctuation_rate)
        contradicted = not slope.lower <= rate <= slope.upper
    small = [case for case in ladder if case.width in _SMALL_WIDTHS]
    limit = float(enclose(claim.limit.subs(small[0].point), 17).mid())
    biases = [_SEQUENCE.interval(case.draws) - limit for case in small]
    bias = bias_rate([case.width for case in small], biases)
    words += f", bias: {bias.status}"
    if bias.exponent is not None and claim.bias_rate is not None:
        words += f" n^-{bias.exponent.centre:.2f}"
        contradicted |= bias.exponent.settled and bias.exponent.upper < float(claim.bias_rate)
    return contradicted, words


def _telling_points(statement: Statement, count: int, seed: int) -> list[dict[Symbol, Expr]]:
    """Generic points, those first at which a pilot run has no draw that makes the mean."""
    points = generic_points(statement, 3 * count, seed)
    candidates = [{s: v for s, v in point.items() if isinstance(s, Symbol)} for point in points]
    chosen: list[dict[Symbol, Expr]] = []
    for point in candidates:
        if len(chosen) == count:
            break
        source = source_of(statement.claim, point, _WIDTH, statement.identifier)
        try:
            pilot = Accumulator.of(source.draw(0, source.chunk, seed))
        except DomainError:
            continue
        if not _SEQUENCE.interval(pilot).dominated:
            chosen.append(point)
    return chosen or candidates[:count]


def _tolerances(gathered: _Gathered, case: _Case) -> tuple[float, float]:
    """Envelope and resolution at the width of the case; small widths are read at twice their envelope."""
    if gathered.width is None:
        return float(gathered.envelope), gathered.resolution
    bound = float(gathered.envelope.subs(gathered.width, case.width))
    return bound, gathered.resolution if bound < gathered.resolution else 2 * bound


def _draw(
    source: NetworkSource | IntegrandSource, half_width: float, normals: int, seed: int
) -> tuple[Accumulator, tuple[Accumulator, ...]]:
    """Chunks until the interval is narrow enough or so many normals are drawn."""
    total, first, path = Accumulator(), 0, Path()
    source = source.aimed(_SEQUENCE, half_width, normals, seed)
    while True:
        try:
            draws = source.draw(first, source.chunk, seed)
            path.extend(total, draws)
            total = total.add(draws)
        except DomainError as error:
            raise UnsupportedError(f"sampling says nothing here: {error}") from error
        first += source.chunk
        interval = _SEQUENCE.interval(total)
        narrow = interval.half_width <= half_width and interval.settled
        spent = first * source.width * source.normals >= normals
        if narrow or spent or not math.isfinite(total.mean):
            return total, (*path.summaries, total)


METHOD = _WideNetwork()

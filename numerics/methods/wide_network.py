"""Method `wide_network`: the claimed value against simulated wide networks, judged by confidence sequences.

The networks are drawn exactly in law at their finite width.  Layer one of a network has the claimed expectation at
every width; deeper layers tend to their limit, with a bias that the claim's envelope must cover.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from sympy import Expr, Mul, Symbol, sqrt

from numerics.budget import Budget
from numerics.codegen import compile as compile_expression
from numerics.method import Judgement
from numerics.points import generic_points
from numerics.rates import bias_rate, fluctuation_slope
from numerics.sides import NotRealError, real_ball
from numerics.simulation import gram_samples
from numerics.statistics import Accumulator, ConfidenceSequence, Outcome, advice, decide
from numerics.streams import stream
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
_CHUNK_DRAWS = 1_000_000
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
                source = _source(claim, values, width, statement.identifier)
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
        shown = Judgement(Verdict.UNDECIDED, "")
        for case in gathered.cases:
            name = {**{str(s): str(v) for s, v in case.point.items()}, "width": str(case.width)}
            try:
                stated = float(real_ball(claim.stated_side.subs(case.point), 17).mid())
            except NotRealError as error:
                return Judgement(Verdict.FAILS, str(error), name, f"{case.draws.mean:.8g}", "not real")
            except TheoryError as error:
                return Judgement(Verdict.UNDECIDED, str(error))
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
        source = _source(statement.claim, point, _WIDTH, statement.identifier)
        try:
            pilot = Accumulator.of(source.draw(0, _chunk(source), seed))
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


class _NetworkSource:
    """Replicas of a Gram entry, one network each."""

    def __init__(self, entry: GramEntry, point: dict[Symbol, Expr], width: int, identifier: str) -> None:
        rho, q = float(_value(entry.rho, point)), float(_value(entry.q, point))
        self.gram = np.array([[q, q * rho], [q * rho, q]])
        self.phi, self.x = entry.phi.subs(point), entry.variable
        self.variances = float(_value(entry.C_W, point)), float(_value(entry.C_b, point))
        self.depth, self.width, self.identifier = entry.depth, width, identifier
        self.normals = 2 * entry.depth

    def draw(self, first: int, count: int, seed: int) -> np.ndarray:
        samples = gram_samples(
            self.phi, self.x, self.gram, self.width, self.depth, count, seed, self.identifier, *self.variances,
            first=first,
        )  # fmt: skip
        return samples[:, -1, 0, 1]


class _IntegrandSource:
    """Replicas of the mean of an integrand over the neurons of one layer, any Gaussian law."""

    def __init__(self, claim: GaussianIdentity, point: dict[Symbol, Expr], width: int, identifier: str) -> None:
        law = claim.law.subs(point)
        cov = np.array(law.cov.evalf(20), dtype=float)
        values, vectors = np.linalg.eigh(cov)
        self.factor = vectors * np.sqrt(np.clip(values, 0.0, None))
        self.mean = np.array([float(m) for m in law.mean])
        self.function = compile_expression(claim.integrand.subs(point), list(law.variables), target="numpy")
        self.width, self.identifier = width, identifier
        self.normals = len(self.mean)

    def draw(self, first: int, count: int, seed: int) -> np.ndarray:
        means = np.empty(count)
        for replica in range(count):
            generator = stream(self.identifier, self.width, first + replica, seed)
            z = generator.standard_normal((len(self.mean), self.width))
            means[replica] = self.function(*(self.factor @ z + self.mean[:, None])).mean()
        return means


def _value(value: Any, point: dict[Symbol, Expr]) -> Any:
    return value.subs(point) if isinstance(value, Expr) else value


def _source(claim: Any, point: dict[Symbol, Expr], width: int, statement: str) -> Any:
    identifier = f"{statement}|{sorted(map(str, point.items()))}"
    if isinstance(claim, WidthLimit):
        return _NetworkSource(claim.observable, point, width, identifier)
    entry = _as_network(claim)
    # Each value of a parameter would be a kernel of its own to compile.
    if entry is not None and not (entry.phi.free_symbols - {entry.variable}):
        return _NetworkSource(entry, point, width, identifier)
    return _IntegrandSource(claim, point, width, identifier)


def _as_network(claim: GaussianIdentity) -> GramEntry | None:
    """The claim as the first layer of a network, if it reads E[phi(U) phi(V)] with equal variances."""
    law = claim.law
    if len(law.variables) != 2 or any(law.mean) or law.cov[0, 0] != law.cov[1, 1]:
        return None
    u, v = law.variables
    left = Mul(*(f for f in Mul.make_args(claim.integrand) if not f.has_free(v)))
    right = Mul(*(f for f in Mul.make_args(claim.integrand) if not f.has_free(u)))
    if left * right != claim.integrand or left.subs(u, v) != right:
        return None
    q = law.cov[0, 0]
    return GramEntry(left, u, law.cov[0, 1] / sqrt(q) ** 2, q=q)


def _chunk(source: Any) -> int:
    return max(8, _CHUNK_DRAWS // int(source.width))


def _draw(source: Any, half_width: float, normals: int, seed: int) -> tuple[Accumulator, tuple[Accumulator, ...]]:
    """Chunks until the interval is narrow enough or so many normals are drawn."""
    total, first, path = Accumulator(), 0, Path()
    chunk = _chunk(source)
    while True:
        try:
            draws = source.draw(first, chunk, seed)
            path.extend(total, draws)
            total = total.add(draws)
        except DomainError as error:
            raise UnsupportedError(f"sampling says nothing here: {error}") from error
        first += chunk
        interval = _SEQUENCE.interval(total)
        narrow = interval.half_width <= half_width and interval.settled
        spent = first * source.width * source.normals >= normals
        if narrow or spent or not math.isfinite(total.mean):
            return total, (*path.summaries, total)


METHOD = _WideNetwork()

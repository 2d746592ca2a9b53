"""Method `spectrum`: eigenvalues of drawn Gaussian matrices against the stated distribution function.

Per matrix the share of eigenvalues below a point is one bounded draw; its mean has a bias of order 1/size, which the
envelope of the statement must cover.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.codegen import compile as compile_expression
from numerics.method import Judgement
from numerics.points import generic_points
from numerics.statistics import Accumulator, ConfidenceSequence, Outcome, advice, decide
from numerics.streams import stream
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import Distribution
from theory.enclosure import enclose
from theory.errors import UnsupportedError
from theory.laws import ContinuousLaw, GaussianSpectrum
from theory.statement import Statement

__all__ = ["METHOD"]

_SIZE = {"quick": 64, "standard": 128, "deep": 512}
_MATRICES = 300
_QUANTILES = 12
_ALPHA = 1e-9
# The points of the axis depend on the stated law, so every one has its own share of the level.
_SEQUENCE = ConfidenceSequence(alpha=_ALPHA / _QUANTILES, target=float(_MATRICES))


class _Case(NamedTuple):
    """A point and the sorted eigenvalues of every matrix, one per row."""

    point: dict[Symbol, Expr]
    eigenvalues: NDArray[np.float64]


class _Gathered(NamedTuple):
    cases: list[_Case]
    resolution: float
    envelope: float


class _Spectrum:
    name = "spectrum"
    grade = Grade.STATISTICAL
    independent_of = "free probability: random matrices are drawn and diagonalised"

    def accepts(self, statement: Statement) -> bool:
        claim: Any = statement.claim
        known = isinstance(claim, Distribution) and isinstance(claim.sample, GaussianSpectrum)
        return known and isinstance(claim.law, ContinuousLaw) and statement.resolution is not None

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        claim: Any = statement.claim
        cases = []
        for point in generic_points(statement, budget.statistical_points if statement.domains else 1, seed):
            values = {s: v for s, v in point.items() if isinstance(s, Symbol)}
            sample = claim.sample.subs(values)
            generator = stream(f"{statement.identifier}|{sample}", _SIZE[budget.name], 0, seed)
            rows = [_eigenvalues(sample, _SIZE[budget.name], generator) for _ in range(_MATRICES)]
            cases.append(_Case(values, np.array(rows)))
        return _Gathered(cases, float(statement.resolution), float(statement.envelope))

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if not gathered.cases:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        if not isinstance(claim, Distribution) or not isinstance(claim.law, ContinuousLaw):
            raise UnsupportedError("eigenvalues are compared with a ContinuousLaw")
        undecided = None
        shown = Judgement(Verdict.UNDECIDED, "")
        worst = -1.0
        for case in gathered.cases:
            name = {str(s): str(v) for s, v in case.point.items()} | {"size": str(case.eigenvalues.shape[1])}
            for place, stated in _shares(claim.law.subs(case.point)):
                draws = Accumulator.of((case.eigenvalues <= place).mean(axis=1))
                interval = _SEQUENCE.interval(draws)
                outcome = decide(interval, stated, gathered.resolution, gathered.envelope)
                text = f"share below {place:.6g}: {advice(interval, stated, gathered.resolution, gathered.envelope)}"
                measured = f"{interval.centre:.8g} +- {interval.half_width:.2g}"
                found = Judgement(Verdict[outcome.name], text, name, measured, f"{stated:.10g}", len(gathered.cases))
                if outcome is Outcome.FAILS:
                    return found
                if outcome is Outcome.UNDECIDED:
                    undecided = found
                if abs(interval.centre - stated) > worst:
                    worst, shown = abs(interval.centre - stated), found
        return undecided or shown


def _eigenvalues(sample: GaussianSpectrum, size: int, generator: np.random.Generator) -> NDArray[np.float64]:
    if sample.ratio is None:
        matrix = generator.standard_normal((size, size))
        return np.asarray(np.linalg.eigvalsh((matrix + matrix.T) / np.sqrt(2 * size)), dtype=np.float64)
    columns = max(1, round(float(sample.ratio) * size))
    matrix = generator.standard_normal((size, columns))
    return np.asarray(np.linalg.eigvalsh(matrix.T @ matrix / size), dtype=np.float64)


def _shares(law: ContinuousLaw) -> list[tuple[float, float]]:
    """Points inside the support, evenly spaced, and the stated share below each."""
    low, high = (float(enclose(end, 17).mid()) for end in (law.lower, law.upper))
    places = low + (high - low) * np.arange(1, _QUANTILES) / _QUANTILES
    shares = np.asarray(compile_expression(law.cdf, [law.variable], target="numpy")(places), dtype=float)
    return [(float(x), float(f)) for x, f in zip(places, shares, strict=True)]


METHOD = _Spectrum()

"""Method `empirical`: draws of a function of Gaussian variables against the stated distribution function."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from numerics.budget import Budget
from numerics.codegen import compile as compile_expression
from numerics.goodness_of_fit import goodness_of_fit
from numerics.method import Judgement
from numerics.points import generic_points
from numerics.statistics import Outcome, needed
from numerics.streams import stream
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import Distribution
from theory.enclosure import enclose
from theory.errors import UnsupportedError
from theory.laws import ContinuousLaw, GaussianFunction
from theory.statement import Statement

__all__ = ["METHOD"]

_ALPHA = 1e-9
_LARGEST = 4_000_000


class _Case(NamedTuple):
    point: dict[Symbol, Expr]
    draws: NDArray[np.float64]


class _Gathered(NamedTuple):
    cases: list[_Case]
    resolution: float
    envelope: float


class _Empirical:
    name = "empirical"
    grade = Grade.STATISTICAL
    independent_of = "every formula of the law: the variable is drawn"

    def accepts(self, statement: Statement) -> bool:
        claim: Any = statement.claim
        known = isinstance(claim, Distribution) and isinstance(claim.sample, GaussianFunction)
        return known and isinstance(claim.law, ContinuousLaw) and statement.resolution is not None

    def gather(self, statement: Statement, budget: Budget, seed: int) -> _Gathered:
        claim: Any = statement.claim
        resolution, envelope = float(statement.resolution), float(statement.envelope)
        count = _draws(needed(resolution, envelope), budget)
        cases = []
        for point in generic_points(statement, budget.statistical_points if statement.domains else 1, seed):
            values = {s: v for s, v in point.items() if isinstance(s, Symbol)}
            sample = claim.sample.subs(values)
            generator = stream(f"{statement.identifier}|{sorted(map(str, values.items()))}", count, 0, seed)
            cases.append(_Case(values, _drawn(sample, count, generator)))
        return _Gathered(cases, resolution, envelope)

    def judge(self, claim: Claim, gathered: _Gathered) -> Judgement:
        if not gathered.cases:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        if not isinstance(claim, Distribution) or not isinstance(claim.law, ContinuousLaw):
            raise UnsupportedError("draws are compared with a ContinuousLaw")
        undecided, shown = None, Judgement(Verdict.UNDECIDED, "")
        for case in gathered.cases:
            law = claim.law.subs(case.point)
            fit = goodness_of_fit(
                case.draws,
                _distribution(law),
                gathered.resolution,
                alpha=_ALPHA,
                envelope=gathered.envelope,
                anytime=False,  # the number of draws was fixed before any
            )
            name = {str(s): str(v) for s, v in case.point.items()} | {"draws": str(fit.count)}
            text = f"largest distance {fit.distance:.2g} at {fit.place:.6g}, band {fit.band:.2g}"
            shown = Judgement(Verdict[fit.outcome.name], text, name, f"{fit.distance:.3g}", "0", len(gathered.cases))
            if fit.outcome is Outcome.FAILS:
                return shown
            if fit.outcome is Outcome.UNDECIDED:
                undecided = shown
        return undecided or shown


def _draws(half_width: float, budget: Budget) -> int:
    """So many that the band is at most half_width, within the budget."""
    wanted = math.ceil(math.log(2 / _ALPHA) / (2 * half_width**2))
    return min(wanted, _LARGEST, budget.normals)


def _drawn(sample: GaussianFunction, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    law = sample.law
    values, vectors = np.linalg.eigh(np.array(law.cov.evalf(20), dtype=float))
    factor = vectors * np.sqrt(np.clip(values, 0.0, None))
    mean = np.array([float(m) for m in law.mean])
    z = generator.standard_normal((len(mean), count))
    function = compile_expression(sample.expr, list(law.variables), target="numpy")
    return np.sort(np.asarray(function(*(factor @ z + mean[:, None])), dtype=float))


def _distribution(law: ContinuousLaw) -> Any:
    """The stated distribution function of an array, constant outside the support."""
    function = compile_expression(law.cdf, [law.variable], target="numpy")
    low, high = (float(enclose(e, 17).mid()) if e.is_finite else float(e) for e in (law.lower, law.upper))

    def values(x: NDArray[np.float64]) -> NDArray[np.float64]:
        inside = np.asarray(function(np.clip(x, low, high)), dtype=float)
        return np.where(x <= low, 0.0, np.where(x >= high, 1.0, inside))

    return values


METHOD = _Empirical()

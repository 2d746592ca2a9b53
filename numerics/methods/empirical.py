"""Method `empirical`: draws of a function of Gaussian variables against the stated distribution function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.budget import Budget
from numerics.codegen import compile as compile_expression
from numerics.drawn_laws import DrawnCase, DrawnLaw, Gathered
from numerics.goodness_of_fit import goodness_of_fit
from numerics.method import Judgement
from numerics.statistics import needed
from numerics.verdict import Verdict
from theory.enclosure import enclose
from theory.laws import ContinuousLaw, GaussianFunction

__all__ = ["METHOD"]

_ALPHA = 1e-9
_LARGEST = 4_000_000


class _Empirical(DrawnLaw):
    name = "empirical"
    independent_of = "every formula of the law: the variable is drawn"
    kind = GaussianFunction

    def size(self, resolution: float, envelope: float, budget: Budget) -> int:
        """So many that the band is narrow enough, within the budget."""
        wanted = math.ceil(math.log(2 * budget.statistical_points / _ALPHA) / (2 * needed(resolution, envelope) ** 2))
        return min(wanted, _LARGEST, budget.normals)

    def drawn(self, sample: Any, size: int, generator: np.random.Generator) -> NDArray[np.float64]:
        law = sample.law
        values, vectors = np.linalg.eigh(np.array(law.cov.evalf(20), dtype=float))
        factor = vectors * np.sqrt(np.clip(values, 0.0, None))
        mean = np.array([float(m) for m in law.mean])
        z = generator.standard_normal((len(mean), size))
        function = compile_expression(sample.expr, list(law.variables), target="numpy")
        return np.sort(np.asarray(function(*(factor @ z + mean[:, None])), dtype=float))

    def compared(self, case: DrawnCase, law: ContinuousLaw, gathered: Gathered) -> Judgement:
        fit = goodness_of_fit(
            case.draws,
            _distribution(law),
            gathered.resolution,
            alpha=_ALPHA / len(gathered.cases),
            envelope=gathered.envelope,
            anytime=False,  # the number of draws was fixed before any
        )
        name = {str(s): str(v) for s, v in case.point.items()} | {"draws": str(fit.count)}
        text = f"largest distance {fit.distance:.2g} at {fit.place:.6g}, band {fit.band:.2g}"
        return Judgement(Verdict[fit.outcome.name], text, name, f"{fit.distance:.3g}", "0", len(gathered.cases))


def _distribution(law: ContinuousLaw) -> Any:
    """The stated distribution function of an array, constant outside the support."""
    function = compile_expression(law.cdf, [law.variable], target="numpy")
    low, high = (float(enclose(e, 17).mid()) if e.is_finite else float(e) for e in (law.lower, law.upper))

    def values(x: NDArray[np.float64]) -> NDArray[np.float64]:
        inside = np.asarray(function(np.clip(x, low, high)), dtype=float)
        return np.where(x <= low, 0.0, np.where(x >= high, 1.0, inside))

    return values


METHOD = _Empirical()

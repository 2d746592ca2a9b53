"""Method `spectrum`: eigenvalues of drawn Gaussian matrices against the stated distribution function.

Per matrix the share of eigenvalues below a point is one bounded draw; its mean has a bias of order 1/size, which the
envelope of the statement must cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.budget import Budget
from numerics.codegen import compile as compile_expression
from numerics.drawn_laws import DrawnCase, DrawnLaw, Gathered
from numerics.method import Judgement
from numerics.statistics import Accumulator, ConfidenceSequence, Outcome, advice, decide
from numerics.verdict import Verdict
from theory.claim import Claim
from theory.enclosure import enclose
from theory.laws import ContinuousLaw, GaussianSpectrum

__all__ = ["METHOD"]

_SIZE = {"quick": 64, "standard": 128, "deep": 512}
_MATRICES = 300
_MOST = 16 * _MATRICES
_QUANTILES = 12
_ALPHA = 1e-9


class _Spectrum(DrawnLaw):
    name = "spectrum"
    independent_of = "free probability: random matrices are drawn and diagonalised"
    kind = GaussianSpectrum

    def size(self, resolution: float, envelope: float, budget: Budget) -> int:
        """Rows of a matrix."""
        return _SIZE[budget.name]

    def drawn(self, sample: Any, size: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """The sorted eigenvalues of every matrix, one per row."""
        return np.array([_eigenvalues(sample, size, generator) for _ in range(_MATRICES)])

    def more(self, gathered: Gathered, claim: Claim | None, copies: Sequence[Claim]) -> bool:
        """As many matrices again, up to a limit."""
        if not gathered.cases or len(gathered.cases[0].draws) >= _MOST:
            return False
        for place, case in enumerate(gathered.cases):
            sample = gathered.sample.subs(case.point)
            further = [self.drawn(sample, gathered.size, case.generator) for _ in range(len(case.draws) // _MATRICES)]
            gathered.cases[place] = case._replace(draws=np.concatenate([case.draws, *further]))
        return True

    def compared(self, case: DrawnCase, law: ContinuousLaw, gathered: Gathered) -> Judgement:
        """Wrong or open at a place, or the place where measured and stated share differ most."""
        name = {str(s): str(v) for s, v in case.point.items()} | {"size": str(case.draws.shape[1])}
        # The points of the axis depend on the stated law, so every one has its own share of the level.
        sequence = ConfidenceSequence(alpha=_ALPHA / _QUANTILES / len(gathered.cases), target=float(_MATRICES))
        undecided, shown, worst = None, Judgement(Verdict.UNDECIDED, ""), -1.0
        for place, stated in _shares(law):
            interval = sequence.interval(Accumulator.of((case.draws <= place).mean(axis=1)))
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

"""Method `descent`: a least value is looked for by descent from random starts.

A value below the stated one refutes it; a stated value that no start reaches is left open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sympy import Expr

from numerics.budget import Budget
from numerics.method import Judgement
from numerics.points import mixed_points
from numerics.sides import at_point
from numerics.streams import stream
from numerics.verdict import Grade, Verdict
from theory.claim import Claim
from theory.claims import Identity
from theory.enclosure import enclose
from theory.errors import TheoryError
from theory.haar.convolutions import ConvolutionDefect, checked_sizes, kernel_positions
from theory.statement import Statement

__all__ = ["METHOD"]

_STARTS = 2
_MOST_STARTS = 32
_TOLERANCE = 1e-6


class _Case(NamedTuple):
    point: dict[Any, Any]
    sizes: tuple[int, int, int, int, int]
    generator: np.random.Generator
    least: float
    starts: int


class _Descent:
    name = "descent"
    grade = Grade.STATISTICAL
    independent_of = "the formula and the bounds of the rank: kernels are varied freely"

    def accepts(self, statement: Statement) -> bool:
        return _defect(statement.claim) is not None

    def gather(self, statement: Statement, budget: Budget, seed: int) -> list[_Case]:
        defect = _defect(statement.claim)
        assert defect is not None
        cases = []
        for point in mixed_points(statement, max(budget.points, statement.points), seed):
            sizes = checked_sizes(at_point(defect, point).args)
            generator = stream(f"{statement.identifier}|{sizes}", sizes[0], 0, seed)
            least = min(_descent(sizes, generator) for _ in range(_STARTS))
            cases.append(_Case(point, sizes, generator, least, _STARTS))
        return cases

    def more(self, gathered: list[_Case], claim: Claim | None, copies: Sequence[Claim]) -> bool:
        """As many starts again where none has reached the stated value."""
        stated = None if claim is None else claim.stated_side
        continued = False
        for place, case in enumerate(gathered) if stated is not None else ():
            try:
                claimed = float(enclose(at_point(stated, case.point), 17).mid())
            except TheoryError:
                return False
            if case.least > claimed + _TOLERANCE and case.starts < _MOST_STARTS:
                least = min(case.least, *(_descent(case.sizes, case.generator) for _ in range(case.starts)))
                gathered[place] = case._replace(least=least, starts=2 * case.starts)
                continued = True
        return continued

    def judge(self, claim: Claim, gathered: list[_Case]) -> Judgement:
        stated = claim.stated_side
        if stated is None or _defect(claim) is None:
            return Judgement(Verdict.UNDECIDED, "descent was run for another quantity")
        if not gathered:
            return Judgement(Verdict.VACUOUS, "no admissible point")
        found = Judgement(Verdict.UNDECIDED, "")
        missed = None
        for case in gathered:
            try:
                claimed = float(enclose(at_point(stated, case.point), 17).mid())
            except TheoryError as error:
                return Judgement(Verdict.UNDECIDED, str(error))
            name = {str(s): str(v) for s, v in case.point.items()}
            shown = f"{case.least:.8g}", f"{claimed:.10g}"
            if case.least < claimed - _TOLERANCE:
                return Judgement(Verdict.FAILS, "descent reaches less than the stated value", name, *shown, 1)
            if case.least > claimed + _TOLERANCE:
                missed = Judgement(Verdict.UNDECIDED, "no start reaches the stated value", name, *shown)
            found = Judgement(Verdict.HOLDS, "descent ends at the stated values", name, *shown, len(gathered))
        return missed or found


def _defect(claim: Claim) -> Expr | None:
    """The defect that an identity is about."""
    side = claim.lhs if isinstance(claim, Identity) else None
    return side if isinstance(side, ConvolutionDefect) else None


def _descent(sizes: tuple[int, int, int, int, int], generator: np.random.Generator) -> float:
    """The defect at the end of one descent over all kernels, recomputed from the matrix."""
    from scipy.optimize import minimize

    outputs, inputs, length, stride, positions = sizes
    places: np.ndarray = np.array(kernel_positions(sizes), dtype=np.intp)
    rows, columns = places[:, 0], places[:, 1]
    index = np.ravel_multi_index(tuple(places[:, 2:].T), (outputs, inputs, length))
    shape = outputs * positions, inputs * stride * positions

    def matrix(kernel: np.ndarray) -> np.ndarray:
        full = np.zeros(shape)
        np.add.at(full, (rows, columns), kernel[index])
        return full

    def value(kernel: np.ndarray) -> tuple[float, np.ndarray]:
        full = matrix(kernel)
        if shape[0] <= shape[1]:
            gap = full @ full.T - np.eye(shape[0])
            slope = 4 * gap @ full
        else:
            gap = full.T @ full - np.eye(shape[1])
            slope = 4 * full @ gap
        return float((gap**2).sum()), np.bincount(index, slope[rows, columns], minlength=len(kernel))

    start = generator.standard_normal(outputs * inputs * length) / np.sqrt(inputs * length)
    end = minimize(value, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9})
    return value(end.x)[0]


METHOD = _Descent()

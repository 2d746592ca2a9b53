r"""All layers of a plain network with closed duals, by programs over blocks of pairs.

The programs are used for variances at which they agree with balls: the mean square and that of the derivative to
$10^{-13}$ relative, the functions of a pair to $10^{-13}$ of $\sqrt{f(1; q_1, q_1) f(1; q_2, q_2)}$.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import sympy as sp
from flint import acb, arb
from numpy.typing import NDArray

from numerics.closed_duals import ClosedDuals
from numerics.layer_programs import COVARIANCE, Q1, Q2, RHO, LayerProgram, in_covariance, layer_program, pair_program
from numerics.loops.kernel_layers import input_layers, pair_rows
from numerics.row_threads import over_rows
from theory.balls import ball_function, workprec
from theory.errors import TheoryError, UnsupportedError
from theory.network import NetworkSpec

__all__ = ["ClosedLayers"]

Array = NDArray[np.float64]
_Q = sp.Symbol("q", positive=True)
_DECADES = [10.0**e for e in range(-6, 5)]
_CORRELATIONS = (-1 + 1e-7, -0.9, -0.3, 0.0, 0.2, 0.7, 0.99, 1 - 1e-7)
_TOLERANCE = 1e-13
_BITS = 300


class ClosedLayers:
    """Recursion of a network without skip and normalisation.

    Raises
    ------
    UnsupportedError
        for duals that are not elementary.
    """

    def __init__(self, net: NetworkSpec, duals: ClosedDuals) -> None:
        self.wanted = net.parameterization == "ntk" and duals.slope is not None
        functions = [duals.dual] + ([duals.slope] if self.wanted and duals.slope is not None else [])
        squares = [duals.square] + ([duals.slope_square] if self.wanted and duals.slope_square is not None else [])
        self.forms, self.squares = [f.form for f in functions], [f.form for f in squares]
        self.C_W, self.C_b = float(net.C_W), float(net.C_b)
        self.pairs, self.diagonal = pair_program(self.forms), layer_program(self.squares, [_Q])
        # Without a tangent kernel the dual stands in for the slope, which nobody reads.
        self.outputs = np.resize(self.pairs.whole.outputs, 2)
        self.squares_at = np.resize(self.diagonal.outputs, 2)

    @classmethod
    def of(cls, net: NetworkSpec, duals: ClosedDuals) -> ClosedLayers | None:
        """The layers, or None where a program cannot stand in for the duals."""
        try:
            found = cls(net, duals)
        except UnsupportedError:
            return None
        return found if found.range[0] <= found.range[1] else None

    def run(self, covariances: Array, depth: int) -> tuple[Array, Array | None] | None:
        """Layer `depth` from layer 1, whose covariances are overwritten; None where a variance leaves the range."""
        size = len(covariances)
        q, theta = np.empty((depth, size)), np.empty((depth, size))
        q[0] = theta[0] = covariances.diagonal()
        table = np.empty((depth - 1, len(self.pairs.exports), size))
        diagonal, whole = self.diagonal, self.pairs.whole
        coefficients = (self.C_W, self.C_b)
        left = input_layers(
            *(diagonal.code, diagonal.start, self.squares_at, self.pairs.single, whole.start, self.pairs.exports),
            *(*coefficients, *self.range, q, theta, table),
        )
        if left >= 0:
            return None
        tangents = np.empty((size, size)) if self.wanted else covariances
        program = (self.pairs.pair, whole.start, self.outputs, self.pairs.exports, table, q, theta)
        over_rows(
            lambda first, stride: pair_rows(*program, *coefficients, self.wanted, first, stride, covariances, tangents),
            size * size * (depth - 1) * len(self.pairs.pair),
        )
        return covariances, tangents if self.wanted else None

    @cached_property
    def range(self) -> tuple[float, float]:
        """Variances around one at which the programs agree with balls."""
        good = [self._agrees(q) for q in _DECADES]
        one = low = high = _DECADES.index(1.0)
        if not good[one]:
            return np.inf, 0.0
        while low > 0 and good[low - 1]:
            low -= 1
        while high + 1 < len(good) and good[high + 1]:
            high += 1
        return _DECADES[low], _DECADES[high]

    def _agrees(self, q: float) -> bool:
        with np.errstate(all="ignore"):
            return self._meets_balls(q)

    def _meets_balls(self, q: float) -> bool:
        columns = np.array([(r, a, b) for r in _CORRELATIONS for a, b in ((q, q), (q, 1.0), (q, 3 * q))]).T
        rho, first, second = columns
        singles = np.unique(columns[1:])
        try:
            with workprec(_BITS):
                scales = _agreeing(self.diagonal(singles), self.squares, [_Q], [singles], None)
                if scales is None:
                    return False
                place = [np.searchsorted(singles, values) for values in (first, second)]
                sizes = [np.sqrt(scale[place[0]] * scale[place[1]]) for scale in scales]
                cross = rho * np.sqrt(first * second)
                points = [cross, first, second]
                values = self.pairs.whole(*points)
                # The correlation as the program has it: rounding it is not an error of the map.
                if self.pairs.correlation is not None:
                    whole = self.pairs.whole
                    rho = LayerProgram(whole.code, whole.start, np.array([self.pairs.correlation]))(*points)[0]
                forms = [in_covariance(form) for form in self.forms]
                return _agreeing(values, forms, [RHO, COVARIANCE, Q1, Q2], [rho, *points], sizes) is not None
        except (TheoryError, TypeError, ValueError):
            return False


def _agreeing(
    values: Array, forms: list[sp.Expr], symbols: list[sp.Symbol], columns: list[Array], scales: list[Array] | None
) -> list[Array] | None:
    """The values, if they are within the tolerance of balls, relative to the scales or to themselves; else None."""
    for k, form in enumerate(forms):
        exact = ball_function(form, symbols)
        for j, point in enumerate(zip(*columns, strict=True)):
            value = float(values[k, j])
            size = abs(value) if scales is None else float(scales[k][j])
            ball = exact([acb(arb(float(v))) for v in point], False).real
            if not (np.isfinite(value) and bool(abs(ball - arb(value)) <= arb(_TOLERANCE * size))):
                return None
    return list(values)
